//! From the sources in a folder to a component beside them.

use std::{fs, path::Path};

use crate::{Built, Error, Language, Result};

/// The compiler says on stderr how far it is. The component is complete, or as it was before.
pub fn build(folder: &Path) -> Result<Built> {
    let folder = fs::canonicalize(folder).map_err(Error::file("find", folder))?;
    Language::of(&folder)?.build(&folder)
}

/// The same as a native library for this machine, where the language makes one.
pub fn build_native(folder: &Path) -> Result<Built> {
    let folder = fs::canonicalize(folder).map_err(Error::file("find", folder))?;
    Language::of(&folder)?.build_native(&folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_sources_is_told_of() {
        let folder = tempfile::tempdir().unwrap();
        let refused = build(folder.path()).unwrap_err();
        assert!(matches!(refused, Error::NoSources { .. }), "{refused}");
        assert!(refused.hint().is_some());
        let gone = build(&folder.path().join("gone")).unwrap_err();
        assert!(gone.to_string().starts_with("cannot find "), "{gone}");
    }
}
