//! A format: an archive (tar.gz, tar.zst, tar or zip) that says in a file `app.json` how its program is started. Renders a
//! workload of kind `process`, which any target for processes can run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use slipway_sdk::{
    About, Artifact, Failure, File, Format, Inspection, RenderInput, Rendered, Workload, blobs,
    process::{Health, Process, ProcessPort},
};

/// In the archive.
const DESCRIPTION: &str = "app.json";

struct Plugin;

/// What `deploy.toml` says in `[artifacts.NAME]` besides `format` and `from`; its schema is in `settings.schema.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default = "one")]
    instances: u32,
    #[serde(default)]
    env: BTreeMap<String, String>,
}

/// `app.json`. What `inspect` finds is kept in the package, and `render` is told of it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct App {
    command: Vec<String>,
    #[serde(default)]
    ports: Vec<String>,
    /// Answers to `GET` on the first port while all is well, such as `/health`.
    health: Option<String>,
}

impl Format for Plugin {
    const ABOUT: About = About {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        summary: "An archive that says in `app.json` how its program is started.",
        settings_schema: include_str!("settings.schema.json"),
    };
    type Settings = Settings;
    type Facts = App;

    fn inspect(artifact: &Artifact) -> Result<Inspection<App>, Failure> {
        let files = blobs::files(&artifact.blob)?;
        let app = app(&files)?;
        Ok(Inspection {
            summary: format!("{} files, starts {}", files.len(), app.command.join(" ")),
            facts: app,
            dependencies: Vec::new(),
            notes: Vec::new(),
        })
    }

    fn render(input: RenderInput<Settings, App>) -> Result<Rendered, Failure> {
        rendered(input)
    }
}

slipway_sdk::export_format!(Plugin);

/// Wherever it is wrong, it is said at release: long before anything is touched.
fn app(files: &[File]) -> Result<App, Failure> {
    let found = files.iter().find(|file| file.path == DESCRIPTION);
    let found = found.ok_or_else(|| {
        Failure::invalid(format!("the archive holds no {DESCRIPTION}"))
            .hint("it belongs at the top of the archive")
    })?;
    let app: App = serde_json::from_slice(&found.content)
        .map_err(|error| Failure::invalid(format!("{DESCRIPTION}: {error}")))?;
    if app.command.is_empty() {
        return Err(Failure::invalid(format!(
            "{DESCRIPTION}: `command` names no program"
        )));
    }
    if app.health.is_some() && app.ports.is_empty() {
        return Err(Failure::invalid(format!(
            "{DESCRIPTION}: `health` needs a port in `ports`"
        )));
    }
    Ok(app)
}

/// Pure: the same input gives the same bytes.
fn rendered(input: RenderInput<Settings, App>) -> Result<Rendered, Failure> {
    let RenderInput {
        artifact,
        blob,
        facts,
        settings,
        ..
    } = input;
    let App {
        command,
        ports,
        health,
    } = facts;
    let health = health.zip(ports.first());
    let process = Process {
        instances: settings.instances,
        env: settings.env,
        ports: ports
            .iter()
            .map(|port| (port.clone(), ProcessPort::default()))
            .collect(),
        health: health.map(|(path, port)| Health::http(&path, port)),
        ..Process::new(&artifact, &blob, command)
    };
    let content = serde_json::to_vec_pretty(&process)
        .map_err(|error| Failure::failed(format!("the workload cannot be written: {error}")))?;
    let path = format!("workloads/{artifact}.json");
    Ok(Rendered {
        files: vec![File {
            path: path.clone(),
            content,
        }],
        workload: Some(Workload {
            kind: Process::KIND.to_owned(),
            file: path,
            instances: settings.instances,
            ports,
            exclusive: None,
        }),
        origins: Vec::new(),
        notes: Vec::new(),
    })
}

fn one() -> u32 {
    1
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn archive(description: &str) -> [File; 2] {
        [("app.json", description), ("shop", "#!/bin/sh")].map(|(path, content)| File {
            path: path.to_owned(),
            content: content.into(),
        })
    }

    #[test]
    fn what_is_wrong_is_said_at_its_place() {
        let refused = |files: &[File]| app(files).unwrap_err().message;
        assert_eq!(refused(&[]), "the archive holds no app.json");
        assert_eq!(
            refused(&archive(r#"{ "command": [] }"#)),
            "app.json: `command` names no program"
        );
        assert_eq!(
            refused(&archive(r#"{ "command": ["shop"], "health": "/" }"#)),
            "app.json: `health` needs a port in `ports`"
        );
        assert!(refused(&archive("{")).starts_with("app.json: EOF"));
    }

    #[test]
    fn the_workload_is_what_the_archive_and_the_settings_say() {
        let facts = app(&archive(
            r#"{ "command": ["shop"], "ports": ["http"], "health": "/health" }"#,
        ))
        .unwrap();
        let settings = json!({ "env": { "PORT": "${port.http}" } });
        let rendered = rendered(RenderInput {
            service: "shop".to_owned(),
            environment: "prod".to_owned(),
            artifact: "app".to_owned(),
            blob: "sha256:2b".to_owned(),
            facts,
            settings: serde_json::from_value(settings.clone()).unwrap(),
            written: settings,
            config: Vec::new(),
            resolved: Vec::new(),
            target: json!({}),
        })
        .unwrap();
        let found: Value = serde_json::from_slice(&rendered.files[0].content).unwrap();
        let expected = json!({
            "kind": "process", "artifact": "app", "digest": "sha256:2b", "strip": 0, "instances": 1,
            "command": ["shop"], "env": { "PORT": "${port.http}" }, "ports": { "http": {} },
            "health": { "http": "/health", "port": "http" },
        });
        assert_eq!(found, expected);
        assert_eq!(rendered.workload.unwrap().file, rendered.files[0].path);
    }
}
