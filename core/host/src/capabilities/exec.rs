//! Programs on hosts by name. The only host so far is this machine, `local`. A program gets arguments and no shell, an
//! environment of its own, and a process group that ends with it.

use std::{process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize};
use serde_json::json;
use slipway_plugin::{Call, EffectClass, Failure, FailureKind};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::Child,
};

use crate::{
    bindings::imports::{
        exec::{Command, Host, Output},
        types,
    },
    bytes::{Bytes, summary},
    grants::not_granted,
    limits,
    session::Session,
};

const LOCAL: &str = "local";
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Told {
    code: Option<i32>,
    stdout: Bytes,
    stderr: Bytes,
}

impl Told {
    /// Ended well, and said nothing.
    fn empty() -> Self {
        Self {
            code: Some(0),
            stdout: Bytes(Vec::new()),
            stderr: Bytes(Vec::new()),
        }
    }
}

impl Host for Session {
    async fn run(
        &mut self,
        host: String,
        command: Command,
    ) -> wasmtime::Result<Result<Output, types::Failure>> {
        let class = EffectClass::from(command.effect);
        let request = json!({
            "host": host,
            "program": command.program,
            "arguments": command.arguments,
            "environment": command.environment,
            "stdin": summary(&command.stdin),
            "timeout-ms": command.timeout_ms,
        });
        let (call, secrets) = (self.call.clone(), self.secrets.clone());
        let (limit, longest) = (self.limits.answer, self.limits.operation);
        let perform = async move {
            granted(call.as_deref(), &host)?;
            let told = run(command, limit, longest).await?;
            let mask = |bytes: Bytes| Bytes(secrets.mask(&bytes.0));
            Ok(Told {
                code: told.code,
                stdout: mask(told.stdout),
                stderr: mask(told.stderr),
            })
        };
        let told = self
            .effect_or(("exec", "run"), class, request, perform, || Some(Told::empty()))
            .await?;
        Ok(told
            .map(|told| Output {
                code: told.code,
                stdout: told.stdout.0,
                stderr: told.stderr.0,
            })
            .map_err(Into::into))
    }
}

/// The children of a program go with it, however the wait for it ends.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // Nobody left in the group is as good.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

fn granted(call: Option<&Call>, host: &str) -> Result<(), Failure> {
    let hosts = call.map(|call| call.hosts.as_slice()).unwrap_or_default();
    if !hosts.iter().any(|granted| granted == host) {
        return Err(not_granted("host", host, hosts.iter()));
    }
    if host != LOCAL {
        return Err(Failure::new(
            FailureKind::Unsupported,
            format!("host `{host}`: only `{LOCAL}` is known"),
        ));
    }
    Ok(())
}

/// What would be another variable than it says.
fn unnamed(environment: &[(String, String)]) -> Option<&str> {
    let names = environment.iter().map(|(name, _)| name.as_str());
    names
        .into_iter()
        .find(|name| name.is_empty() || name.contains(['=', '\0']))
}

async fn run(command: Command, limit: usize, longest: Duration) -> Result<Told, Failure> {
    if let Some(name) = unnamed(&command.environment) {
        let text = format!("`{}` is no name of an environment variable", name.escape_debug());
        return Err(Failure::new(FailureKind::Refused, text));
    }
    let program = command.program;
    let failed =
        |problem: String| Failure::new(FailureKind::Failed, format!("program `{program}`: {problem}"));
    let mut child = tokio::process::Command::new(&program)
        .args(command.arguments)
        .env_clear()
        .env("PATH", PATH)
        .envs(command.environment)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let _group = Group(child.id().and_then(|id| Pid::from_raw(id.cast_signed())));
    let timeout = match command.timeout_ms {
        0 => longest,
        own => Duration::from_millis(own.into()).min(longest),
    };
    match tokio::time::timeout(timeout, attend(&mut child, &command.stdin, limit)).await {
        Ok(told) => told.map_err(|error| failed(error.to_string())),
        Err(_) => Err(failed(format!(
            "did not end within {} s and was killed",
            timeout.as_secs_f64()
        ))),
    }
}

async fn attend(child: &mut Child, input: &[u8], limit: usize) -> std::io::Result<Told> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let feed = async {
        if let Some(mut stdin) = stdin {
            // A program that does not read its input is no failure.
            let _ = stdin.write_all(input).await;
        }
        Ok(())
    };
    let ((), stdout, stderr) = tokio::try_join!(feed, read(stdout, limit), read(stderr, limit))?;
    let status = child.wait().await?;
    Ok(Told {
        code: status.code(),
        stdout,
        stderr,
    })
}

async fn read(stream: Option<impl AsyncRead + Unpin>, limit: usize) -> std::io::Result<Bytes> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        stream.take(limit as u64 + 1).read_to_end(&mut bytes).await?;
    }
    if bytes.len() > limit {
        return Err(std::io::Error::other(format!(
            "it wrote more than {}",
            limits::bytes(limit)
        )));
    }
    Ok(Bytes(bytes))
}
