//! Every verb that Slipway calls. Each request is recorded: a call that was interrupted is made again, and what it had done
//! already is answered from the record.

use std::collections::BTreeMap;

use serde::Deserialize;
use slipway_sdk::{
    Abilities, About, Failure, Instance, InstanceSpec, LogChunk, Place, Target, files,
    http::{Endpoint, escape},
    process::Process,
};

use crate::api;

/// Known by the setting that names it.
const API: Endpoint = Endpoint("api");
/// The files that `adapt` made for the environment.
const DEPLOYMENT: &str = "deployment";
const CONFIG: &str = "config";
const STOP_MS: u32 = 60_000;
const UPLOAD_MS: u32 = 600_000;

struct Plugin;

/// What `deploy.toml` says in `target = { .. }`; its schema is in `settings.schema.json`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Read by Slipway, which gives the endpoint of that name.
    #[expect(dead_code, reason = "it is for the host")]
    pub(crate) api: String,
    /// Where on the platform.
    pub(crate) region: String,
}

impl Target for Plugin {
    const ABOUT: About = About {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        summary: "Runs processes on a platform with an HTTP API.",
        settings_schema: include_str!("settings.schema.json"),
    };
    const WORKLOADS: &'static [&'static str] = &[Process::KIND];
    const NEEDS: &'static [&'static str] = &["endpoint of api", "folder deployment"];
    type Settings = Settings;

    fn abilities(_settings: Settings) -> Result<Abilities, Failure> {
        Ok(Abilities {
            side_by_side: true,
            in_place: false,
            hold: false,
            guard: false,
            execute: false,
        })
    }

    fn observe(place: Place<Settings>) -> Result<Vec<Instance>, Failure> {
        let path = format!(
            "/v1/instances?service={}&environment={}",
            escape(&place.service),
            escape(&place.environment)
        );
        let list: api::List = API.get_json(&path)?;
        Ok(list.instances.into_iter().map(Instance::from).collect())
    }

    /// Asked for twice, the platform does nothing the second time: that is what makes it safe to call again.
    fn start(place: Place<Settings>, instance: InstanceSpec) -> Result<(), Failure> {
        let process = Process::read(&instance.workload, &files::read(DEPLOYMENT, &instance.workload)?)?;
        let artifact = format!("/v1/artifacts/{}", escape(&instance.blob));
        if API.find_json::<api::Artifact>(&artifact)?.is_none() {
            API.put_blob(&artifact, &instance.blob, UPLOAD_MS)?;
        }
        let wanted = api::Wanted::of(&place, &instance, process, config()?)?;
        API.put_json(&path(&instance.name), &wanted).map(drop)
    }

    fn probe(_place: Place<Settings>, name: &str) -> Result<Option<Instance>, Failure> {
        let found = API.find_json::<api::Instance>(&path(name))?;
        Ok(found.map(Instance::from))
    }

    fn stop(_place: Place<Settings>, name: &str) -> Result<(), Failure> {
        API.remove(&path(name), STOP_MS)
    }

    fn logs(_place: Place<Settings>, name: &str, cursor: &str) -> Result<LogChunk, Failure> {
        let from = if cursor.is_empty() { "0" } else { cursor };
        let log = API.get(&format!("{}/log?from={}", path(name), escape(from)))?;
        Ok(LogChunk {
            next: log.header("next-offset").unwrap_or(from).to_owned(),
            end: log.body.is_empty(),
            content: log.body,
        })
    }

    fn cleanup(place: Place<Settings>, revision: &str) -> Result<(), Failure> {
        let path = format!(
            "/v1/revisions/{}?service={}&environment={}",
            escape(revision),
            escape(&place.service),
            escape(&place.environment)
        );
        API.remove(&path, STOP_MS)
    }
}

slipway_sdk::export_target!(Plugin);

/// The final configuration of the environment: what each file is called, and what it holds.
fn config() -> Result<BTreeMap<String, String>, Failure> {
    let mut config = BTreeMap::new();
    for file in files::list_files(DEPLOYMENT, CONFIG)? {
        if file.directory {
            continue;
        }
        let text = String::from_utf8(files::read(DEPLOYMENT, &file.path)?);
        let text = text.map_err(|_| Failure::unsupported(format!("{} is not text", file.path)))?;
        let name = file.path.trim_start_matches(CONFIG).trim_start_matches('/');
        config.insert(name.to_owned(), text);
    }
    Ok(config)
}

fn path(name: &str) -> String {
    format!("/v1/instances/{}", escape(name))
}
