// Functions that ask what time it is.

package templates

import (
	"text/template"
	"time"

	"github.com/Masterminds/sprig/v3"
	// Zones by name are the same wherever this runs.
	_ "time/tzdata"
)

// clock has the functions that ask what time it is: `now`, and those that take now where they are given no time.
func clock(now *time.Time) template.FuncMap {
	own := sprig.TxtFuncMap()
	date := own["dateInZone"].(func(string, any, string) string)
	round := own["durationRound"].(func(any) string)
	ask := func(name string) (time.Time, error) {
		if now == nil {
			return time.Time{}, refuse(name, askTime)
		}
		return *now, nil
	}
	inZone := func(name, layout string, when any, zone string) (string, error) {
		switch when.(type) {
		case time.Time, *time.Time, int64, int, int32:
			return date(layout, when, zone), nil
		}
		asked, err := ask(name)
		if err != nil {
			return "", err
		}
		return date(layout, asked, zone), nil
	}
	dateInZone := func(name string) func(string, any, string) (string, error) {
		return func(layout string, when any, zone string) (string, error) { return inZone(name, layout, when, zone) }
	}
	const day = "2006-01-02"
	return template.FuncMap{
		"now": func() (time.Time, error) { return ask("now") },
		"ago": func(when any) (string, error) {
			asked, err := ask("ago")
			if err != nil {
				return "", err
			}
			then := asked
			switch when := when.(type) {
			case time.Time:
				then = when
			case int64:
				then = time.Unix(when, 0)
			case int:
				then = time.Unix(int64(when), 0)
			}
			return asked.Sub(then).Round(time.Second).String(), nil
		},
		"date":           func(layout string, when any) (string, error) { return inZone("date", layout, when, "UTC") },
		"dateInZone":     dateInZone("dateInZone"),
		"date_in_zone":   dateInZone("date_in_zone"),
		"htmlDate":       func(when any) (string, error) { return inZone("htmlDate", day, when, "UTC") },
		"htmlDateInZone": func(when any, zone string) (string, error) { return inZone("htmlDateInZone", day, when, zone) },
		"durationRound": func(span any) (string, error) {
			since, isTime := span.(time.Time)
			if !isTime {
				return round(span), nil
			}
			asked, err := ask("durationRound")
			if err != nil {
				return "", err
			}
			return round(int64(asked.Sub(since))), nil
		},
	}
}
