//! The verbs of the contract, and the only place that calls the host.

use slipway_sdk::{
    About, Failure, LogChunk, ObservedRoute, Place, Router, RouterAbilities, Routing,
    http::{Endpoint, escape},
};

use crate::{route::Route, settings::Settings, status::Status};

const AGENT: Endpoint = Endpoint("agent");
const REMOVE_MS: u32 = 30_000;
/// Less than the host lets through, because it is kept in the journal.
const LOG_BYTES: usize = 256 << 10;

pub(crate) struct Embedded;

impl Router for Embedded {
    const ABOUT: About = About {
        name: "embedded",
        version: env!("CARGO_PKG_VERSION"),
        summary: "The router inside `slipway agent`: HTTP/1.1, HTTP/2 and websockets, with weights.",
        settings_schema: include_str!("settings.schema.json"),
    };
    const NEEDS: &'static [&'static str] = &["endpoint agent"];
    type Settings = Settings;

    fn abilities(_settings: Settings) -> Result<RouterAbilities, Failure> {
        Ok(RouterAbilities {
            weights: true,
            preview: true,
            baseline: true,
        })
    }

    fn port(settings: Settings) -> Result<String, Failure> {
        Ok(settings.port)
    }

    fn observe(place: Place<Settings>) -> Result<ObservedRoute, Failure> {
        let none = ObservedRoute {
            address: None,
            preview_address: None,
            flows: Vec::new(),
        };
        Ok(status(&place)?.map_or(none, ObservedRoute::from))
    }

    fn route(place: Place<Settings>, routing: Routing) -> Result<(), Failure> {
        let path = path(&place);
        AGENT
            .put_json(&path, &Route::of(place.settings, routing)?)
            .map(drop)
    }

    fn drain(place: Place<Settings>, instance: &str) -> Result<u64, Failure> {
        Ok(status(&place)?.map_or(0, |status| status.in_flight(instance)))
    }

    fn logs(place: Place<Settings>, cursor: &str) -> Result<LogChunk, Failure> {
        // The agent answers from no further than its end.
        let last = u64::MAX.to_string();
        let from = match cursor {
            "" => "0",
            "end" => &last,
            cursor => cursor,
        };
        let response = AGENT.get(&format!(
            "{}/access-log?from={}&limit={LOG_BYTES}",
            path(&place),
            escape(from)
        ))?;
        let next = response.header("slipway-next-offset").unwrap_or(from).to_owned();
        Ok(LogChunk {
            // The length of what has come says less: secrets are taken out on the way.
            end: match response.header("slipway-log-end") {
                Some(end) => end == "true",
                // By an agent that was there before.
                None => response.body.len() < LOG_BYTES,
            },
            content: response.body,
            next,
        })
    }

    fn metrics(place: Place<Settings>) -> Result<String, Failure> {
        let response = AGENT.get(&format!("{}/metrics", path(&place)))?;
        String::from_utf8(response.body).map_err(|_| Failure::failed("the metrics are not text"))
    }

    fn remove(place: Place<Settings>) -> Result<(), Failure> {
        AGENT.delete(&path(&place), REMOVE_MS).map(drop)
    }
}

fn status(place: &Place<Settings>) -> Result<Option<Status>, Failure> {
    AGENT.find_json(&path(place))
}

fn path(place: &Place<Settings>) -> String {
    format!(
        "/v1/routes/{}",
        escape(&format!("{}-{}", place.service, place.environment))
    )
}
