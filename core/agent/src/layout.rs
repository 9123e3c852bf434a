//! Where the agent keeps its things in its folder, and the locks and the socket in there.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    },
    path::{Path, PathBuf},
    sync::Arc,
};

use rustix::fs::{FlockOperation, Mode, OFlags};

use crate::error::{Doing, Result};

/// What fits into `sockaddr_un` with its closing zero.
const SOCKET_PATH_LIMIT: usize = 107;

#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) dir: PathBuf,
}

impl Layout {
    /// Makes what is missing. What may hold secrets is the owner's alone. An agent that runs as root may start
    /// instances as other users, who have to get through its folder to their own, but cannot look around in it.
    pub(crate) fn create(dir: &Path) -> Result<Self> {
        let make = |path: &Path| {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(path)
                .doing("make the folder", path)
        };
        make(dir)?;
        let dir = dir.canonicalize().doing("resolve", dir)?;
        let mode = if rustix::process::geteuid().is_root() {
            0o711
        } else {
            0o700
        };
        std::fs::set_permissions(&dir, PermissionsExt::from_mode(mode)).doing("close to others", &dir)?;
        for part in ["instances", "routes", "guards", "tasks", "logs", "access"] {
            make(&dir.join(part))?;
        }
        Ok(Self { dir })
    }

    pub(crate) fn agent_log(&self) -> PathBuf {
        self.dir.join("agent.log")
    }

    pub(crate) fn instances(&self) -> PathBuf {
        self.dir.join("instances")
    }

    pub(crate) fn routes(&self) -> PathBuf {
        self.dir.join("routes")
    }

    pub(crate) fn guards(&self) -> PathBuf {
        self.dir.join("guards")
    }

    pub(crate) fn tasks(&self) -> PathBuf {
        self.dir.join("tasks")
    }

    pub(crate) fn fences(&self) -> PathBuf {
        self.dir.join("fences.json")
    }

    pub(crate) fn instance_log(&self, name: &str) -> PathBuf {
        self.dir.join("logs").join(format!("{name}.log"))
    }

    /// Beside its record, because instances may be called the same.
    pub(crate) fn task_log(&self, name: &str) -> PathBuf {
        self.tasks().join(format!("{name}.log"))
    }

    /// How it ended, as it was seen by who stayed beside it: another process, whose unfinished file must not be the record's.
    pub(crate) fn task_end(&self, name: &str) -> PathBuf {
        self.tasks().join(format!("{name}.exit.end"))
    }

    pub(crate) fn access_log(&self, route: &str) -> PathBuf {
        self.dir.join("access").join(format!("{route}.log"))
    }
}

/// A path to the agent's socket that can be bound and connected to however deep the folder is.
#[derive(Debug, Clone)]
pub struct SocketPath {
    path: PathBuf,
    /// Keeps `/proc/self/fd/N` in `path` alive.
    _folder: Option<Arc<OwnedFd>>,
}

impl SocketPath {
    pub fn of(dir: &Path) -> Result<Self> {
        let path = dir.join("agent.sock");
        if path.as_os_str().len() <= SOCKET_PATH_LIMIT {
            return Ok(Self { path, _folder: None });
        }
        let folder = rustix::fs::open(
            dir,
            OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
        )
        .doing("open", dir)?;
        let path = PathBuf::from(format!("/proc/self/fd/{}/agent.sock", folder.as_raw_fd()));
        Ok(Self {
            path,
            _folder: Some(Arc::new(folder)),
        })
    }

    /// Valid in this process, for as long as this value lives.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Held until dropped, or until the process ends in whatever way.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

impl Lock {
    /// `None` if another process holds it.
    pub(crate) fn take(dir: &Path, name: &str) -> Result<Option<Self>> {
        let path = dir.join(name);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .doing("open the lock", &path)?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self(file))),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error).doing("lock", path),
        }
    }
}
