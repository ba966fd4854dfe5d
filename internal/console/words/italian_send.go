package words

var italianSend = map[string]string{}
