package console

import (
	"net/http"
	"slices"
)

// route is one method of one path.
type route struct {
	method string
	path   string // pattern of http.ServeMux
	needs  action
	serve  func(*Console, http.ResponseWriter, *http.Request, *page) error
}

// routes is every path of the console, page by page; each page's file has its own.
var routes = slices.Concat(
	signInRoutes,
	welcomeRoutes,
	meRoutes,
	peopleRoutes,
	overviewRoutes,
	messagesRoutes,
	sendRoutes,
	keysRoutes,
	securityRoutes,
	webhookRoutes,
	optOutRoutes,
	senderRoutes,
	operatorRoutes,
)

// Pages is the pattern of every path that answers GET, for proofs that look at them all.
func Pages() (paths []string) {
	for _, r := range routes {
		if r.method == http.MethodGet {
			paths = append(paths, r.path)
		}
	}
	return paths
}
