// What the load balancer speaks, without one.

package main

import (
	"testing"

	"slipway"
	"slipway/router"
)

func TestTheWholeRoutingIsOneDocument(t *testing.T) {
	routing := router.Routing{Shares: []router.Share{{
		Revision: "sha256:1a", Weight: 100,
		Backends: []router.Backend{{Instance: "shop-prod-1", Address: "10.0.0.7:8080"}},
	}}}
	for _, c := range []struct {
		routing  router.Routing
		expected string
	}{
		{routing, `{"host":"shop.example","shares":[{"revision":"sha256:1a","weight":100,` +
			`"backends":[{"instance":"shop-prod-1","address":"10.0.0.7:8080"}]}]}`},
		{router.Routing{}, `{"host":"shop.example","shares":[]}`},
	} {
		body, err := slipway.Encode(wantedOf("shop.example", c.routing))
		if err != nil || string(body) != c.expected {
			t.Errorf("%s, %v", body, err)
		}
	}
}

func TestRequestsUnderWayAreCountedForAnInstance(t *testing.T) {
	answer := slipway.Response{Body: []byte(`{"address": "shop.example:80", "flows": [
		{"revision": "sha256:1a", "instance": "a", "weight": 50, "in_flight": 2},
		{"revision": "sha256:1a", "instance": "b", "weight": 50, "in_flight": 3},
		{"revision": "sha256:1a", "instance": "a", "weight": 50, "in_flight": 1}
	]}`)}
	var found route
	if err := answer.JSON(&found); err != nil {
		t.Fatal(err)
	}
	if found.inFlight("a") != 3 || found.inFlight("c") != 0 {
		t.Error(found.inFlight("a"), found.inFlight("c"))
	}
	if told := found.told(); told.Address != "shop.example:80" || len(told.Flows) != 3 {
		t.Errorf("%+v", told)
	}
}
