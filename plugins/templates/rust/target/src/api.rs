//! What the platform speaks. Change this to what yours does.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use slipway_sdk::{
    Failure, InstanceSpec, InstanceState, Place, Port,
    process::{Health, Process},
};

use crate::verbs::Settings;

/// `GET /v1/artifacts/DIGEST`: the bytes are there.
#[derive(Debug, Deserialize)]
pub(crate) struct Artifact {}

/// `PUT /v1/instances/NAME`
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Wanted {
    service: String,
    environment: String,
    region: String,
    revision: String,
    artifact: String,
    /// Leading path elements that are dropped when the artifact is unpacked.
    strip: u32,
    /// `${app}`, `${config}`, `${port.NAME}` and the like are replaced by the platform. `${secret.NAME}` never comes so far: Slipway puts
    /// the secret there on the way out.
    command: Vec<String>,
    env: BTreeMap<String, String>,
    ports: Vec<String>,
    /// What each file below `${config}` is called, and what it holds.
    config: BTreeMap<String, String>,
    health: Option<Health>,
}

/// `GET /v1/instances?service=..&environment=..`
#[derive(Debug, Deserialize)]
pub(crate) struct List {
    pub(crate) instances: Vec<Instance>,
}

/// `GET /v1/instances/NAME`
#[derive(Debug, Deserialize)]
pub(crate) struct Instance {
    name: String,
    revision: String,
    state: State,
    /// Names, and `host:port`.
    ports: BTreeMap<String, String>,
    restarts: u32,
    /// Why it is not healthy.
    detail: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Starting,
    Healthy,
    Unhealthy,
    Failed,
    Stopped,
}

impl Wanted {
    /// What the platform cannot give is refused: nothing that people wrote is passed over in silence.
    pub(crate) fn of(
        place: &Place<Settings>,
        instance: &InstanceSpec,
        process: Process,
        config: BTreeMap<String, String>,
    ) -> Result<Self, Failure> {
        for (setting, is_said) in [
            ("data", !process.data.is_none()),
            ("workdir", process.workdir.is_some()),
            ("user", process.user.is_some()),
        ] {
            if is_said {
                return Err(Failure::unsupported(format!(
                    "this platform knows no `{setting}`"
                )));
            }
        }
        Ok(Self {
            service: place.service.clone(),
            environment: place.environment.clone(),
            region: place.settings.region.clone(),
            revision: instance.revision.clone(),
            artifact: instance.blob.clone(),
            strip: process.strip,
            command: process.command,
            env: process.env,
            ports: process.ports.into_keys().collect(),
            config,
            health: process.health,
        })
    }
}

impl From<Instance> for slipway_sdk::Instance {
    fn from(found: Instance) -> Self {
        let ports = found.ports.into_iter();
        Self {
            name: found.name,
            revision: found.revision,
            state: match found.state {
                State::Starting => InstanceState::Starting,
                State::Healthy => InstanceState::Healthy,
                State::Unhealthy => InstanceState::Unhealthy,
                State::Failed => InstanceState::Failed,
                State::Stopped => InstanceState::Stopped,
            },
            ports: ports.map(|(name, address)| Port { name, address }).collect(),
            since: None,
            restarts: found.restarts,
            detail: found.detail,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_the_platform_answers_is_understood() {
        let answer = json!({ "instances": [{
            "name": "shop-prod-1a2b3c4d-1", "revision": "sha256:1a2b3c4d", "state": "unhealthy",
            "ports": { "http": "10.0.0.7:8080" }, "restarts": 2, "detail": "GET /health: 503",
        }] });
        let list: List = serde_json::from_value(answer).unwrap();
        let found = list.instances.into_iter().map(slipway_sdk::Instance::from).next();
        let found = found.unwrap();
        assert_eq!(found.state, InstanceState::Unhealthy);
        assert_eq!(
            (found.ports[0].name.as_str(), found.ports[0].address.as_str()),
            ("http", "10.0.0.7:8080")
        );
        assert_eq!((found.restarts, found.detail.as_str()), (2, "GET /health: 503"));
    }

    fn wanted(process: Value) -> Result<Value, String> {
        let place = Place {
            service: "shop".to_owned(),
            environment: "prod".to_owned(),
            settings: Settings {
                api: "acme".to_owned(),
                region: "north".to_owned(),
            },
        };
        let [name, revision, artifact, blob, workload] =
            ["shop-prod-1", "sha256:1a", "app", "sha256:2b", "app.json"].map(str::to_owned);
        let instance = InstanceSpec {
            name,
            revision,
            artifact,
            blob,
            workload,
            back: false,
        };
        let config = [("site.toml".to_owned(), "a = 1".to_owned())].into();
        let wanted = Wanted::of(
            &place,
            &instance,
            serde_json::from_value(process).unwrap(),
            config,
        );
        let wanted = wanted.map_err(|failure| failure.message)?;
        Ok(serde_json::to_value(wanted).unwrap())
    }

    #[test]
    fn what_is_asked_for_is_all_that_the_workload_says() {
        let mut process = json!({
            "kind": "process", "artifact": "app", "digest": "sha256:2b", "strip": 1, "instances": 1,
            "command": ["${app}/shop"], "env": { "PORT": "${port.http}" }, "ports": { "http": {} },
        });
        let expected = json!({
            "service": "shop", "environment": "prod", "region": "north", "revision": "sha256:1a",
            "artifact": "sha256:2b", "strip": 1, "command": ["${app}/shop"], "env": { "PORT": "${port.http}" },
            "ports": ["http"], "config": { "site.toml": "a = 1" }, "health": null,
        });
        assert_eq!(wanted(process.clone()), Ok(expected));
        process["user"] = json!("nobody");
        assert_eq!(wanted(process), Err("this platform knows no `user`".to_owned()));
    }
}
