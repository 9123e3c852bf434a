//! What the agent says of a route, as far as it matters here, in the contract's words.

use serde::Deserialize;
use slipway_sdk::{Flow, ObservedRoute};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Status {
    address: String,
    preview_address: Option<String>,
    revisions: Vec<Revision>,
}

#[derive(Debug, Deserialize)]
struct Revision {
    revision: String,
    weight: u32,
    instances: Vec<Instance>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Instance {
    name: String,
    in_flight: u64,
    draining: bool,
}

impl Status {
    /// Requests that are under way at instances of a name.
    pub(crate) fn in_flight(&self, name: &str) -> u64 {
        let instances = self.revisions.iter().flat_map(|revision| &revision.instances);
        instances
            .filter(|instance| instance.name == name)
            .map(|instance| instance.in_flight)
            .sum()
    }
}

impl From<Status> for ObservedRoute {
    fn from(status: Status) -> Self {
        let flow = |revision: Revision| {
            (revision.instances.into_iter()).map(move |instance| Flow {
                revision: revision.revision.clone(),
                instance: instance.name,
                weight: if instance.draining { 0 } else { revision.weight },
                in_flight: instance.in_flight,
            })
        };
        Self {
            address: Some(status.address),
            preview_address: status.preview_address,
            flows: status.revisions.into_iter().flat_map(flow).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_drains_has_no_weight_and_is_still_counted() {
        let instance = |name: &str, in_flight: u64, draining: bool| json!({ "name": name, "address": "127.0.0.1:1", "in-flight": in_flight, "draining": draining, "unreachable": false });
        let status = json!({
            "name": "shop-prod", "spec": {}, "address": "127.0.0.1:8080", "preview-address": null,
            "revisions": [
                { "revision": "a", "weight": 0, "in-flight": 2, "instances": [instance("a-1", 2, true)] },
                { "revision": "b", "weight": 9, "in-flight": 3, "instances": [instance("b-1", 3, false), instance("b-2", 0, true)] }
            ]
        });
        let status: Status = serde_json::from_value(status).unwrap();
        assert_eq!(
            [
                status.in_flight("a-1"),
                status.in_flight("b-1"),
                status.in_flight("gone")
            ],
            [2, 3, 0]
        );
        let observed = ObservedRoute::from(status);
        let flows: Vec<_> = observed
            .flows
            .iter()
            .map(|f| (f.instance.as_str(), f.weight, f.in_flight))
            .collect();
        assert_eq!(flows, [("a-1", 0, 2), ("b-1", 9, 3), ("b-2", 0, 0)]);
        assert_eq!(observed.address.as_deref(), Some("127.0.0.1:8080"));
    }
}
