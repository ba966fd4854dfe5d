package config

import "strings"

// didYouMean names the known word that is nearest to a wrong one; nothing when none is near.
func didYouMean(wrong string, known []string) string {
	best, distance := "", max(len(wrong)/3, 1)+1
	for _, word := range known {
		if d := between(strings.ToLower(wrong), strings.ToLower(word)); d < distance {
			best, distance = word, d
		}
	}
	if best == "" {
		return "; known are " + strings.Join(known, ", ")
	}
	return "; did you mean " + best + "?"
}

// between is the Levenshtein distance of two words; a word that lacks only the other's first section ("listen" for
// "http.listen") is one step away.
func between(a, b string) int {
	if _, last, ok := strings.Cut(b, "."); ok && a == last {
		return 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
