package console

var messagesRoutes = []route{}
