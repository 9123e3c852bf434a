//! Where the operator's file is looked for, and other folders of the XDG base directory specification.

use std::{
    env,
    path::{Path, PathBuf},
};

pub(super) fn path() -> PathBuf {
    let given = env::var_os("SLIPWAY_OPERATOR").map(PathBuf::from);
    given.unwrap_or_else(|| home("XDG_CONFIG_HOME", ".config").join("slipway/operator.toml"))
}

/// What the file names: from the folder of whoever is at home at `~/`, otherwise from its own.
pub(super) fn beside(named: &Path) -> PathBuf {
    if let Ok(below) = named.strip_prefix("~") {
        return Path::new(&env::var_os("HOME").unwrap_or_else(|| "/".into())).join(below);
    }
    path().parent().unwrap_or(Path::new(".")).join(named)
}

/// A folder of the XDG base directory specification.
pub(crate) fn home(variable: &str, fallback: &str) -> PathBuf {
    let given = env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    given.unwrap_or_else(|| {
        let home = env::var_os("HOME").unwrap_or_else(|| "/".into());
        Path::new(&home).join(fallback)
    })
}
