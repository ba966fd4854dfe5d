package words

var italianWebhook = map[string]string{}
