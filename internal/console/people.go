package console

var peopleRoutes = []route{}
