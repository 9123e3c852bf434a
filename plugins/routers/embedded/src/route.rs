//! A routing becomes the document that the agent is given. Pure.

use serde::Serialize;
use slipway_sdk::{Failure, Routing};

use crate::settings::{Settings, Sticky, Timeouts};

/// The body of `PUT /v1/routes/{name}`. What is left out has the agent's default.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Route {
    listen: String,
    backends: Vec<Backend>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sticky: Option<Sticky>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retries: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preview: Option<Preview>,
    expose: bool,
    trust_forwarded: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeouts: Option<Timeouts>,
}

#[derive(Debug, Serialize)]
struct Backend {
    revision: String,
    weight: u32,
    instances: Vec<Instance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<Baseline>,
}

#[derive(Debug, Serialize)]
struct Baseline {
    weight: u32,
    instances: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Instance {
    name: String,
    address: String,
}

#[derive(Debug, Serialize)]
struct Preview {
    listen: String,
    revision: String,
}

impl Route {
    pub(crate) fn of(settings: Settings, routing: Routing) -> Result<Self, Failure> {
        let preview = routing.preview.map(|revision| {
            if routing.shares.iter().all(|share| share.revision != revision) {
                return Err(Failure::invalid(format!(
                    "revision {revision} cannot be shown: it is not in the routing"
                )));
            }
            let listen = settings
                .preview
                .clone()
                .unwrap_or_else(|| free_port(&settings.listen));
            Ok(Preview { listen, revision })
        });
        let backends = routing.shares.into_iter().map(|share| Backend {
            revision: share.revision,
            weight: share.weight,
            instances: (share.backends.into_iter())
                .map(|backend| Instance {
                    name: backend.instance,
                    address: backend.address,
                })
                .collect(),
            baseline: share.baseline.map(|baseline| Baseline {
                weight: baseline.weight,
                instances: baseline.instances,
            }),
        });
        Ok(Self {
            backends: backends.collect(),
            preview: preview.transpose()?,
            listen: settings.listen,
            sticky: settings.sticky,
            retries: settings.retries,
            expose: settings.expose,
            trust_forwarded: settings.trust_forwarded,
            timeouts: settings.timeouts,
        })
    }
}

fn free_port(listen: &str) -> String {
    let host = listen.rsplit_once(':').map_or(listen, |(host, _)| host);
    format!("{host}:0")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use slipway_sdk::{Backend, Share};

    use super::*;

    fn share(revision: &str, weight: u32) -> Share {
        let backend = Backend {
            instance: format!("i-{revision}"),
            address: "127.0.0.1:4000".to_owned(),
        };
        Share {
            revision: revision.to_owned(),
            weight,
            backends: vec![backend],
            baseline: None,
        }
    }

    fn route(settings: Value, shares: Vec<Share>, preview: Option<&str>) -> Result<Value, String> {
        let settings = serde_json::from_value(settings).unwrap();
        let routing = Routing {
            shares,
            preview: preview.map(str::to_owned),
        };
        let route = Route::of(settings, routing).map_err(|failure| failure.message)?;
        Ok(serde_json::to_value(route).unwrap())
    }

    #[test]
    fn weights_and_instances_are_handed_on_in_order() {
        let expected = json!({
            "listen": "127.0.0.1:8080",
            "backends": [
                { "revision": "b", "weight": 95, "instances": [{ "name": "i-b", "address": "127.0.0.1:4000" }] },
                { "revision": "a", "weight": 5, "instances": [{ "name": "i-a", "address": "127.0.0.1:4000" }] }
            ],
            "expose": false,
            "trust-forwarded": false
        });
        let shares = vec![share("b", 95), share("a", 5)];
        assert_eq!(
            route(json!({ "listen": "127.0.0.1:8080" }), shares, None),
            Ok(expected)
        );
    }

    #[test]
    fn a_baseline_is_part_of_its_share() {
        let mut share = share("b", 95);
        share.baseline = Some(slipway_sdk::Baseline {
            weight: 5,
            instances: vec!["i-b".to_owned()],
        });
        let route = route(json!({ "listen": "127.0.0.1:8080" }), vec![share], None).unwrap();
        let expected = json!({ "weight": 5, "instances": ["i-b"] });
        assert_eq!(route["backends"][0]["baseline"], expected);
    }

    #[test]
    fn a_preview_has_an_address_of_its_own() {
        let listen = |settings, preview| {
            route(settings, vec![share("a", 0)], Some(preview)).map(|r| r["preview"].clone())
        };
        let plain = json!({ "listen": "[::1]:80" });
        assert_eq!(
            listen(plain.clone(), "a"),
            Ok(json!({ "listen": "[::1]:0", "revision": "a" }))
        );
        let named = json!({ "listen": "127.0.0.1:80", "preview": "127.0.0.1:81" });
        assert_eq!(
            listen(named, "a"),
            Ok(json!({ "listen": "127.0.0.1:81", "revision": "a" }))
        );
        assert_eq!(
            listen(plain, "b"),
            Err("revision b cannot be shown: it is not in the routing".to_owned())
        );
    }

    #[test]
    fn settings_are_handed_on() {
        let said = json!({
            "listen": "127.0.0.1:80", "sticky": { "cookie": "c", "max-age": "1h" }, "retries": 5, "expose": true,
            "trust-forwarded": true, "timeouts": { "connect": "1s" }
        });
        let found = route(said.clone(), Vec::new(), None).unwrap();
        for (key, value) in said.as_object().unwrap() {
            assert_eq!(found[key], *value, "{key}");
        }
    }
}
