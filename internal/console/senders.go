package console

var senderRoutes = []route{}
