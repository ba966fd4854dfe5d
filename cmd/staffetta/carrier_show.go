package main

import (
	"fmt"
	"io"

	"github.com/staffetta/staffetta/internal/admin"
)

type carrierShow struct {
	carrierName
	output
}

func (carrierShow) Help() string {
	return `Shows every setting, and which of them are not as usual, and the routes that lead to it. The password is not shown.

Example:

    staffetta carrier show north`
}

func (c carrierShow) Run(t *terminal) error {
	detail, err := ask(t, existing, admin.ShowCarrier, admin.CarrierName{Name: c.Name})
	if err != nil {
		return err
	}
	return c.print(t, detail, func(w io.Writer) {
		fmt.Fprintf(w, "name\t%s\t\nstate\t%s\t\naddress\t%s\t\ndefault\t%v\t\n", detail.Name, stateOf(detail.Carrier), addressOf(detail.Kind, detail.Address), detail.Default)
		fmt.Fprintf(w, "lately\t%s\t\n", figuresOf(detail.Figures))
		for _, p := range detail.Parameters {
			mark := ""
			if p.Value != p.Usual {
				mark = "usually " + p.Usual
			}
			fmt.Fprintf(w, "%s\t%s\t%s\n", p.Key, p.Value, mark)
		}
		for _, r := range detail.Routes {
			fmt.Fprintf(w, "route\t%d\t\n", r.ID)
		}
	})
}
