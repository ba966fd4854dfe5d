package words

var italianOptOuts = map[string]string{}
