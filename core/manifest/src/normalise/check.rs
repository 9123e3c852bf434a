//! Checks, with their defaults.

use slipway_model::Duration;

use super::plain::{plain, text};
use crate::{Binding, BodyMatch, Check, HttpProbe, JsonExpectation, Port, Probe, Runner, written};

const TIMEOUT: Duration = Duration::from_secs(10);
const COMMAND_TIMEOUT: Duration = Duration::from_secs(60);
pub(super) const PLUGIN_TIMEOUT: Duration = Duration::from_secs(60);
const CHECK_INTERVAL: Duration = Duration::from_secs(5);

pub(super) fn check(name: &str, written: &written::Check) -> Option<Check> {
    let (probe, timeout) = if let Some(http) = &written.http {
        (
            Probe::Http(Box::new(http_probe(&http.value)?)),
            at(&http.value.timeout, TIMEOUT),
        )
    } else if let Some(tcp) = &written.tcp {
        let port = tcp.value.port.as_ref()?.value.clone();
        (Probe::Tcp { port }, at(&tcp.value.timeout, TIMEOUT))
    } else if let Some(plugin) = &written.plugin {
        (Probe::Plugin(asked(&plugin.value)?), PLUGIN_TIMEOUT)
    } else {
        let command = &written.command.as_ref()?.value;
        let runner = at(&command.runner, Runner::Operator);
        (
            Probe::Command {
                run: plain(command.run.as_ref()),
                runner,
            },
            at(&command.timeout, COMMAND_TIMEOUT),
        )
    };
    Some(Check {
        name: name.to_owned(),
        probe,
        timeout,
        retries: at(&written.retries, 2),
        interval: at(&written.interval, CHECK_INTERVAL),
    })
}

pub(super) fn asked(written: &written::CheckPlugin) -> Option<Binding> {
    Some(Binding {
        plugin: text(&written.name)?,
        settings: written.settings.clone(),
    })
}

fn http_probe(http: &written::Http) -> Option<HttpProbe> {
    let body = http.body.as_ref().map(|body| &body.value);
    let contains = body
        .and_then(|body| text(&body.contains))
        .map(BodyMatch::Contains);
    let regex = body
        .and_then(|body| body.regex.as_ref())
        .map(|regex| BodyMatch::Regex(regex.value.clone()));
    let expectation = |json: &written::JsonValue| {
        Some(JsonExpectation {
            pointer: text(&json.pointer)?,
            equals: json.equals.as_ref()?.value.0.clone(),
        })
    };
    let headers = http.headers.iter().flat_map(|headers| &headers.value.0);
    Some(HttpProbe {
        path: text(&http.path)?,
        port: port(&http.port),
        method: text(&http.method).map_or_else(|| "GET".to_owned(), |method| method.to_ascii_uppercase()),
        headers: headers
            .map(|(name, value)| (name.clone(), value.value.clone()))
            .collect(),
        status: http.status.as_ref().map_or_else(
            || vec![200],
            |status| status.value.0.iter().map(|status| status.value).collect(),
        ),
        body: contains.or(regex),
        json: plain(http.json.as_ref())
            .iter()
            .map(expectation)
            .collect::<Option<_>>()?,
        max_latency: http.max_latency.as_ref().map(|latency| latency.value),
    })
}

pub(super) fn port(port: &Option<crate::decode::At<Port>>) -> Port {
    port.as_ref()
        .map_or_else(|| Port::Named("http".to_owned()), |port| port.value.clone())
}

pub(super) fn at<T: Copy>(slot: &Option<crate::decode::At<T>>, default: T) -> T {
    slot.as_ref().map_or(default, |at| at.value)
}
