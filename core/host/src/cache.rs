//! Compiled components of plugins that came from outside, in a folder that only its user can write. A damaged file
//! is compiled anew; a folder that others can write is not used at all.

use std::{
    fs::{DirBuilder, File, Metadata},
    io::{self, Read, Write},
    os::{
        fd::OwnedFd,
        unix::fs::{DirBuilderExt, MetadataExt},
    },
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use rustix::fs::{AtFlags, Mode, OFlags, open, openat, renameat, unlinkat};
use slipway_model::Digest;
use wasmtime::{Engine, component::Component};

use crate::{engine::compatibility, precompiled};

/// Group and others may do nothing.
const SHARED: u32 = 0o077;

pub(crate) struct Cache {
    folder: PathBuf,
}

impl Cache {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// From the cache if it is there, otherwise compiled and put there. That it cannot be put there is no failure.
    pub(crate) fn component(&self, engine: &Engine, bytes: &[u8]) -> wasmtime::Result<Component> {
        let name = name(engine, bytes);
        let private = Private::open(&self.folder);
        if let Ok(folder) = &private
            && let Ok(sealed) = folder.read(&name)
            && let Some(component) = precompiled::open(engine, bytes, &sealed)
        {
            return Ok(component);
        }
        let sealed = precompiled::seal(engine, bytes)?;
        if let Err(error) = private.and_then(|folder| folder.write(&name, &sealed)) {
            tracing::warn!(folder = %self.folder.display(), %error, "compiled plugins cannot be kept");
        }
        precompiled::open(engine, bytes, &sealed)
            .ok_or_else(|| wasmtime::Error::msg("what was just compiled cannot be loaded"))
    }
}

/// What it was compiled from, and by which engine.
fn name(engine: &Engine, bytes: &[u8]) -> String {
    let compatible = u64::from_le_bytes(compatibility(engine));
    format!("{}-{compatible:016x}.cwasm", Digest::of(bytes).hex())
}

/// The folder as it was when it was judged: nobody can put another in its place between that and what is done in it.
struct Private(OwnedFd);

impl Private {
    fn open(folder: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = File::from(open(folder, flags, Mode::empty())?);
        check_private(&folder.metadata()?)?;
        Ok(Self(folder.into()))
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        // Not waiting for whoever would write into a pipe of this name.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let mut file = File::from(openat(&self.0, name, flags, Mode::empty())?);
        let metadata = file.metadata()?;
        check_private(&metadata)?;
        if !metadata.is_file() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let unique = NEXT.fetch_add(1, Ordering::Relaxed);
        let draft = format!("{name}.{}-{unique}.tmp", std::process::id());
        // Of a process that had this number and did not come to its end.
        let _ = unlinkat(&self.0, &draft, AtFlags::empty());
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(openat(&self.0, &draft, flags, Mode::RUSR | Mode::WUSR)?);
        let written = file
            .write_all(bytes)
            .and_then(|()| file.sync_all())
            .and_then(|()| renameat(&self.0, &draft, &self.0, name).map_err(io::Error::from));
        if written.is_err() {
            // The error that led here is the one to tell.
            let _ = unlinkat(&self.0, &draft, AtFlags::empty());
        }
        written
    }
}

fn check_private(metadata: &Metadata) -> io::Result<()> {
    let ours = metadata.uid() == rustix::process::geteuid().as_raw();
    if !ours || metadata.mode() & SHARED != 0 {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "others can write it: it must belong to this user alone (mode 0700, files 0600)",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::fs::{PermissionsExt, symlink},
    };

    use super::*;
    use crate::engine::engine;

    /// A component that nobody ran yet, its compiled form as it is kept, and where.
    struct Kept {
        root: tempfile::TempDir,
        bytes: Vec<u8>,
        path: PathBuf,
        whole: Vec<u8>,
    }

    impl Kept {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            let bytes = wat::parse_str("(component)").unwrap();
            let path = root.path().join("a/b").join(name(engine().unwrap(), &bytes));
            let mut kept = Self {
                root,
                bytes,
                path,
                whole: Vec::new(),
            };
            kept.run();
            kept.whole = fs::read(&kept.path).unwrap();
            kept
        }

        fn run(&self) {
            let folder = self.path.parent().unwrap().to_owned();
            Cache::new(folder)
                .component(engine().unwrap(), &self.bytes)
                .unwrap();
        }

        /// What lies there now was compiled here.
        #[track_caller]
        fn is_compiled_anew(&self, what: &str) {
            let at = fs::symlink_metadata(&self.path).unwrap();
            let mode = at.permissions().mode() & 0o777;
            assert!(at.is_file() && mode == 0o600, "{what}: {at:?}");
            assert_eq!(fs::read(&self.path).unwrap(), self.whole, "{what}");
        }
    }

    #[test]
    fn what_is_kept_is_this_users_alone() {
        let kept = Kept::new();
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!(mode(&kept.path), 0o600);
        assert_eq!(mode(kept.path.parent().unwrap()), 0o700);
        assert_eq!(fs::read_dir(kept.path.parent().unwrap()).unwrap().count(), 1);
        // It is not written again for whoever comes next.
        let written = fs::metadata(&kept.path).unwrap().ino();
        kept.run();
        assert_eq!(fs::metadata(&kept.path).unwrap().ino(), written);
    }

    #[test]
    fn what_is_not_whole_or_not_ours_is_compiled_anew() {
        let kept = Kept::new();
        let foreign = wat::parse_str("(component (core module))").unwrap();
        let of_another = precompiled::seal(engine().unwrap(), &foreign).unwrap();
        let bare = engine().unwrap().precompile_component(&kept.bytes).unwrap();
        let flipped = |at: usize| {
            let mut flipped = kept.whole.clone();
            flipped[at] ^= 1;
            flipped
        };
        for (what, planted) in [
            ("cut", kept.whole[..kept.whole.len() / 2].to_vec()),
            ("empty", Vec::new()),
            ("native code of somebody else", b"\x7fELF native code".to_vec()),
            ("without its envelope", bare),
            ("of another component", of_another),
            ("another engine", flipped(8)),
            ("flipped in the code", flipped(kept.whole.len() - 1)),
            ("longer", [&kept.whole[..], b"x"].concat()),
        ] {
            fs::write(&kept.path, planted).unwrap();
            kept.run();
            kept.is_compiled_anew(what);
        }
    }

    #[test]
    fn what_only_has_the_name_is_compiled_anew() {
        let kept = Kept::new();
        let aside = kept.root.path().join("aside");
        fs::write(&aside, &kept.whole).unwrap();
        fs::set_permissions(&aside, fs::Permissions::from_mode(0o600)).unwrap();
        let plant = |what: &str| match what {
            "a link" => symlink(&aside, &kept.path).unwrap(),
            "a link to nowhere" => symlink("/nowhere", &kept.path).unwrap(),
            "a pipe" => {
                let mode = Mode::RUSR | Mode::WUSR;
                rustix::fs::mknodat(rustix::fs::CWD, &kept.path, rustix::fs::FileType::Fifo, mode, 0)
                    .unwrap();
            }
            mode => {
                let mode = u32::from_str_radix(mode, 8).unwrap();
                fs::write(&kept.path, &kept.whole).unwrap();
                fs::set_permissions(&kept.path, fs::Permissions::from_mode(mode)).unwrap();
            }
        };
        for what in ["a link", "a link to nowhere", "a pipe", "620", "602", "604"] {
            fs::remove_file(&kept.path).unwrap();
            plant(what);
            kept.run();
            kept.is_compiled_anew(what);
        }
        assert_eq!(fs::read(&aside).unwrap(), kept.whole);
        // Only root can give a file away.
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(&kept.path, Some(65_534), None).unwrap();
            kept.run();
            kept.is_compiled_anew("of somebody else");
            assert_eq!(fs::metadata(&kept.path).unwrap().uid(), 0);
        }
        assert!(!Path::new("/nowhere").exists());
    }

    #[test]
    fn a_folder_that_others_can_write_or_lead_elsewhere_is_not_used() {
        let kept = Kept::new();
        let folder = kept.path.parent().unwrap();
        let planted = b"planted".as_slice();
        for mode in [0o777, 0o770, 0o705] {
            fs::write(&kept.path, planted).unwrap();
            fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
            kept.run();
            assert_eq!(fs::read(&kept.path).unwrap(), planted, "{mode:o}");
        }
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
        let link = kept.root.path().join("link");
        symlink(folder, &link).unwrap();
        Cache::new(link)
            .component(engine().unwrap(), &kept.bytes)
            .unwrap();
        assert_eq!(fs::read(&kept.path).unwrap(), planted);
        assert!(Private::open(Path::new("/")).is_err());
    }
}
