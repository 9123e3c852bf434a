//! The verbs of the contract. Only here and in `task.rs` the host is called.

use serde::Deserialize;
use slipway_sdk::{
    Abilities, About, Ended, Failure, FailureKind, Instance, InstanceSpec, InstanceState, LogChunk, Place,
    Target, Task, blobs, files, http::escape, process::Process,
};

use crate::{
    agent::{Guard, GuardGone, GuardStatus, List, Status},
    granted::{AGENT, DEPLOYMENT, MACHINE, STOP_MS},
    layout,
    spec::Spec,
    task,
};

const STOP_TURNS: u32 = 30;
/// Less than the host lets through, because it is kept in the journal.
const LOG_BYTES: usize = 256 << 10;

struct Machine;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {}

impl Target for Machine {
    const ABOUT: About = About {
        name: "machine",
        version: env!("CARGO_PKG_VERSION"),
        summary: "Runs processes on this machine, supervised by `slipway agent`.",
        settings_schema: include_str!("settings.schema.json"),
    };
    const WORKLOADS: &'static [&'static str] = &[Process::KIND];
    const NEEDS: &'static [&'static str] = &["endpoint agent", "folder deployment", "folder machine"];
    type Settings = Settings;

    fn abilities(_settings: Settings) -> Result<Abilities, Failure> {
        Ok(Abilities {
            side_by_side: true,
            in_place: false,
            hold: false,
            guard: true,
            execute: true,
        })
    }

    fn observe(place: Place<Settings>) -> Result<Vec<Instance>, Failure> {
        observe(&place)
    }

    fn start(place: Place<Settings>, instance: InstanceSpec) -> Result<(), Failure> {
        let process = Process::read(&instance.workload, &files::read(DEPLOYMENT, &instance.workload)?)?;
        let strip = process.strip;
        let instances = layout::instances(&layout::revision(&instance.revision)?);
        let config = !files::list_files(DEPLOYMENT, "config")?.is_empty();
        let config = config.then(|| layout::config(&instances, &instance.name));
        let spec = Spec::of(&place, &instance, process, config)?;
        match probe(&instance.name)? {
            Some(found) if !ended(found.state) => {}
            found => {
                // The agent leaves one that has ended as it is, even if the same is asked for again.
                if found.is_some() {
                    stop(&instance.name)?;
                }
                prepare(&instance, &spec, strip)?;
            }
        }
        AGENT.put_json(&path(&instance.name), &spec).map(drop)
    }

    fn probe(_place: Place<Settings>, name: &str) -> Result<Option<Instance>, Failure> {
        probe(name)
    }

    fn guard(place: Place<Settings>, seconds: u32) -> Result<Option<String>, Failure> {
        let path = format!(
            "/v1/guards/{}",
            escape(&format!("{}-{}", place.service, place.environment))
        );
        let guard = if seconds > 0 {
            let guard = Guard::of(&place, seconds);
            Some(AGENT.put_json(&path, &guard)?.json::<GuardStatus>()?)
        } else {
            AGENT.delete(&path, STOP_MS)?.json::<GuardGone>()?.guard
        };
        Ok(guard.and_then(|guard| guard.gone_off()))
    }

    fn stop(_place: Place<Settings>, name: &str) -> Result<(), Failure> {
        stop(name)
    }

    fn logs(_place: Place<Settings>, name: &str, cursor: &str) -> Result<LogChunk, Failure> {
        let from = if cursor.is_empty() { "0" } else { cursor };
        let response = AGENT.get(&format!(
            "{}/logs?from={}&limit={LOG_BYTES}",
            path(name),
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

    fn cleanup(_place: Place<Settings>, revision: &str) -> Result<(), Failure> {
        let folder = layout::revision(revision)?;
        let list: List = AGENT.get_json(&format!("/v1/instances?revision={}", escape(revision)))?;
        if let Some(running) = list.instances.into_iter().map(Instance::from).next() {
            return Err(
                Failure::refused(format!("{} of revision {revision} is still there", running.name))
                    .hint("stop its instances first"),
            );
        }
        let (instances, tasks) = (layout::instances(&folder), layout::tasks(&folder));
        let left = files::list_files(MACHINE, &instances)?;
        for name in layout::names(&instances, left.iter().map(|file| file.path.as_str())) {
            AGENT.delete(&format!("{}?logs=true", path(name)), STOP_MS)?;
        }
        // Those that could not be dismissed.
        let left = files::list_files(MACHINE, &tasks)?;
        for name in layout::names(&tasks, left.iter().map(|file| file.path.as_str())) {
            task::forget(name)?;
        }
        files::remove(MACHINE, &folder)
    }

    fn execute(
        place: Place<Settings>,
        task: Task,
        begun: bool,
        wait_ms: u32,
    ) -> Result<Option<Ended>, Failure> {
        task::execute(&place, &task, begun, wait_ms)
    }

    fn dismiss(_place: Place<Settings>, task: Task) -> Result<(), Failure> {
        task::dismiss(&task)
    }
}

slipway_sdk::export_target!(Machine);

/// Puts everything there that the instance will read.
fn prepare(instance: &InstanceSpec, spec: &Spec, strip: u32) -> Result<(), Failure> {
    let revision = layout::revision(&instance.revision)?;
    blobs::unpack(&instance.blob, MACHINE, &spec.folders.app, strip)?;
    if let Some(config) = &spec.folders.config {
        files::copy(DEPLOYMENT, "config", MACHINE, config)?;
    }
    files::write(
        MACHINE,
        &layout::started(&layout::instances(&revision), &instance.name),
        &[],
    )
}

fn observe(place: &Place<Settings>) -> Result<Vec<Instance>, Failure> {
    let (service, environment) = (escape(&place.service), escape(&place.environment));
    let list: List = AGENT.get_json(&format!(
        "/v1/instances?service={service}&environment={environment}"
    ))?;
    Ok(list.instances.into_iter().map(Instance::from).collect())
}

fn probe(name: &str) -> Result<Option<Instance>, Failure> {
    Ok(AGENT.find_json::<Status>(&path(name))?.map(Instance::from))
}

fn stop(name: &str) -> Result<(), Failure> {
    for _ in 0..STOP_TURNS {
        match AGENT.delete(&path(name), STOP_MS) {
            // It may take longer to end than one answer may take to come: ask again for as long as it is ending.
            Err(failure) if failure.kind == FailureKind::Unavailable => match probe(name)? {
                None => return Ok(()),
                Some(instance) if instance.state == InstanceState::Stopping => {}
                Some(_) => return Err(failure),
            },
            done => return done.map(drop),
        }
    }
    Err(Failure::unavailable(format!("{name} is still stopping")))
}

fn ended(state: InstanceState) -> bool {
    matches!(
        state,
        InstanceState::Failed | InstanceState::Stopping | InstanceState::Stopped
    )
}

fn path(name: &str) -> String {
    format!("/v1/instances/{}", escape(name))
}
