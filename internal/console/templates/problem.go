package templates

func (v ProblemView) title(f *Frame) string {
	switch v.Status {
	case 403:
		return f.T("Not permitted")
	case 404:
		return f.T("Not found")
	case 409, 422, 413:
		return f.T("That does not fit")
	case 429:
		return f.T("Too many attempts")
	case 503:
		return f.T("Not now")
	}
	return f.T("Something went wrong")
}
