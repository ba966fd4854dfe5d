package console

var meRoutes = []route{}
