//! The agent's processes, and how the program is told which one to be.

use std::{
    ffi::OsString,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
    str::FromStr,
};

use crate::{
    error::{AgentError, Doing, Result},
    keeper, launch, worker,
};

/// Which of the agent's processes to be: `agent --dir DIR --role ROLE`. People start the keeper; it starts the rest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Role {
    #[default]
    Keeper,
    /// A keeper that leaves the terminal and the session it was started from.
    Detached,
    Worker,
    Launch,
}

const NAMES: [(Role, &str); 4] = [
    (Role::Keeper, "keeper"),
    (Role::Detached, "detached"),
    (Role::Worker, "worker"),
    (Role::Launch, "launch"),
];

impl Role {
    pub(crate) fn command(self, dir: &Path) -> Command {
        // This very program, even if its file was replaced by a newer version meanwhile.
        let mut command = Command::new("/proc/self/exe");
        command.arg0("slipway").args(self.arguments(dir));
        command
    }

    /// The command line that `exe` has to understand.
    pub(crate) fn arguments(self, dir: &Path) -> [OsString; 5] {
        let name = NAMES
            .iter()
            .find(|(role, _)| *role == self)
            .map_or("keeper", |(_, name)| name);
        [
            "agent".into(),
            "--dir".into(),
            dir.into(),
            "--role".into(),
            name.into(),
        ]
    }
}

impl FromStr for Role {
    type Err = AgentError;

    fn from_str(text: &str) -> Result<Self> {
        let found = NAMES
            .iter()
            .find(|(_, name)| *name == text)
            .map(|(role, _)| *role);
        found.ok_or_else(|| AgentError::Invalid(format!("`{text}` is no role of the agent")))
    }
}

/// Is that process until it is told to end. Sets up its own runtime, so it is called outside of any.
pub fn run(dir: &Path, role: Role) -> Result<()> {
    let runtime = |mut builder: tokio::runtime::Builder| {
        // A program that has set up its own log keeps it.
        let _own_log = tracing_subscriber::fmt()
            .with_writer(std::io::stderr)
            .with_ansi(false)
            .try_init();
        builder.enable_all().build().doing("set up the runtime in", dir)
    };
    match role {
        Role::Launch => launch::become_the_instance(),
        Role::Worker => runtime(tokio::runtime::Builder::new_multi_thread())?.block_on(worker::run(dir)),
        Role::Keeper => runtime(tokio::runtime::Builder::new_current_thread())?.block_on(keeper::run(dir)),
        Role::Detached => {
            let dir = absolute(dir)?;
            rustix::process::setsid().doing("leave the session in", &dir)?;
            std::env::set_current_dir("/").doing("go to", "/")?;
            runtime(tokio::runtime::Builder::new_current_thread())?.block_on(keeper::run(&dir))
        }
    }
}

fn absolute(dir: &Path) -> Result<PathBuf> {
    std::path::absolute(dir).doing("resolve", dir)
}
