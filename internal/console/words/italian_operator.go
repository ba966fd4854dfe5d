package words

var italianOperator = map[string]string{}
