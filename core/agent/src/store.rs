//! Documents that outlive the agent: one JSON file each, replaced whole and durable before the call returns.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use serde::{Serialize, de::DeserializeOwned};

use crate::error::{AgentError, Doing, Result};

pub(crate) fn write(path: &Path, document: &impl Serialize) -> Result<()> {
    let text = serde_json::to_vec_pretty(document).map_err(|source| AgentError::Document {
        path: path.to_owned(),
        source,
    })?;
    let unfinished = path.with_extension("new");
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&unfinished)
        .doing("open", &unfinished)?;
    file.write_all(&text)
        .and_then(|()| file.sync_all())
        .doing("write", &unfinished)?;
    fs::rename(&unfinished, path).doing("replace", path)?;
    sync_folder(path)
}

pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).doing("read", path),
    };
    serde_json::from_slice(&text)
        .map(Some)
        .map_err(|source| AgentError::Document {
            path: path.to_owned(),
            source,
        })
}

pub(crate) fn read_all<T: DeserializeOwned>(folder: &Path) -> Result<Vec<T>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).doing("list", folder)? {
        let path = entry.doing("list", folder)?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            found.extend(read(&path)?);
        }
    }
    Ok(found)
}

pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Ok(()) => sync_folder(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).doing("remove", path),
    }
}

fn sync_folder(path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .doing("make durable", folder)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn documents_are_replaced_whole_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        assert_eq!(read::<u32>(&path).unwrap(), None);
        write(&path, &1_u32).unwrap();
        write(&path, &2_u32).unwrap();
        assert_eq!(read_all::<u32>(dir.path()).unwrap(), [2]);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        remove(&path).unwrap();
        remove(&path).unwrap();
        assert!(read_all::<u32>(dir.path()).unwrap().is_empty());
    }
}
