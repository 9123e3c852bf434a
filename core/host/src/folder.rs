//! A granted folder: everything happens beneath it, whatever `..`, absolute paths and links say, and what is written
//! is there as a whole or not at all.

use std::{
    io::{self, Read, Write},
    path::{Component, Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use cap_std::{
    ambient_authority,
    fs::{Dir, File, OpenOptions, OpenOptionsExt, PermissionsExt},
};
use slipway_plugin::{Call, Failure, FailureKind};

use crate::{grants::not_granted, limits};

/// A deeper path could be made and not be listed, copied or removed again.
const PARTS: usize = 64;
/// Bytes of a path: with that of its folder it is none of the system's longest.
const LENGTH: usize = 1024;

pub(crate) struct Folder {
    name: String,
    pub(crate) dir: Dir,
}

/// A relative path without `..`, as it was written and as it is used.
#[derive(Clone)]
pub(crate) struct Inside {
    written: String,
    pub(crate) path: PathBuf,
}

impl Folder {
    pub(crate) fn open(call: &Call, name: &str, write: bool) -> Result<Self, Failure> {
        let granted = call
            .folders
            .get(name)
            .ok_or_else(|| not_granted("folder", name, call.folders.keys()))?;
        if write && !granted.writable {
            return Err(Failure::new(
                FailureKind::Refused,
                format!("folder `{name}` may only be read"),
            ));
        }
        let open = || {
            if write {
                std::fs::create_dir_all(&granted.path)?;
            }
            Dir::open_ambient_dir(&granted.path, ambient_authority())
        };
        let failed = |error| Failure::new(FailureKind::Failed, format!("folder `{name}`: {error}"));
        Ok(Self {
            name: name.to_owned(),
            dir: open().map_err(failed)?,
        })
    }

    pub(crate) fn read(&self, inside: &Inside, limit: usize) -> Result<Vec<u8>, Failure> {
        let failed = self.failed("read", inside);
        if !self.dir.metadata(&inside.path).map_err(&failed)?.is_file() {
            return Err(failed(io::Error::other("it is not a file")));
        }
        let mut content = Vec::new();
        let file = self.dir.open(&inside.path).map_err(&failed)?;
        file.take(limit as u64 + 1)
            .read_to_end(&mut content)
            .map_err(&failed)?;
        if content.len() > limit {
            return Err(failed(io::Error::other(format!(
                "it has more than {}",
                limits::bytes(limit)
            ))));
        }
        Ok(content)
    }

    /// Replaces a file as a whole; `fill` writes the new content.
    pub(crate) fn replace(
        &self,
        inside: &Inside,
        executable: bool,
        fill: impl FnOnce(&mut File) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let failed = self.failed("write", inside);
        let (parent, name) = self.parent(inside)?;
        let draft = format!(".{name}.{}.partial", unique());
        let mode = if executable { 0o755 } else { 0o644 };
        let write = || {
            let mut options = OpenOptions::new();
            let mut file = parent
                .open_with(&draft, options.write(true).create_new(true).mode(mode))
                .map_err(&failed)?;
            fill(&mut file)?;
            file.sync_all().map_err(&failed)?;
            parent.rename(&draft, &parent, &name).map_err(&failed)?;
            sync(&parent).map_err(&failed)
        };
        write().inspect_err(|_| {
            // The failure that led here is the one to tell.
            let _ = parent.remove_file(&draft);
        })
    }

    /// Replaces a folder as a whole; `fill` puts things into an empty one.
    pub(crate) fn replace_folder(
        &self,
        inside: &Inside,
        fill: impl FnOnce(&Dir) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let failed = self.failed("write", inside);
        let (parent, name) = self.parent(inside)?;
        // One name, so that what an interruption left behind is found and removed.
        let draft = format!(".{name}.partial");
        remove(&parent, Path::new(&draft)).map_err(&failed)?;
        parent.create_dir(&draft).map_err(&failed)?;
        let dir = parent.open_dir(&draft).map_err(&failed)?;
        let write = || {
            fill(&dir)?;
            remove(&parent, Path::new(&name)).map_err(&failed)?;
            parent.rename(&draft, &parent, &name).map_err(&failed)?;
            sync(&parent).map_err(&failed)
        };
        write().inspect_err(|_| {
            // The failure that led here is the one to tell.
            let _ = remove(&parent, Path::new(&draft));
        })
    }

    /// Keeps others, in this process or another, from filling the same folder at the same time. The kernel lets go of it
    /// when the file is dropped or the process dies.
    pub(crate) fn lock(&self, inside: &Inside) -> Result<std::fs::File, Failure> {
        let failed = self.failed("lock", inside);
        let (parent, name) = self.parent(inside)?;
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(false).mode(0o600);
        let file = parent
            .open_with(format!(".{name}.lock"), options)
            .map_err(&failed)?
            .into_std();
        file.lock().map_err(&failed)?;
        Ok(file)
    }

    pub(crate) fn remove(&self, inside: &Inside) -> Result<(), Failure> {
        remove(&self.dir, &inside.path).map_err(self.failed("remove", inside))
    }

    /// The folder that a path is in, made if need be, and the last part of the path.
    pub(crate) fn parent(&self, inside: &Inside) -> Result<(Dir, String), Failure> {
        let failed = self.failed("write", inside);
        let name = inside.path.file_name().and_then(|name| name.to_str());
        let name =
            name.ok_or_else(|| failed(io::Error::other("the granted folder itself cannot be replaced")))?;
        let parent = match inside.path.parent() {
            Some(parent) if parent != Path::new("") => {
                self.dir.create_dir_all(parent).map_err(&failed)?;
                self.dir.open_dir(parent).map_err(&failed)?
            }
            _ => self.dir.try_clone().map_err(&failed)?,
        };
        Ok((parent, name.to_owned()))
    }

    /// Says what could not be done, where and why.
    pub(crate) fn failed(&self, verb: &str, inside: &Inside) -> impl Fn(io::Error) -> Failure {
        let what = format!(
            "cannot {verb} `{}` in folder `{}`",
            shown(&inside.written),
            self.name
        );
        move |error| {
            let kind = match error.kind() {
                io::ErrorKind::NotFound => FailureKind::Invalid,
                io::ErrorKind::PermissionDenied => FailureKind::Refused,
                _ => FailureKind::Failed,
            };
            Failure::new(kind, format!("{what}: {error}"))
        }
    }
}

impl Inside {
    pub(crate) fn new(folder: &str, written: &str) -> Result<Self, Failure> {
        let refused = |problem: &str| {
            Failure::new(
                FailureKind::Refused,
                format!("`{}` in folder `{folder}`: {problem}", shown(written)),
            )
        };
        if written.contains('\0') {
            return Err(refused("a path has no zero byte"));
        }
        if written.len() > LENGTH || Path::new(written).components().count() > PARTS {
            return Err(refused(&format!(
                "a path has at most {PARTS} parts and {LENGTH} bytes"
            )));
        }
        let mut path = PathBuf::new();
        for component in Path::new(written).components() {
            match component {
                Component::Normal(part) => path.push(part),
                Component::CurDir => {}
                Component::ParentDir => return Err(refused("a path does not leave its folder by `..`")),
                Component::RootDir | Component::Prefix(_) => {
                    return Err(refused("a path is relative to its folder"));
                }
            }
        }
        Ok(Self {
            written: written.to_owned(),
            path,
        })
    }

    /// To be opened: the granted folder itself has an empty path here.
    pub(crate) fn or_here(&self) -> &Path {
        if self.path.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &self.path
        }
    }
}

/// In the words of errors.
fn shown(written: &str) -> String {
    const SHOWN: usize = 200;
    let short: String = written.chars().take(SHOWN).collect();
    short.escape_debug().to_string()
}

/// A file, a link or a folder with all it holds; nothing there is no error.
pub(crate) fn remove(dir: &Dir, path: &Path) -> io::Result<()> {
    let removed = dir.symlink_metadata(path).and_then(|found| {
        if found.is_dir() {
            dir.remove_dir_all(path)
        } else {
            dir.remove_file(path)
        }
    });
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Copies a file between open folders, with its permission to be executed and nothing else of its mode.
pub(crate) fn copy_file(from: &mut File, to: &Dir, path: &Path) -> io::Result<()> {
    let executable = from.metadata()?.permissions().mode() & 0o111 != 0;
    let mut options = OpenOptions::new();
    let options = options
        .write(true)
        .create_new(true)
        .mode(if executable { 0o755 } else { 0o644 });
    let mut file = to.open_with(path, options)?;
    io::copy(from, &mut file)?;
    file.flush()?;
    file.sync_all()
}

pub(crate) fn sync(dir: &Dir) -> io::Result<()> {
    handle(dir, Path::new("."))?.sync_all()
}

/// A folder as something that can be synchronised: a `Dir` itself is only a place.
pub(crate) fn handle(dir: &Dir, path: &Path) -> io::Result<std::fs::File> {
    dir.open(path).map(File::into_std)
}

fn unique() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
