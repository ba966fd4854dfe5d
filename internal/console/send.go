package console

var sendRoutes = []route{}
