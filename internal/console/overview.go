package console

var overviewRoutes = []route{}
