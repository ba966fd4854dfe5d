package console

var optOutRoutes = []route{}
