//! From the sources in a folder to a component beside them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{Error, Language, Result};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// Named after the project, in its folder.
    pub component: PathBuf,
    /// The compiler, as it names itself.
    pub compiler: String,
}

/// The compiler says on stderr how far it is. The component is complete, or as it was before.
pub fn build(folder: &Path) -> Result<Built> {
    let folder = fs::canonicalize(folder).map_err(Error::file("find", folder))?;
    Language::of(&folder)?.build(&folder)
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
        let target = Self::target(folder, name);
        let unfinished = Self::unfinished(&target);
        fs::write(&unfinished, component).map_err(Error::file("write", &unfinished))?;
        fs::rename(&unfinished, &target).map_err(Error::file("write", &target))?;
        Ok(Self {
            component: target,
            compiler,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_sources_is_told_of() {
        let folder = tempfile::tempdir().unwrap();
        let refused = build(folder.path()).unwrap_err();
        assert!(matches!(refused, Error::NoSources(_)), "{refused}");
        assert!(refused.hint().is_some());
        let gone = build(&folder.path().join("gone")).unwrap_err();
        assert!(gone.to_string().starts_with("cannot find "), "{gone}");
    }
}
