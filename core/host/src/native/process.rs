//! The process of a library, as the host sees it: asked over its standard input, answering over its standard output.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
    task::JoinHandle,
    time::timeout,
};

use super::{
    Native, calls, ended,
    frame::{Frame, Kind, Unreadable},
    library::Library,
};
use crate::{
    capabilities::printable,
    limits::{self, Limits, Reached},
    session::Session,
};

/// Of what it writes, the end is kept.
const SAID: usize = 4096;
/// For what happens at once.
const MOMENT: Duration = Duration::from_secs(2);

pub(super) struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    said: JoinHandle<Vec<u8>>,
}

/// How a process has ended, and what it wrote last.
pub(super) struct End {
    pub(super) how: String,
    pub(super) said: String,
}

/// It is not there any more.
#[derive(Debug, thiserror::Error)]
#[error("it has ended")]
pub(super) struct Gone;

impl Process {
    /// Started and confined, with the library in it. What is lacking to confine it is answered, where it may be.
    pub(super) async fn start(
        native: &Native,
        library: &Library,
        limits: &Limits,
    ) -> Result<(Self, String), String> {
        let (program, arguments) = native.program.split_first().ok_or("there is no program for it")?;
        let failed = |error: std::io::Error| format!("its process cannot be started: {error}");
        let mut child = Command::new(program)
            .args(arguments)
            .env_clear()
            .current_dir("/")
            // What a terminal sends to this program is not for it.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(errors)) = pipes else {
            return Err("its process has no pipes".to_owned());
        };
        let mut process = Self {
            child,
            input,
            output: BufReader::new(output),
            said: tokio::spawn(said(errors)),
        };
        match timeout(limits.computing, process.load(native, library, limits)).await {
            Ok(Ok(Ok(lacking))) => Ok((process, lacking)),
            Ok(Ok(Err(why))) => Err(why),
            Ok(Err(error)) => {
                let gone = error.is::<Gone>();
                let end = process.end(gone).await;
                Err(end.about(if gone { end.how.clone() } else { error.to_string() }))
            }
            Err(_) => Err(Reached::seconds("computing", limits.computing).to_string()),
        }
    }

    /// Whether it is still there.
    pub(super) fn lives(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Carries out one verb, with all that the library asks for meanwhile.
    pub(super) async fn call(
        &mut self,
        session: &mut Session,
        verb: &str,
        (library, arguments): (&Library, &[u8]),
    ) -> wasmtime::Result<Vec<u8>> {
        let limits = session.limits.clone();
        self.send(Kind::Call, verb, arguments, session).await?;
        loop {
            let frame = within(
                session.time_left(),
                &limits,
                receive(&mut self.output, limits.host_call),
            )
            .await??;
            match frame.kind {
                Kind::Answer => return Ok(frame.bytes),
                Kind::Broke => {
                    let text = String::from_utf8_lossy(&frame.bytes);
                    return Err(wasmtime::Error::msg(printable(&text)));
                }
                Kind::Call => {
                    library.check_granted(&frame.name)?;
                    let answer = calls::perform(session, &frame.name, &frame.bytes).await?;
                    self.send(Kind::Answer, "", &answer, session).await?;
                }
                Kind::Load | Kind::Ready => return Err(Unreadable::Garbage.into()),
            }
        }
    }

    /// Whether it has ended by itself or has to be ended.
    pub(super) async fn end(mut self, by_itself: bool) -> End {
        let by_itself = by_itself && timeout(MOMENT, self.child.wait()).await.is_ok();
        // Nobody there is as good.
        let _ = self.child.start_kill();
        let how = match self.child.wait().await {
            Ok(status) if by_itself => ended::words(status),
            Ok(_) => "it closed the pipe that it is asked through".to_owned(),
            Err(error) => format!("nobody knows how it ended: {error}"),
        };
        let said = timeout(MOMENT, self.said).await;
        let said = said.ok().and_then(Result::ok).unwrap_or_default();
        End {
            how,
            said: String::from_utf8_lossy(&said).into_owned(),
        }
    }

    async fn load(
        &mut self,
        native: &Native,
        library: &Library,
        limits: &Limits,
    ) -> wasmtime::Result<Result<String, String>> {
        let mut head = Vec::from((limits.memory as u64).to_le_bytes());
        head.push(native.unconfined.into());
        head.extend(library.bytes());
        self.write(Kind::Load, &library.symbol(), &head).await?;
        let frame = receive(&mut self.output, limits.host_call).await?;
        let text = String::from_utf8_lossy(&frame.bytes).into_owned();
        match frame.kind {
            Kind::Ready => Ok(Ok(text)),
            Kind::Broke => Ok(Err(text)),
            _ => Err(Unreadable::Garbage.into()),
        }
    }

    async fn send(
        &mut self,
        kind: Kind,
        name: &str,
        bytes: &[u8],
        session: &mut Session,
    ) -> wasmtime::Result<()> {
        session.returned();
        let limits = session.limits.clone();
        within(session.time_left(), &limits, self.write(kind, name, bytes)).await?
    }

    async fn write(&mut self, kind: Kind, name: &str, bytes: &[u8]) -> wasmtime::Result<()> {
        let head = Frame::head(kind, name, bytes.len())?;
        let written = async {
            self.input.write_all(&head).await?;
            self.input.write_all(bytes).await?;
            self.input.flush().await
        };
        written.await.map_err(|error| match Unreadable::from(error) {
            Unreadable::Closed => Gone.into(),
            other => other.into(),
        })
    }
}

impl End {
    /// With what it wrote last.
    fn about(&self, why: String) -> String {
        match self.said.lines().rfind(|line| !line.trim().is_empty()) {
            Some(last) => format!("{why}; it last wrote: {}", printable(last)),
            None => why,
        }
    }
}

async fn receive(output: &mut BufReader<ChildStdout>, limit: usize) -> wasmtime::Result<Frame> {
    Frame::receive(output, limit).await.map_err(|error| match error {
        Unreadable::Closed => Gone.into(),
        Unreadable::Big(_) => Reached::new("host call", limits::bytes(limit)).into(),
        other => other.into(),
    })
}

/// As long as a library may compute.
async fn within<T>(left: Duration, limits: &Limits, work: impl Future<Output = T>) -> wasmtime::Result<T> {
    let reached = match left < limits.computing {
        true => Reached::seconds("time", limits.call),
        false => Reached::seconds("computing", limits.computing),
    };
    let until = Instant::now() + left.min(limits.computing);
    let done = tokio::time::timeout_at(until.into(), work).await;
    Ok(done.map_err(|_| reached)?)
}

async fn said(mut errors: ChildStderr) -> Vec<u8> {
    let mut said = Vec::new();
    let mut buffer = [0; SAID];
    while let Ok(count @ 1..) = errors.read(&mut buffer).await {
        said.extend_from_slice(&buffer[..count]);
        let before = said.len().saturating_sub(SAID);
        said.drain(..before);
    }
    said
}
