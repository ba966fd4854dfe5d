package words

var italianKeys = map[string]string{}
