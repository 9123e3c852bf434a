//! How it is noticed that a process has ended: a child by its parent, an adopted one by its handle, and how it ended
//! from the keeper, which such a process falls to.

use std::{collections::VecDeque, os::fd::OwnedFd, sync::Mutex, time::Duration};

use tokio::{io::unix::AsyncFd, process::Child, sync::Notify, time::timeout};

use crate::{api::LastExit, clock, handover::Exit, process::Process, readable};

const REMEMBERED: usize = 1024;
/// The keeper tells within a moment; if it was killed too, nobody does.
const PATIENCE: Duration = Duration::from_secs(1);

/// How processes ended that are not this worker's children.
#[derive(Default)]
pub(crate) struct Orphans {
    exits: Mutex<VecDeque<Exit>>,
    told: Notify,
}

impl Orphans {
    pub(crate) fn ended(&self, exit: Exit) {
        let mut exits = self.lock();
        exits.push_back(exit);
        if exits.len() > REMEMBERED {
            exits.pop_front();
        }
        self.told.notify_waiters();
    }

    fn take(&self, pid: u32) -> Option<Exit> {
        let mut exits = self.lock();
        let at = exits.iter().rposition(|exit| exit.pid == pid)?;
        exits.remove(at)
    }

    async fn wait_for(&self, pid: u32) -> Exit {
        loop {
            let told = self.told.notified();
            if let Some(exit) = self.take(pid) {
                return exit;
            }
            told.await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Exit>> {
        self.exits
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

pub(super) enum Watch {
    Child(Box<Child>),
    Adopted {
        handle: AsyncFd<OwnedFd>,
        pid: u32,
        falls_to_keeper: bool,
    },
}

impl Watch {
    /// `None` if it has ended already.
    pub(super) fn adopt(process: &Process) -> Option<Self> {
        let handle = readable::register(process.watch()?).ok()?;
        let keeper = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get().unsigned_abs());
        let falls_to_keeper = keeper.is_some() && process.parent() == keeper;
        Some(Self::Adopted {
            handle,
            pid: process.pid,
            falls_to_keeper,
        })
    }

    pub(super) async fn ended(&mut self, orphans: &Orphans) -> LastExit {
        match self {
            Self::Child(child) => match child.wait().await {
                Ok(status) => LastExit {
                    code: status.code(),
                    signal: std::os::unix::process::ExitStatusExt::signal(&status),
                    at: clock::now(),
                },
                Err(_) => unknown(),
            },
            Self::Adopted {
                handle,
                pid,
                falls_to_keeper,
            } => {
                // An error of the handle means that it can be watched no longer, which only its end explains.
                let _readable = handle.readable().await;
                if !*falls_to_keeper {
                    return unknown();
                }
                timeout(PATIENCE, orphans.wait_for(*pid))
                    .await
                    .map_or_else(|_| unknown(), seen)
            }
        }
    }
}

/// It ended while no worker was there.
pub(super) fn missed(process: &Process, orphans: &Orphans) -> LastExit {
    orphans.take(process.pid).map_or_else(unknown, seen)
}

fn seen(exit: Exit) -> LastExit {
    LastExit {
        code: exit.code,
        signal: exit.signal,
        at: clock::now(),
    }
}

fn unknown() -> LastExit {
    LastExit {
        code: None,
        signal: None,
        at: clock::now(),
    }
}
