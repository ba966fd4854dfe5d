package words

var italianOverview = map[string]string{}
