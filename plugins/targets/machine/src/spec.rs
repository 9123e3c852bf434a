//! A workload becomes what the agent is asked for. Pure.

use std::collections::BTreeMap;

use serde::Serialize;
use slipway_sdk::{
    Failure, InstanceSpec, Place, Task,
    process::{Health, LogLimit, Process, ProcessPort, Restart, Stop},
};

use crate::{layout, secrets};

/// The body of `PUT /v1/instances/{name}`. What is left out has the agent's default.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Spec {
    service: String,
    environment: String,
    revision: String,
    pub(crate) folders: Folders,
    command: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    env: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    values: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    ports: BTreeMap<String, ProcessPort>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workdir: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    health: Option<Health>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restart: Option<Restart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop: Option<Stop>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<LogLimit>,
}

/// Relative to the agent's folder.
#[derive(Debug, Serialize)]
pub(crate) struct Folders {
    pub(crate) app: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) config: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<String>,
}

impl Spec {
    pub(crate) fn of<S>(
        place: &Place<S>,
        instance: &InstanceSpec,
        process: Process,
        config: Option<String>,
    ) -> Result<Self, Failure> {
        let revision = layout::revision(&instance.revision)?;
        if process.digest != instance.blob || process.artifact != instance.artifact {
            return Err(Failure::invalid(format!(
                "{} is about artifact `{}` ({}), not `{}` ({})",
                instance.workload, process.artifact, process.digest, instance.artifact, instance.blob
            ))
            .hint("generate the deployment folder again with `slipway adapt`"));
        }
        let folders = Folders {
            app: layout::artifact(&revision, &instance.artifact),
            config,
            data: (!process.data.is_none()).then(|| layout::data(place)),
        };
        let mut values = BTreeMap::new();
        let mut aside = |text: String| secrets::aside(&text, &mut values);
        let command = process.command.into_iter().map(&mut aside).collect();
        let env = process
            .env
            .into_iter()
            .map(|(name, text)| (name, aside(text)))
            .collect();
        Ok(Self {
            service: place.service.clone(),
            environment: place.environment.clone(),
            revision: instance.revision.clone(),
            workdir: process
                .workdir
                .map(|workdir| folders.resolve(&workdir))
                .transpose()?,
            folders,
            command,
            env,
            values,
            ports: process.ports,
            user: process.user,
            health: process.health,
            restart: process.restart,
            stop: process.stop,
            log: process.log,
        })
    }
}

/// The body of `PUT /v1/tasks/{name}`.
#[derive(Debug, Serialize)]
pub(crate) struct TaskSpec {
    pub(crate) instance: Spec,
    timeout: String,
}

impl TaskSpec {
    /// As an instance of the same workload, but for the program and what only those that go on have.
    pub(crate) fn of<S>(
        place: &Place<S>,
        task: &Task,
        process: Process,
        config: Option<String>,
    ) -> Result<Self, Failure> {
        if !task.part.is_empty() {
            return Err(Failure::invalid(format!(
                "artifact `{}` is one process and has no part `{}`",
                task.artifact, task.part
            ))
            .hint("take `part` out of the hook"));
        }
        let process = Process {
            command: task.run.clone(),
            health: None,
            restart: None,
            ..process
        };
        let mut instance = Spec::of(place, &as_instance(task), process, config)?;
        for (name, text) in &task.variables {
            let text = secrets::plain(text, &mut instance.values);
            instance.env.insert(name.clone(), text);
        }
        Ok(Self {
            instance,
            timeout: format!("{}ms", task.timeout_ms),
        })
    }
}

fn as_instance(task: &Task) -> InstanceSpec {
    InstanceSpec {
        name: task.name.clone(),
        revision: task.revision.clone(),
        artifact: task.artifact.clone(),
        blob: task.blob.clone(),
        workload: task.workload.clone(),
        back: false,
    }
}

impl Folders {
    fn resolve(&self, workdir: &str) -> Result<String, Failure> {
        let inside =
            |root: &str, folder: &str| workdir.strip_prefix(root).map(|path| format!("{folder}{path}"));
        let data = self.data.as_deref().and_then(|data| inside("${data}", data));
        inside("${app}", &self.app).or(data).ok_or_else(|| {
            Failure::invalid(format!(
                "the working folder `{workdir}` is not in `${{app}}` or `${{data}}`"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn spec(workload: Value, config: bool) -> Result<Value, String> {
        let mut document = json!({
            "kind": "process", "artifact": "app", "digest": "sha256:1", "strip": 0, "instances": 1, "command": ["web"]
        });
        document
            .as_object_mut()
            .unwrap()
            .extend(workload.as_object().unwrap().clone());
        let process = Process::read("workloads/app.json", document.to_string().as_bytes()).unwrap();
        let config = config.then(|| CONFIG.to_owned());
        let place = place();
        let instance = InstanceSpec {
            name: "shop-prod-aaaaaaaa-1".to_owned(),
            revision: DIGEST.to_owned(),
            artifact: "app".to_owned(),
            blob: "sha256:1".to_owned(),
            workload: "workloads/app.json".to_owned(),
            back: false,
        };
        let spec = Spec::of(&place, &instance, process, config).map_err(|failure| failure.message)?;
        Ok(serde_json::to_value(spec).unwrap())
    }

    const CONFIG: &str = "revisions/aaaaaaaa/instances/shop-prod-aaaaaaaa-1/config";

    fn place() -> Place<()> {
        Place {
            service: "shop".to_owned(),
            environment: "prod".to_owned(),
            settings: (),
        }
    }

    #[test]
    fn a_task_is_an_instance_with_another_program() {
        let process = json!({
            "kind": "process", "artifact": "app", "digest": "sha256:1", "strip": 0, "instances": 1,
            "command": ["web"], "env": { "A": "${secret.a}" }, "ports": { "http": {} }, "data": "shared",
            "health": { "tcp": true }, "restart": { "policy": "always" }, "stop": { "timeout": "30s" }
        });
        let task = |part: &str| Task {
            name: "shop-prod-aaaaaaaa-task-1".to_owned(),
            revision: DIGEST.to_owned(),
            artifact: "app".to_owned(),
            blob: "sha256:1".to_owned(),
            workload: "workloads/app.json".to_owned(),
            part: part.to_owned(),
            run: ["migrate", "${secret.b}"].map(str::to_owned).to_vec(),
            variables: vec![("SLIPWAY_CAUSE".to_owned(), "it said ${secret.a} ${x}".to_owned())],
            timeout_ms: 1500,
        };
        let spec = |part| {
            let process = Process::read("workloads/app.json", process.to_string().as_bytes()).unwrap();
            TaskSpec::of(&place(), &task(part), process, Some(CONFIG.to_owned()))
        };
        let folder = DIGEST.replace("sha256:", "revisions/");
        let expected = json!({
            "timeout": "1500ms",
            "instance": {
                "service": "shop", "environment": "prod", "revision": DIGEST,
                "folders": { "app": format!("{folder}/artifacts/app"), "config": CONFIG, "data": "data/shop/prod" },
                "command": ["migrate", "${value.b}"],
                "env": { "A": "${value.a}", "SLIPWAY_CAUSE": "it said ${value.$}{secret.a} ${value.$}{x}" },
                "values": { "$": "$", "a": "${secret.a}", "b": "${secret.b}" },
                "ports": { "http": {} }, "stop": { "timeout": "30s" }
            }
        });
        assert_eq!(serde_json::to_value(spec("").unwrap()).unwrap(), expected);
        let refused = spec("web").unwrap_err();
        assert_eq!(
            refused.message,
            "artifact `app` is one process and has no part `web`"
        );
    }

    #[test]
    fn the_least_is_what_was_said() {
        let folder = DIGEST.replace("sha256:", "revisions/");
        let expected = json!({
            "service": "shop", "environment": "prod", "revision": DIGEST,
            "folders": { "app": format!("{folder}/artifacts/app") },
            "command": ["web"]
        });
        assert_eq!(spec(json!({}), false), Ok(expected));
    }

    #[test]
    fn everything_is_handed_on() {
        let said = json!({
            "env": { "A": "x" }, "ports": { "http": {}, "admin": { "number": 9000 } }, "user": "www",
            "health": { "http": "/healthz", "port": "http", "interval": "2s" },
            "restart": { "policy": "on-failure", "initial": "1s" },
            "stop": { "signal": "INT", "timeout": "30s" },
            "log": { "max-size": 65536 }
        });
        let found = spec(said.clone(), true).unwrap();
        for (key, value) in said.as_object().unwrap() {
            assert_eq!(found[key], *value, "{key}");
        }
        assert_eq!(found["folders"]["config"], CONFIG);
        assert_eq!(found["folders"].get("data"), None);
    }

    #[test]
    fn secrets_travel_beside_the_texts() {
        let found = spec(
            json!({ "command": ["web", "--key=${secret.key}"], "env": { "A": "${secret.a}" } }),
            false,
        )
        .unwrap();
        assert_eq!(found["command"], json!(["web", "--key=${value.key}"]));
        assert_eq!(found["env"], json!({ "A": "${value.a}" }));
        assert_eq!(
            found["values"],
            json!({ "a": "${secret.a}", "key": "${secret.key}" })
        );
    }

    #[test]
    fn the_data_folder_belongs_to_service_and_environment() {
        let found = spec(json!({ "data": "shared", "workdir": "${data}/db" }), false).unwrap();
        assert_eq!(found["folders"]["data"], "data/shop/prod");
        assert_eq!(found["workdir"], "data/shop/prod/db");
    }

    #[test]
    fn another_artifact_is_refused() {
        let message = spec(json!({ "digest": "sha256:2" }), false).unwrap_err();
        assert_eq!(
            message,
            "workloads/app.json is about artifact `app` (sha256:2), not `app` (sha256:1)"
        );
        assert!(spec(json!({ "workdir": "/etc" }), false).is_err());
    }
}
