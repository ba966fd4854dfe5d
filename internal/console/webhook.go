package console

var webhookRoutes = []route{}
