//! What the agent answers, as far as it matters here, in the contract's words.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use slipway_sdk::{Ended, Instance, InstanceState, Place, Port};

#[derive(Debug, Deserialize)]
pub(crate) struct List {
    pub(crate) instances: Vec<Status>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Status {
    name: String,
    revision: String,
    state: State,
    ports: BTreeMap<String, u16>,
    started: Option<u64>,
    healthy_since: Option<u64>,
    restarts: u32,
    last_exit: Option<Exit>,
    detail: String,
    log_tail: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Starting,
    Healthy,
    Unhealthy,
    BackingOff,
    Failed,
    Stopping,
    Stopped,
}

#[derive(Debug, Deserialize)]
struct Exit {
    code: Option<i32>,
    signal: Option<i32>,
}

/// What is asked of the agent: who has to be heard from, and how often.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Guard {
    service: String,
    environment: String,
    within: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct GuardStatus {
    spec: Guard,
    went_off: Option<u64>,
    detail: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct GuardGone {
    pub(crate) guard: Option<GuardStatus>,
}

impl Guard {
    pub(crate) fn of<S>(place: &Place<S>, seconds: u32) -> Self {
        Self {
            service: place.service.clone(),
            environment: place.environment.clone(),
            within: format!("{seconds}s"),
        }
    }
}

impl GuardStatus {
    /// What came of it, if it has gone off.
    pub(crate) fn gone_off(self) -> Option<String> {
        self.went_off?;
        let Guard {
            service,
            environment,
            within,
        } = self.spec;
        let mut text = format!(
            "nobody was heard from within {within}, and {service} in {environment} has gone back by itself to what ran before"
        );
        if !self.detail.is_empty() {
            text.push_str(&format!(", but not wholly: {}", self.detail));
        }
        Some(text)
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct TaskStatus {
    end: Option<TaskEnd>,
    said: String,
}

#[derive(Debug, Deserialize)]
struct TaskEnd {
    code: Option<i32>,
    signal: Option<i32>,
    late: bool,
    detail: String,
}

impl TaskStatus {
    /// How it has ended, if it has.
    pub(crate) fn ended(self, timeout: &str) -> Option<Ended> {
        let TaskEnd {
            code,
            signal,
            late,
            detail,
        } = self.end?;
        let why = match (code, signal) {
            _ if late => format!("did not end within {timeout}, and was ended"),
            (Some(_), _) => String::new(),
            (None, Some(signal)) => format!("was ended by signal {signal}"),
            (None, None) if detail.is_empty() => "has ended, and nobody saw how".to_owned(),
            (None, None) => format!("could not be started: {detail}"),
        };
        Some(Ended {
            code: code.filter(|_| !late),
            why,
            said: self.said,
        })
    }
}

impl From<Status> for Instance {
    fn from(status: Status) -> Self {
        let state = match status.state {
            State::Starting => InstanceState::Starting,
            State::Healthy => InstanceState::Healthy,
            // It is started again, so it has not failed yet; and nobody can be sent to it.
            State::Unhealthy | State::BackingOff => InstanceState::Unhealthy,
            State::Failed => InstanceState::Failed,
            State::Stopping => InstanceState::Stopping,
            State::Stopped => InstanceState::Stopped,
        };
        let detail = detail(&status);
        let healthy_since = status.healthy_since.filter(|_| state == InstanceState::Healthy);
        Self {
            name: status.name,
            revision: status.revision,
            state,
            since: healthy_since.or(status.started),
            restarts: status.restarts,
            detail,
            ports: (status.ports.into_iter())
                .map(|(name, number)| Port {
                    name,
                    address: format!("127.0.0.1:{number}"),
                })
                .collect(),
        }
    }
}

fn detail(status: &Status) -> String {
    let mut lines = Vec::new();
    if !status.detail.is_empty() {
        lines.push(status.detail.clone());
    } else if let Some(exit) = status
        .last_exit
        .as_ref()
        .filter(|_| !matches!(status.state, State::Healthy))
    {
        lines.push(match (exit.code, exit.signal) {
            (Some(code), _) => format!("ended with exit code {code}"),
            (None, Some(signal)) => format!("ended by signal {signal}"),
            (None, None) => "ended while nobody was watching".to_owned(),
        });
    }
    lines.extend(status.log_tail.iter().cloned());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn instance(change: Value) -> Instance {
        let mut status = json!({
            "name": "a", "service": "s", "environment": "e", "revision": "sha256:1", "state": "healthy", "pid": 7,
            "ports": { "http": 8080 }, "started": 5, "healthy-since": 9, "restarts": 0, "last-exit": null,
            "detail": "", "log-tail": []
        });
        status
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        serde_json::from_value::<Status>(status).unwrap().into()
    }

    #[test]
    fn a_healthy_one_says_since_when_and_where() {
        let found = instance(json!({}));
        assert_eq!(
            (found.state, found.since, found.detail.as_str()),
            (InstanceState::Healthy, Some(9), "")
        );
        assert_eq!(
            found.ports,
            [Port {
                name: "http".to_owned(),
                address: "127.0.0.1:8080".to_owned()
            }]
        );
    }

    #[test]
    fn one_that_is_not_says_why() {
        let exit = json!({ "code": null, "signal": 9, "at": 1 });
        let found = instance(json!({ "state": "backing-off", "last-exit": exit, "log-tail": ["x", "y"] }));
        assert_eq!((found.state, found.since), (InstanceState::Unhealthy, Some(5)));
        assert_eq!(found.detail, "ended by signal 9\nx\ny");
        let found = instance(json!({ "state": "failed", "detail": "no such program", "last-exit": exit }));
        assert_eq!(
            (found.state, found.detail.as_str()),
            (InstanceState::Failed, "no such program")
        );
    }

    #[test]
    fn a_task_that_has_ended_says_how() {
        let ended = |end: Value| {
            let status = json!({ "name": "t", "pid": null, "end": end, "said": "x" });
            let ended = serde_json::from_value::<TaskStatus>(status).unwrap().ended("5m");
            ended.map(|ended| (ended.code, ended.why))
        };
        let end = |code: Option<i32>, signal: Option<i32>, late: bool, detail: &str| json!({ "code": code, "signal": signal, "late": late, "detail": detail, "at": 1 });
        assert_eq!(ended(Value::Null), None);
        assert_eq!(
            ended(end(Some(3), None, false, "")),
            Some((Some(3), String::new()))
        );
        for (end, why) in [
            (end(None, Some(9), false, ""), "was ended by signal 9"),
            (
                end(Some(0), None, true, ""),
                "did not end within 5m, and was ended",
            ),
            (end(None, None, false, ""), "has ended, and nobody saw how"),
            (end(None, None, false, "no disk"), "could not be started: no disk"),
        ] {
            assert_eq!(ended(end), Some((None, why.to_owned())));
        }
    }
}
