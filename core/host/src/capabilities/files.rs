//! Named folders. How a path stays beneath its folder, and how things are replaced as a whole, is `folder`'s.

use std::path::{Path, PathBuf};

use cap_std::fs::{Dir, PermissionsExt};
use serde::{Deserialize, Serialize};
use serde_json::json;
use slipway_plugin::{Call, EffectClass, Failure, FailureKind};

use crate::{
    bindings::imports::{
        files::{Entry, Host},
        types,
    },
    blocking::blocking,
    bytes::{Bytes, summary},
    folder::{Folder, Inside, copy_file},
    session::Session,
};

pub(super) const ENTRIES: usize = 10_000;
/// Of a file that is read as a whole.
pub(super) const BYTES: usize = 16 << 20;
/// Folders within folders.
const DEPTH: usize = 64;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Listed {
    path: String,
    directory: bool,
    size: u64,
}

impl Host for Session {
    async fn read(
        &mut self,
        folder: String,
        path: String,
    ) -> wasmtime::Result<Result<Vec<u8>, types::Failure>> {
        let call = self.call.clone();
        let request = json!({ "folder": folder, "path": path });
        let perform = blocking(move || {
            let (folder, inside) = open(call.as_deref(), &folder, &path, false)?;
            folder.read(&inside, BYTES).map(Bytes)
        });
        let told = self
            .effect(("files", "read"), EffectClass::Read, request, perform)
            .await?;
        Ok(told.map(|bytes| bytes.0).map_err(Into::into))
    }

    async fn list_files(
        &mut self,
        folder: String,
        path: String,
    ) -> wasmtime::Result<Result<Vec<Entry>, types::Failure>> {
        let call = self.call.clone();
        let request = json!({ "folder": folder, "path": path });
        let perform = blocking(move || {
            let (folder, inside) = open(call.as_deref(), &folder, &path, false)?;
            let failed = folder.failed("list", &inside);
            let mut listed = Vec::new();
            let dir = match folder.dir.open_dir(inside.or_here()) {
                // Whoever asks whether there are files is told that there are none.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(listed),
                opened => opened.map_err(&failed)?,
            };
            list(&dir, &inside.path, DEPTH, &mut listed).map_err(&failed)?;
            listed.sort_by(|one, other| one.path.cmp(&other.path));
            Ok(listed)
        });
        let told = self
            .effect(("files", "list-files"), EffectClass::Read, request, perform)
            .await?;
        let entry = |it: Listed| Entry {
            path: it.path,
            directory: it.directory,
            size: it.size,
        };
        Ok(told
            .map(|listed| listed.into_iter().map(entry).collect())
            .map_err(Into::into))
    }

    async fn write(
        &mut self,
        folder: String,
        path: String,
        content: Vec<u8>,
    ) -> wasmtime::Result<Result<(), types::Failure>> {
        let call = self.call.clone();
        let request = json!({ "folder": folder, "path": path, "content": summary(&content) });
        let perform = blocking(move || {
            let (folder, inside) = open(call.as_deref(), &folder, &path, true)?;
            folder.replace(&inside, false, |file| {
                std::io::Write::write_all(file, &content).map_err(folder.failed("write", &inside))
            })
        });
        let told = self
            .effect(("files", "write"), EffectClass::Idempotent, request, perform)
            .await?;
        Ok(told.map_err(Into::into))
    }

    async fn copy(
        &mut self,
        from_folder: String,
        from: String,
        to_folder: String,
        to: String,
    ) -> wasmtime::Result<Result<(), types::Failure>> {
        let call = self.call.clone();
        let request = json!({ "from-folder": from_folder, "from": from, "to-folder": to_folder, "to": to });
        let perform = blocking(move || {
            let (source, from) = open(call.as_deref(), &from_folder, &from, false)?;
            let (target, to) = open(call.as_deref(), &to_folder, &to, true)?;
            let failed = source.failed("copy", &from);
            let found = source.dir.metadata(from.or_here()).map_err(&failed)?;
            if found.is_dir() {
                let dir = source.dir.open_dir(from.or_here()).map_err(&failed)?;
                target.replace_folder(&to, |into| copy_folder(&dir, into, DEPTH).map_err(&failed))
            } else if found.is_file() {
                let mut file = source.dir.open(&from.path).map_err(&failed)?;
                target.replace(&to, found.permissions().mode() & 0o111 != 0, |into| {
                    std::io::copy(&mut file, into).map(drop).map_err(&failed)
                })
            } else {
                Err(failed(std::io::Error::other("it is neither a file nor a folder")))
            }
        });
        let told = self
            .effect(("files", "copy"), EffectClass::Idempotent, request, perform)
            .await?;
        Ok(told.map_err(Into::into))
    }

    async fn remove(&mut self, folder: String, path: String) -> wasmtime::Result<Result<(), types::Failure>> {
        let call = self.call.clone();
        let request = json!({ "folder": folder, "path": path });
        let perform = blocking(move || {
            let (folder, inside) = open(call.as_deref(), &folder, &path, true)?;
            if inside.path.as_os_str().is_empty() {
                return Err(Failure::new(
                    FailureKind::Refused,
                    "the granted folder itself cannot be removed",
                ));
            }
            folder.remove(&inside)
        });
        let told = self
            .effect(("files", "remove"), EffectClass::Idempotent, request, perform)
            .await?;
        Ok(told.map_err(Into::into))
    }
}

pub(super) fn open(
    call: Option<&Call>,
    folder: &str,
    path: &str,
    write: bool,
) -> Result<(Folder, Inside), Failure> {
    let call = call.ok_or_else(|| Failure::new(FailureKind::Refused, "no folder is granted"))?;
    Ok((Folder::open(call, folder, write)?, Inside::new(folder, path)?))
}

/// Paths are those of the granted folder, so that they can be read as they stand. Links are listed, not followed.
fn list(dir: &Dir, prefix: &Path, depth: usize, listed: &mut Vec<Listed>) -> std::io::Result<()> {
    for entry in dir.entries()? {
        let entry = entry?;
        let path: PathBuf = prefix.join(entry.file_name());
        let directory = entry.file_type()?.is_dir();
        let text = path
            .to_str()
            .ok_or_else(|| std::io::Error::other(format!("{path:?} is not UTF-8")))?;
        let size = if directory { 0 } else { entry.metadata()?.len() };
        listed.push(Listed {
            path: text.to_owned(),
            directory,
            size,
        });
        if listed.len() > ENTRIES {
            return Err(std::io::Error::other(format!(
                "there are more than {ENTRIES} files"
            )));
        }
        if directory {
            let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
            list(&entry.open_dir()?, &path, depth, listed)?;
        }
    }
    Ok(())
}

fn copy_folder(from: &Dir, to: &Dir, depth: usize) -> std::io::Result<()> {
    for entry in from.entries()? {
        let entry = entry?;
        let (name, kind) = (entry.file_name(), entry.file_type()?);
        if kind.is_dir() {
            to.create_dir(&name)?;
            let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
            copy_folder(&entry.open_dir()?, &to.open_dir(&name)?, depth)?;
        } else if kind.is_file() {
            copy_file(&mut entry.open()?, to, Path::new(&name))?;
        } else {
            return Err(std::io::Error::other(format!(
                "{name:?} is neither a file nor a folder"
            )));
        }
    }
    Ok(())
}

fn too_deep() -> std::io::Error {
    std::io::Error::other(format!("folders are nested more than {DEPTH} deep"))
}
