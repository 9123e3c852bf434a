//! What the load balancer speaks. Change this to what yours does.

use serde::{Deserialize, Serialize};
use slipway_sdk::{Flow, ObservedRoute, Routing};

/// `PUT /v1/routes/NAME`
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Wanted {
    host: String,
    shares: Vec<Share>,
}

#[derive(Debug, PartialEq, Serialize)]
struct Share {
    revision: String,
    weight: u32,
    backends: Vec<Backend>,
}

#[derive(Debug, PartialEq, Serialize)]
struct Backend {
    instance: String,
    address: String,
}

/// `GET /v1/routes/NAME`
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Found {
    address: Option<String>,
    flows: Vec<FoundFlow>,
}

#[derive(Debug, Deserialize)]
struct FoundFlow {
    revision: String,
    instance: String,
    weight: u32,
    in_flight: u64,
}

impl Wanted {
    pub(crate) fn of(host: String, routing: Routing) -> Self {
        let shares = routing.shares.into_iter().map(|share| {
            let backends = share.backends.into_iter().map(|backend| Backend {
                instance: backend.instance,
                address: backend.address,
            });
            Share {
                revision: share.revision,
                weight: share.weight,
                backends: backends.collect(),
            }
        });
        Self {
            host,
            shares: shares.collect(),
        }
    }
}

impl Found {
    pub(crate) fn in_flight(&self, instance: &str) -> u64 {
        let flows = self.flows.iter().filter(|flow| flow.instance == instance);
        flows.map(|flow| flow.in_flight).sum()
    }
}

impl From<Found> for ObservedRoute {
    fn from(found: Found) -> Self {
        let flows = found.flows.into_iter().map(|flow| Flow {
            revision: flow.revision,
            instance: flow.instance,
            weight: flow.weight,
            in_flight: flow.in_flight,
        });
        Self {
            address: found.address,
            preview_address: None,
            flows: flows.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use slipway_sdk::{Backend, Share};

    use super::*;

    #[test]
    fn the_whole_routing_is_one_document() {
        let backend = Backend {
            instance: "shop-prod-1".to_owned(),
            address: "10.0.0.7:8080".to_owned(),
        };
        let share = Share {
            revision: "sha256:1a".to_owned(),
            weight: 100,
            backends: vec![backend],
            baseline: None,
        };
        let routing = Routing {
            shares: vec![share],
            preview: None,
        };
        let expected = json!({ "host": "shop.example", "shares": [{
            "revision": "sha256:1a", "weight": 100,
            "backends": [{ "instance": "shop-prod-1", "address": "10.0.0.7:8080" }],
        }] });
        let wanted = Wanted::of("shop.example".to_owned(), routing);
        assert_eq!(serde_json::to_value(wanted).unwrap(), expected);
    }

    #[test]
    fn requests_under_way_are_counted_for_an_instance() {
        let flow = |instance, in_flight| json!({ "revision": "sha256:1a", "instance": instance, "weight": 50, "in_flight": in_flight });
        let found =
            json!({ "address": "shop.example:80", "flows": [flow("a", 2), flow("b", 3), flow("a", 1)] });
        let found: Found = serde_json::from_value(found).unwrap();
        assert_eq!((found.in_flight("a"), found.in_flight("c")), (3, 0));
        assert_eq!(ObservedRoute::from(found).flows.len(), 3);
    }
}
