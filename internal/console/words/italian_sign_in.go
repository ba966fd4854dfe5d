package words

var italianSignIn = map[string]string{}
