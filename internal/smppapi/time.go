package smppapi

import "time"

// timeLength is the octets of a time. SMPP 3.4 §7.1.1.
const timeLength = 16

// parseTime reads YYMMDDhhmmsstnnp: absolute, with the distance of the clock from UTC in quarters of an hour before + or -;
// or relative to now, before R. Zero for an empty one; false for what is no time.
func parseTime(text string, now time.Time) (time.Time, bool) {
	if text == "" {
		return time.Time{}, true
	}
	if len(text) != timeLength {
		return time.Time{}, false
	}
	var pair [6]int
	for i := range pair {
		n, ok := twoDigits(text[2*i:])
		if !ok {
			return time.Time{}, false
		}
		pair[i] = n
	}
	quarters, ok := twoDigits(text[13:])
	tenth := int(text[12]) - '0'
	if !ok || tenth < 0 || tenth > 9 {
		return time.Time{}, false
	}
	switch text[15] {
	case 'R':
		return relative(pair, now), true
	case '-':
		quarters = -quarters
	case '+':
	default:
		return time.Time{}, false
	}
	return absolute(pair, tenth, quarters)
}

func twoDigits(text string) (int, bool) {
	tens, ones := text[0]-'0', text[1]-'0'
	return 10*int(tens) + int(ones), tens <= 9 && ones <= 9
}

func relative(pair [6]int, now time.Time) time.Time {
	later := now.UTC().AddDate(pair[0], pair[1], pair[2])
	return later.Add(time.Duration(pair[3])*time.Hour + time.Duration(pair[4])*time.Minute + time.Duration(pair[5])*time.Second)
}

// absolute answers the moment; false for a day or an hour that there is not.
func absolute(pair [6]int, tenth, quarters int) (time.Time, bool) {
	if quarters < -48 || quarters > 56 { // from UTC-12 to UTC+14
		return time.Time{}, false
	}
	at := time.Date(2000+pair[0], time.Month(pair[1]), pair[2], pair[3], pair[4], pair[5], tenth*int(100*time.Millisecond), time.UTC)
	// A date that there is not would have become another one.
	if at.Month() != time.Month(pair[1]) || at.Day() != pair[2] || at.Hour() != pair[3] || at.Minute() != pair[4] || at.Second() != pair[5] {
		return time.Time{}, false
	}
	return at.Add(-time.Duration(quarters) * 15 * time.Minute), true
}

// formatTime writes an absolute time in UTC; empty for none.
func formatTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("060102150405") + "000+"
}
