package main

// ratio is how two measured rates compare.
type ratio struct {
	Row   string  `json:"row"`
	Of    string  `json:"of"` // a gateway, …
	To    string  `json:"to"` // … and the one, or the row, that it is compared with
	Value float64 `json:"value"`
}

// ratiosOf compares the gateways in each row where they decide the rate, and rows that say so with another row of the
// same gateway.
func ratiosOf(results []result) (ratios []ratio) {
	add := func(a, b result, to string) {
		if a.Offered == 0 && b.Rate > 0 {
			ratios = append(ratios, ratio{Row: a.Name, Of: titleOf(a.Gateway), To: to, Value: a.Rate / b.Rate})
		}
	}
	for _, a := range results {
		for _, b := range results {
			switch {
			case a.Name == b.Name && compared(a.Gateway, b.Gateway):
				add(a, b, titleOf(b.Gateway))
			case a.Gateway == b.Gateway && a.Than == b.Name:
				add(a, b, b.Name)
			}
		}
	}
	return ratios
}

// compared reports whether gateway a is set against b: ours against Kannel, and PostgreSQL against SQLite.
func compared(a, b string) bool {
	return a != "kannel" && b == "kannel" || a == "postgres" && b == "staffetta"
}
