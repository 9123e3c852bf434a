//! What came of a build.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{Error, Result};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// Named after the project, in its folder; a native library where one was asked for.
    pub component: PathBuf,
    /// The compiler, as it names itself.
    pub compiler: String,
}

impl Built {
    pub(crate) fn target(folder: &Path, name: &str) -> PathBuf {
        folder.join(format!("{name}.wasm"))
    }

    /// Where it is until it is complete.
    pub(crate) fn unfinished(target: &Path) -> PathBuf {
        target.with_extension(format!("{}.unfinished", std::process::id()))
    }

    pub(crate) fn write(folder: &Path, name: &str, component: &[u8], compiler: String) -> Result<Self> {
        Self::put(Self::target(folder, name), component, compiler)
    }

    pub(crate) fn put(target: PathBuf, bytes: &[u8], compiler: String) -> Result<Self> {
        let unfinished = Self::unfinished(&target);
        fs::write(&unfinished, bytes).map_err(Error::file("write", &unfinished))?;
        fs::rename(&unfinished, &target).map_err(Error::file("write", &target))?;
        Ok(Self {
            component: target,
            compiler,
        })
    }
}
