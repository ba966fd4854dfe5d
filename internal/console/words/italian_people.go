package words

var italianPeople = map[string]string{}
