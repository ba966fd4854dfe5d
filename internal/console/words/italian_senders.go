package words

var italianSenders = map[string]string{}
