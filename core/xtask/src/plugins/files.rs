//! Files that builds leave: complete, or as they were before.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::talk::Failed;

pub(super) fn replace(target: &Path, bytes: &[u8]) -> Result<(), Failed> {
    let unfinished = temporary(target);
    fs::write(&unfinished, bytes).map_err(Failed::to("write", &unfinished))?;
    fs::rename(&unfinished, target).map_err(Failed::to("write", target))
}

pub(super) fn temporary(target: &Path) -> PathBuf {
    target.with_extension(format!("{}.unfinished", std::process::id()))
}
