//! Every verb that Slipway calls. Each request is recorded: a call that was interrupted is made again, and what it had done
//! already is answered from the record.

use serde::Deserialize;
use slipway_sdk::{
    About, Failure, LogChunk, ObservedRoute, Place, Router, RouterAbilities, Routing,
    http::{Endpoint, escape},
};

use crate::api;

/// Known by the setting that names it.
const API: Endpoint = Endpoint("api");
const REMOVE_MS: u32 = 30_000;

struct Plugin;

/// What `deploy.toml` says in `router = { .. }`; its schema is in `settings.schema.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Read by Slipway, which gives the endpoint of that name.
    #[expect(dead_code, reason = "it is for the host")]
    pub(crate) api: String,
    /// The port of an instance that users are sent to, by its name.
    #[serde(default = "http")]
    port: String,
    /// Where users come in.
    host: String,
}

impl Router for Plugin {
    const ABOUT: About = About {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        summary: "Sends users to revisions by weight, on a load balancer with an HTTP API.",
        settings_schema: include_str!("settings.schema.json"),
    };
    const NEEDS: &'static [&'static str] = &["endpoint of api"];
    type Settings = Settings;

    fn abilities(_settings: Settings) -> Result<RouterAbilities, Failure> {
        Ok(RouterAbilities {
            weights: true,
            preview: false,
            baseline: false,
        })
    }

    fn port(settings: Settings) -> Result<String, Failure> {
        Ok(settings.port)
    }

    fn observe(place: Place<Settings>) -> Result<ObservedRoute, Failure> {
        let found: Option<api::Found> = API.find_json(&path(&place))?;
        Ok(found.unwrap_or_default().into())
    }

    /// All of it in one request: users never see half of a change.
    fn route(place: Place<Settings>, routing: Routing) -> Result<(), Failure> {
        let path = path(&place);
        let wanted = api::Wanted::of(place.settings.host, routing);
        API.put_json(&path, &wanted).map(drop)
    }

    fn drain(place: Place<Settings>, instance: &str) -> Result<u64, Failure> {
        let found: Option<api::Found> = API.find_json(&path(&place))?;
        Ok(found.unwrap_or_default().in_flight(instance))
    }

    fn logs(place: Place<Settings>, cursor: &str) -> Result<LogChunk, Failure> {
        let from = if cursor.is_empty() { "0" } else { cursor };
        let log = API.get(&format!("{}/log?from={}", path(&place), escape(from)))?;
        Ok(LogChunk {
            next: log.header("next-offset").unwrap_or(from).to_owned(),
            end: log.body.is_empty(),
            content: log.body,
        })
    }

    fn metrics(place: Place<Settings>) -> Result<String, Failure> {
        let metrics = API.get(&format!("{}/metrics", path(&place)))?;
        String::from_utf8(metrics.body).map_err(|_| Failure::failed("the metrics are not text"))
    }

    fn remove(place: Place<Settings>) -> Result<(), Failure> {
        API.remove(&path(&place), REMOVE_MS)
    }
}

slipway_sdk::export_router!(Plugin);

fn path(place: &Place<Settings>) -> String {
    let name = format!("{}-{}", place.service, place.environment);
    format!("/v1/routes/{}", escape(&name))
}

fn http() -> String {
    "http".to_owned()
}
