package console

var keysRoutes = []route{}
