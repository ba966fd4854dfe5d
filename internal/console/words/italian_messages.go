package words

var italianMessages = map[string]string{}
