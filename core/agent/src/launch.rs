//! The first moment of an instance: a copy of this program in a session of its own that waits for its orders on
//! standard input and then becomes the instance, or stays beside the task. So the agent has the process on record before it does anything: if
//! the agent dies in between, the input ends early and the copy ends too. Secrets are in no argument list.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    io::{self, Read, Write},
    os::unix::process::{CommandExt, ExitStatusExt},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
};

use serde::{Deserialize, Serialize};
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    api::LastExit,
    clock,
    error::{AgentError, Doing, Result},
    store,
};

const NOT_STARTED: i32 = 127;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Orders {
    pub(crate) program: String,
    pub(crate) arguments: Vec<String>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) workdir: PathBuf,
    pub(crate) user: Option<User>,
    /// Where it is to be written down how it ended; for instances nowhere.
    pub(crate) end: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct User {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// Returns only if it could not become the instance; the instance's log then says why, and so does the exit code 127.
pub(crate) fn become_the_instance() -> Result<()> {
    let _already_leader = rustix::process::setsid();
    let mut text = Vec::new();
    std::io::stdin()
        .read_to_end(&mut text)
        .doing("read orders from", "standard input")?;
    let orders: Orders = serde_json::from_slice(&text).map_err(|source| AgentError::Document {
        path: "standard input".into(),
        source,
    })?;
    let mut command = Command::new(&orders.program);
    command
        .args(&orders.arguments)
        .env_clear()
        .envs(&orders.env)
        .current_dir(&orders.workdir);
    if let Some(User { uid, gid }) = orders.user {
        command.uid(uid).gid(gid);
    }
    command.stdin(Stdio::null());
    let error = match &orders.end {
        None => command.exec(),
        Some(path) => match stay_beside(command) {
            Ok(status) => match end(path, status.code(), status.signal())? {},
            Err(error) => error,
        },
    };
    let line = format!(
        "cannot start {} in {}: {error}\n",
        orders.program,
        orders.workdir.display()
    );
    // Standard error is the instance's log; without it the exit code still tells.
    let _log_gone = std::io::stderr().write_all(line.as_bytes());
    match &orders.end {
        None => std::process::exit(NOT_STARTED),
        Some(path) => match end(path, Some(NOT_STARTED), None)? {},
    }
}

/// What a task has ended with must be known also when no agent sees it, so this process does not become the task. What is
/// sent to the group is meant for the task: here it is caught, and a caught signal is what it always was in a child.
fn stay_beside(command: Command) -> io::Result<ExitStatus> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let kinds = [
            SignalKind::terminate(),
            SignalKind::interrupt(),
            SignalKind::quit(),
            SignalKind::hangup(),
            SignalKind::user_defined1(),
            SignalKind::user_defined2(),
        ];
        let _caught: Vec<_> = kinds.into_iter().map(signal).collect::<io::Result<_>>()?;
        tokio::process::Command::from(command).spawn()?.wait().await
    })
}

/// Durable before anybody can see that it has ended.
fn end(path: &Path, code: Option<i32>, signal: Option<i32>) -> Result<Infallible> {
    let at = clock::now();
    store::write(path, &LastExit { code, signal, at })?;
    std::process::exit(code.unwrap_or(NOT_STARTED + signal.unwrap_or(0)))
}

/// A program with a slash is taken from the artifact, one without from there if it is there, otherwise from `PATH`.
pub(crate) fn resolve(program: &str, app: &Path) -> String {
    if program.starts_with('/') {
        return program.to_owned();
    }
    let inside = app.join(program);
    if program.contains('/') || inside.is_file() {
        return inside.to_string_lossy().into_owned();
    }
    program.to_owned()
}

pub(crate) fn user(name: &str) -> Result<User> {
    let users = Path::new("/etc/passwd");
    let text = std::fs::read_to_string(users).doing("read", users)?;
    text.lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.first() == Some(&name))
        .and_then(|fields| {
            Some(User {
                uid: fields.get(2)?.parse().ok()?,
                gid: fields.get(3)?.parse().ok()?,
            })
        })
        .ok_or_else(|| {
            AgentError::Invalid(format!(
                "`user`: /etc/passwd knows no `{name}`; make it, or leave `user` out"
            ))
        })
}
