//! Tasks: programs that run once, as an instance would. The agent knows each by its name, whoever asks for it.

use slipway_sdk::{Ended, Failure, FailureKind, Place, Task, blobs, files, http::escape, process::Process};

use crate::{
    agent::TaskStatus,
    granted::{AGENT, DEPLOYMENT, MACHINE, STOP_MS},
    layout,
    spec::TaskSpec,
};

pub(crate) fn execute<S>(
    place: &Place<S>,
    task: &Task,
    begun: bool,
    wait_ms: u32,
) -> Result<Option<Ended>, Failure> {
    let wait = format!("{}?wait={wait_ms}ms", path(&task.name));
    let status = match AGENT.find_json::<TaskStatus>(&wait)? {
        Some(status) => status,
        None if begun => {
            return Err(Failure::failed(format!(
                "task {} is not there any more, and nobody knows how it ended",
                task.name
            ))
            .hint("look at what it has done: it is not run again"));
        }
        None => {
            let spec = prepare(place, task)?;
            AGENT.put_json(&path(&task.name), &spec)?;
            AGENT.get_json(&wait)?
        }
    };
    Ok(status.ended(&seconds(task.timeout_ms)))
}

pub(crate) fn dismiss(task: &Task) -> Result<(), Failure> {
    forget(&task.name)?;
    let tasks = layout::tasks(&layout::revision(&task.revision)?);
    files::remove(MACHINE, &format!("{tasks}/{}", task.name))
}

/// Ends it and waits until it has ended, which may take longer than one answer.
pub(crate) fn forget(name: &str) -> Result<(), Failure> {
    match AGENT.delete(&path(name), STOP_MS) {
        Err(failure) if failure.kind == FailureKind::Unavailable => {
            AGENT.delete(&path(name), STOP_MS).map(drop)
        }
        done => done.map(drop),
    }
}

/// Puts everything there that it will read.
fn prepare<S>(place: &Place<S>, task: &Task) -> Result<TaskSpec, Failure> {
    let process = Process::read(&task.workload, &files::read(DEPLOYMENT, &task.workload)?)?;
    let strip = process.strip;
    let tasks = layout::tasks(&layout::revision(&task.revision)?);
    let config = !files::list_files(DEPLOYMENT, "config")?.is_empty();
    let config = config.then(|| layout::config(&tasks, &task.name));
    let spec = TaskSpec::of(place, task, process, config)?;
    let folders = &spec.instance.folders;
    blobs::unpack(&task.blob, MACHINE, &folders.app, strip)?;
    if let Some(config) = &folders.config {
        files::copy(DEPLOYMENT, "config", MACHINE, config)?;
    }
    files::write(MACHINE, &layout::started(&tasks, &task.name), &[])?;
    Ok(spec)
}

fn seconds(ms: u64) -> String {
    match ms % 1000 {
        0 => format!("{} s", ms / 1000),
        _ => format!("{ms} ms"),
    }
}

fn path(name: &str) -> String {
    format!("/v1/tasks/{}", escape(name))
}
