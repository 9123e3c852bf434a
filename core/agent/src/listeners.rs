//! The worker's listening sockets. The keeper has a copy of each, so the next worker goes on with the same queue.

use std::{
    collections::BTreeMap,
    io,
    net::{SocketAddr, TcpListener},
    os::{fd::OwnedFd, unix::net::UnixListener},
    process::Stdio,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    Role,
    error::{AgentError, Doing, Result},
    handover::{self, Channel, Message},
    layout::{Layout, SocketPath},
};

#[derive(Default)]
pub(crate) struct Listeners {
    held: Mutex<BTreeMap<String, OwnedFd>>,
    keeper: Option<std::sync::Arc<Channel>>,
}

impl Listeners {
    pub(crate) fn new(held: BTreeMap<String, OwnedFd>, keeper: Option<std::sync::Arc<Channel>>) -> Self {
        Self {
            held: Mutex::new(held),
            keeper,
        }
    }

    /// The socket of the API, which nobody else can open: its folder and itself are the owner's alone.
    pub(crate) fn api(&self, layout: &Layout) -> Result<tokio::net::UnixListener> {
        let path = SocketPath::of(&layout.dir)?;
        let path = path.path();
        let open = || {
            let listener = match self.copy("api")? {
                Some(held) => UnixListener::from(held),
                None => {
                    match std::fs::remove_file(path) {
                        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                        _ => {}
                    }
                    let listener = UnixListener::bind(path)?;
                    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
                    std::fs::set_permissions(path, private)?;
                    self.hold("api", listener.try_clone()?.into());
                    listener
                }
            };
            listener.set_nonblocking(true)?;
            tokio::net::UnixListener::from_std(listener)
        };
        open().doing("listen on", path)
    }

    pub(crate) fn tcp(&self, key: &str, address: SocketAddr) -> Result<tokio::net::TcpListener> {
        let open = || {
            let held = self.copy(key)?.map(TcpListener::from);
            let same = |held: &TcpListener| {
                held.local_addr().is_ok_and(|now| {
                    now.ip() == address.ip() && (address.port() == 0 || now.port() == address.port())
                })
            };
            let listener = match held.filter(same) {
                Some(held) => held,
                None => {
                    let listener = TcpListener::bind(address)?;
                    self.hold(key, listener.try_clone()?.into());
                    listener
                }
            };
            listener.set_nonblocking(true)?;
            tokio::net::TcpListener::from_std(listener)
        };
        open().map_err(|error| {
            AgentError::Invalid(format!(
                "cannot listen on {address}: {error}; stop what uses it or choose another"
            ))
        })
    }

    pub(crate) fn release(&self, key: &str) {
        self.lock().remove(key);
        self.tell(&Message::Release(key.to_owned()), None);
    }

    /// The keeper has died: this process takes its place, with its children and its sockets, and starts a worker.
    pub(crate) fn become_the_keeper(&self, layout: &Layout) -> io::Error {
        let exec = || {
            let (channel, theirs) = handover::pair()?;
            for (key, socket) in self.lock().iter() {
                channel.send(&Message::Hold(key.clone()), Some(socket))?;
            }
            channel.send(&Message::Begin, None)?;
            let mut command = Role::Keeper.command(&layout.dir);
            command.stdin(Stdio::from(theirs));
            Err(std::os::unix::process::CommandExt::exec(&mut command))
        };
        let result: io::Result<()> = exec();
        result
            .err()
            .unwrap_or_else(|| io::Error::other("a program that became another one came back"))
    }

    fn copy(&self, key: &str) -> io::Result<Option<OwnedFd>> {
        self.lock().get(key).map(OwnedFd::try_clone).transpose()
    }

    fn hold(&self, key: &str, socket: OwnedFd) {
        self.tell(&Message::Hold(key.to_owned()), Some(&socket));
        self.lock().insert(key.to_owned(), socket);
    }

    fn tell(&self, message: &Message, socket: Option<&OwnedFd>) {
        // Without the keeper's copy the next worker opens the socket anew, which costs a queue and no more.
        if let Some(Err(error)) = self.keeper.as_ref().map(|keeper| keeper.send(message, socket)) {
            tracing::warn!(%error, ?message, "the keeper was not told");
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, OwnedFd>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
