package words

var italianMe = map[string]string{}
