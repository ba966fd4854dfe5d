package console

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/console/templates"
)

// queueRoutes are the pages of what waits, and of the servers.
var queueRoutes = []route{
	{http.MethodGet, "/operator/queue", operate, (*Console).queue},
	{http.MethodGet, "/operator/nodes", operate, (*Console).nodes},
}

func (c *Console) queue(w http.ResponseWriter, _ *http.Request, p *page) error {
	found, err := ask(p, admin.ShowQueue, admin.Nothing{})
	if err != nil {
		return err
	}
	v := templates.QueueView{More: found.More, Scheduled: templates.HeldView(found.Scheduled), Again: templates.HeldView(found.Again)}
	at := map[string]int{}
	for _, l := range found.Lanes {
		i, known := at[l.Carrier]
		if !known {
			i = len(v.Carriers)
			at[l.Carrier] = i
			v.Carriers = append(v.Carriers, templates.QueueCarrier{Name: l.Carrier})
		}
		one := &v.Carriers[i]
		one.Lanes = append(one.Lanes, templates.QueueLane{Account: l.Account, Priority: l.Priority, Messages: l.Messages, More: l.More, Oldest: l.Oldest})
		one.Messages, one.More = one.Messages+l.Messages, one.More || l.More
		v.Messages, v.SomeMore = v.Messages+l.Messages, v.SomeMore || l.More
		if v.Oldest.IsZero() || l.Oldest.Before(v.Oldest) {
			v.Oldest = l.Oldest
		}
	}
	for i := range v.Carriers {
		slices.SortStableFunc(v.Carriers[i].Lanes, func(a, b templates.QueueLane) int { return cmp.Compare(b.Messages, a.Messages) })
	}
	return p.render(w, http.StatusOK, templates.Queue(p.frame, v))
}

func (c *Console) nodes(w http.ResponseWriter, _ *http.Request, p *page) error {
	found, err := ask(p, admin.ListNodes, admin.Nothing{})
	if err != nil {
		return err
	}
	v := templates.NodesView{}
	for _, n := range found {
		v.Nodes = append(v.Nodes, templates.NodeLine(n))
	}
	return p.render(w, http.StatusOK, templates.Nodes(p.frame, v))
}
