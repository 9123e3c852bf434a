//! Where the operator's file is looked for, and other folders of the XDG base directory specification.

use std::{
    env,
    path::{Path, PathBuf},
};

pub(super) fn path() -> PathBuf {
    let given = env::var_os("SLIPWAY_OPERATOR").map(PathBuf::from);
    given.unwrap_or_else(|| home("XDG_CONFIG_HOME", ".config").join("slipway/operator.toml"))
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
