// A check: asks a service with an HTTP API whether a revision is well. Only reads.
//
// The setting `api` names an endpoint of the operator's, who holds its address and its credential: neither is ever seen here.
package main

import (
	_ "embed"
	"fmt"
	"strconv"

	"slipway"
	"slipway/check"
)

func init() {
	check.Export(plugin{})
}

// main is not run: Slipway calls the verbs.
func main() {}

// api is known by the setting that names it.
const api = slipway.Endpoint("api")

//go:embed settings.schema.json
var schema string

// settings are what deploy.toml says in `plugin = { .. }`; their schema is in settings.schema.json.
type settings struct {
	// API is read by Slipway, which gives the endpoint of that name.
	API string `json:"api"`
	// AtLeast is the least score that is good enough, of 100.
	AtLeast float64 `json:"at_least"`
}

// scores are the answer to `GET /v1/scores?service=..&environment=..&revision=..`.
type scores struct {
	Scores []score `json:"scores"`
}

type score struct {
	Of    string  `json:"of"`
	Score float64 `json:"score"`
}

// plugin is the check.
type plugin struct{}

func (plugin) Describe() check.Description {
	return check.Description{
		Name:    "{name}",
		Version: "0.1.0",
		Summary: "Asks a service with an HTTP API for the scores of a revision.",
		Schema:  schema,
		Needs:   []string{"endpoint of api"},
	}
}

func (plugin) Check(settings settings, subject check.Subject) (check.Finding, error) {
	path := fmt.Sprintf("/v1/scores?service=%s&environment=%s&revision=%s",
		slipway.Escape(subject.Service), slipway.Escape(subject.Environment), slipway.Escape(subject.Revision))
	var answer scores
	if err := api.GetJSON(path, &answer); err != nil {
		return check.Finding{}, err
	}
	return judge(answer.Scores, settings), nil
}

// judge is pure, so that it can be tested. Where nothing was scored there is nothing to say, and that is never a pass.
func judge(scores []score, settings settings) check.Finding {
	var finding check.Finding
	for _, one := range scores {
		finding.Values = append(finding.Values, one.Score)
		if one.Score < settings.AtLeast {
			finding.Evidence = append(finding.Evidence, one.Of+": "+number(one.Score))
		}
	}
	all, bad := len(scores), len(finding.Evidence)
	switch {
	case all == 0:
		finding.Outcome, finding.Message = check.Inconclusive, "nothing was scored yet"
	case bad == 0:
		finding.Outcome = check.Passed
		finding.Message = fmt.Sprintf("all %d scores are at least %s", all, number(settings.AtLeast))
	default:
		finding.Outcome = check.Failed
		finding.Message = fmt.Sprintf("%d of %d scores are below %s", bad, all, number(settings.AtLeast))
	}
	return finding
}

// number as people write it.
func number(value float64) string {
	return strconv.FormatFloat(value, 'f', -1, 64)
}
