//! Compiled components of plugins that came from outside, in a folder that only its user can write. A damaged file
//! is compiled anew; a folder that others can write is not used at all.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

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
        let path = self.path(engine, bytes);
        if let Ok(sealed) = self.private().and_then(|()| read_private(&path))
            && let Some(component) = precompiled::open(engine, bytes, &sealed)
        {
            return Ok(component);
        }
        let sealed = precompiled::seal(engine, bytes)?;
        if let Err(error) = self.private().and_then(|()| write_private(&path, &sealed)) {
            tracing::warn!(folder = %self.folder.display(), %error, "compiled plugins cannot be kept");
        }
        precompiled::open(engine, bytes, &sealed)
            .ok_or_else(|| wasmtime::Error::msg("what was just compiled cannot be loaded"))
    }

    pub(crate) fn path(&self, engine: &Engine, bytes: &[u8]) -> PathBuf {
        let compatible = u64::from_le_bytes(compatibility(engine));
        self.folder
            .join(format!("{}-{compatible:016x}.cwasm", Digest::of(bytes).hex()))
    }

    fn private(&self) -> io::Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)?;
        check_private(&fs::symlink_metadata(&self.folder)?)
    }
}

fn read_private(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    check_private(&file.metadata()?)?;
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut file, &mut bytes)?;
    Ok(bytes)
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = path.with_extension(format!("{}.tmp", std::process::id()));
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        // The error that led here is the one to tell.
        let _ = fs::remove_file(&draft);
    }
    written
}

fn check_private(metadata: &fs::Metadata) -> io::Result<()> {
    let ours = metadata.uid() == rustix::process::geteuid().as_raw();
    if metadata.is_symlink() || !ours || metadata.mode() & SHARED != 0 {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "others can write it: it must belong to this user alone (mode 0700, files 0600)",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::engine::engine;

    #[test]
    fn damage_is_compiled_away_and_a_shared_folder_is_not_used() {
        let (engine, root) = (engine().unwrap(), tempfile::tempdir().unwrap());
        let bytes = wat::parse_str("(component)").unwrap();
        let cache = Cache::new(root.path().join("a/b"));
        let path = cache.path(engine, &bytes);
        cache.component(engine, &bytes).unwrap();
        let whole = fs::read(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);

        for damaged in [&whole[..whole.len() / 2], b"", b"native code of somebody else"] {
            fs::write(&path, damaged).unwrap();
            cache.component(engine, &bytes).unwrap();
            assert_eq!(fs::read(&path).unwrap().len(), whole.len());
        }

        let open = root.path().join("open");
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
        Cache::new(open.clone()).component(engine, &bytes).unwrap();
        assert_eq!(fs::read_dir(&open).unwrap().count(), 0);
    }
}
