//! The keeper: a process that does next to nothing, so that nothing makes it die. It starts the worker again when
//! that ends, holds its listening sockets meanwhile, and sees how processes end that the worker left behind.

use std::{
    collections::BTreeMap,
    io,
    os::fd::OwnedFd,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, WaitOptions};
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    Role,
    error::{AgentError, Doing, Result},
    handover::{self, Channel, Exit, Message},
    layout::{Layout, Lock},
};

/// A worker that lived longer than this is started again at once.
const STEADY: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

#[derive(Default)]
struct Held {
    sockets: BTreeMap<String, OwnedFd>,
    exits: Vec<Exit>,
}

enum End {
    Asked,
    Died,
}

pub(crate) async fn run(dir: &Path) -> Result<()> {
    let layout = Layout::create(dir)?;
    let Some(_lock) = Lock::take(&layout.dir, "keeper.lock")? else {
        return Err(AgentError::Runs { dir: layout.dir });
    };
    // Without it, orphans go to the machine's first process and their exit codes are unknown, which is said as such.
    if let Err(error) = rustix::process::set_child_subreaper(Some(rustix::process::getpid())) {
        tracing::warn!(%error, "exits of adopted instances will be unknown");
    }
    let mut held = Held::default();
    if let Some(before) = handover::inherited().doing("read", "standard input")? {
        while let Ok(Some((message, socket))) = before.receive().await {
            if message == Message::Begin {
                break;
            }
            held.take(message, socket);
        }
    }
    let mut wait = Duration::ZERO;
    loop {
        let began = Instant::now();
        match keep(&layout, &mut held)
            .await
            .doing("keep the worker of", &layout.dir)?
        {
            End::Asked => return Ok(()),
            End::Died if began.elapsed() > STEADY => wait = Duration::ZERO,
            End::Died => tokio::time::sleep(wait).await,
        }
        wait = (wait * 2).clamp(Duration::from_millis(50), LONGEST_WAIT);
    }
}

/// One life of a worker.
async fn keep(layout: &Layout, held: &mut Held) -> io::Result<End> {
    let mut ended = signal(SignalKind::child())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (channel, theirs) = handover::pair()?;
    for (key, socket) in &held.sockets {
        channel.send(&Message::Hold(key.clone()), Some(socket))?;
    }
    for exit in held.exits.drain(..) {
        channel.send(&Message::Exit(exit), None)?;
    }
    channel.send(&Message::Begin, None)?;
    let worker = Role::Worker
        .command(&layout.dir)
        .stdin(Stdio::from(theirs))
        .spawn()?;
    let worker = worker.id();
    let mut asked = false;
    loop {
        tokio::select! {
            _ = ended.recv() => {
                if let Some(clean) = reap(worker, held, &channel) {
                    while let Some((message, socket)) = channel.received() {
                        held.take(message, socket);
                    }
                    tracing::info!(worker, clean, "the worker ended");
                    return Ok(if clean || asked { End::Asked } else { End::Died });
                }
            }
            Ok(Some((message, socket))) = channel.receive() => held.take(message, socket),
            _ = terminate.recv() => asked = stop(worker),
            _ = interrupt.recv() => asked = stop(worker),
        }
    }
}

/// Collects every process that has ended. `Some` if the worker is among them: whether it ended as asked.
fn reap(worker: u32, held: &mut Held, channel: &Channel) -> Option<bool> {
    let mut worker_ended = None;
    while let Ok(Some((pid, status))) = rustix::process::wait(WaitOptions::NOHANG) {
        let exit = Exit {
            pid: pid.as_raw_nonzero().get().unsigned_abs(),
            code: status.exit_status(),
            signal: status.terminating_signal(),
        };
        if exit.pid == worker {
            worker_ended = Some(exit.code == Some(0));
        } else if worker_ended.is_some() || channel.send(&Message::Exit(exit.clone()), None).is_err() {
            held.exits.push(exit);
        }
    }
    worker_ended
}

fn stop(worker: u32) -> bool {
    let pid = i32::try_from(worker).ok().and_then(Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::kill_process(pid, Signal::TERM).is_ok())
}

impl Held {
    fn take(&mut self, message: Message, socket: Option<OwnedFd>) {
        match (message, socket) {
            (Message::Hold(key), Some(socket)) => {
                self.sockets.insert(key, socket);
            }
            (Message::Release(key), _) => {
                self.sockets.remove(&key);
            }
            _ => {}
        }
    }
}
