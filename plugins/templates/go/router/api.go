// What the load balancer speaks. Change this to what yours does.

package main

import "slipway/router"

// wanted is the body of `PUT /v1/routes/NAME`.
type wanted struct {
	Host   string  `json:"host"`
	Shares []share `json:"shares"`
}

type share struct {
	Revision string    `json:"revision"`
	Weight   uint32    `json:"weight"`
	Backends []backend `json:"backends"`
}

type backend struct {
	Instance string `json:"instance"`
	Address  string `json:"address"`
}

// route is the answer to `GET /v1/routes/NAME`.
type route struct {
	Address string `json:"address,omitempty"`
	Flows   []flow `json:"flows"`
}

type flow struct {
	Revision string `json:"revision"`
	Instance string `json:"instance"`
	Weight   uint32 `json:"weight"`
	InFlight uint64 `json:"in_flight"`
}

// wantedOf is the whole routing. Where there are none, its lists are empty and not null.
func wantedOf(host string, routing router.Routing) wanted {
	wanted := wanted{Host: host, Shares: []share{}}
	for _, given := range routing.Shares {
		share := share{Revision: given.Revision, Weight: given.Weight, Backends: []backend{}}
		for _, given := range given.Backends {
			share.Backends = append(share.Backends, backend(given))
		}
		wanted.Shares = append(wanted.Shares, share)
	}
	return wanted
}

func (r route) inFlight(instance string) uint64 {
	var sum uint64
	for _, flow := range r.Flows {
		if flow.Instance == instance {
			sum += flow.InFlight
		}
	}
	return sum
}

// told is the route in the words of the contract.
func (r route) told() router.Observed {
	told := router.Observed{Address: r.Address}
	for _, found := range r.Flows {
		told.Flows = append(told.Flows, router.Flow(found))
	}
	return told
}
