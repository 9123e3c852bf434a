//! The artifact's bytes as files.

use slipway_sdk::{Failure, File};

use crate::Files;

/// The name of a manifest that is the whole artifact.
const ALONE: &str = "manifest.yaml";

pub(super) fn archive(files: Vec<File>) -> Result<Files, Failure> {
    if files.is_empty() {
        return Err(Failure::invalid("the archive holds no file").hint("is it the right one?"));
    }
    let files = files.into_iter().map(|file| {
        let path = file.path.trim_start_matches("./").to_owned();
        (path, file.content)
    });
    Ok(files.collect())
}

/// Bytes that are no archive, if they are text.
pub(super) fn single(bytes: Vec<u8>) -> Option<Files> {
    std::str::from_utf8(&bytes).ok()?;
    Some([(ALONE, bytes)].into_iter().collect())
}
