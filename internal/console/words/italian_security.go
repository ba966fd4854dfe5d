package words

var italianSecurity = map[string]string{}
