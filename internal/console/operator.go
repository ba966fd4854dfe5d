package console

var operatorRoutes = []route{}
