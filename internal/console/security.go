package console

var securityRoutes = []route{}
