//! Big immutable bytes, which stay with the host: a plugin says what is to be done with them. Before a blob is used
//! its digest is verified.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read, Seek, Write},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use serde_json::json;
use slipway_model::{Digest, Hasher};
use slipway_plugin::{Call, EffectClass, Failure, FailureKind};
use tokio::sync::oneshot;

use crate::{
    archive::{self, ArchiveError, Bounds},
    bindings::imports::{
        blobs::{ArchiveEntry, EntryKind, Host},
        http::Archived,
        types,
    },
    blocking::blocking,
    bytes::Bytes,
    capabilities::files::{BYTES, ENTRIES, open},
    folder::{Folder, Inside},
    limits,
    outgoing::Stream,
    session::Session,
};

/// What a plugin may hold in its own memory.
const SMALL: u64 = 16 << 20;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Listed {
    path: String,
    kind: archive::EntryKind,
    size: u64,
    mode: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<String>,
}

impl Host for Session {
    async fn entries(&mut self, blob: String) -> wasmtime::Result<Result<Vec<ArchiveEntry>, types::Failure>> {
        let call = self.call.clone();
        let request = json!({ "blob": blob });
        let perform = blocking(move || {
            let (_, file) = verified(call.as_deref(), &blob)?;
            let mut listed = Vec::new();
            let list = &mut |entry: archive::Entry<'_>| {
                let archive::Entry {
                    path,
                    kind,
                    size,
                    mode,
                    target,
                    ..
                } = entry;
                listed.push(Listed {
                    path,
                    kind,
                    size,
                    mode,
                    target,
                });
                Ok(())
            };
            archive::walk(&file, &Bounds::default(), list).map_err(|error| refused(&blob, &error))?;
            Ok(listed)
        });
        let told = self
            .effect(("blobs", "entries"), EffectClass::Read, request, perform)
            .await?;
        Ok(told
            .map(|listed| listed.into_iter().map(ArchiveEntry::from).collect())
            .map_err(Into::into))
    }

    async fn files(&mut self, blob: String) -> wasmtime::Result<Result<Vec<types::File>, types::Failure>> {
        let call = self.call.clone();
        let request = json!({ "blob": blob });
        let perform = blocking(move || {
            let (_, file) = verified(call.as_deref(), &blob)?;
            read_all(&file).map_err(|error| refused(&blob, &error))
        });
        let told = self
            .effect(("blobs", "files"), EffectClass::Read, request, perform)
            .await?;
        let file = |(path, content): (String, Bytes)| types::File {
            path,
            content: content.0,
        };
        Ok(told
            .map(|files| files.into_iter().map(file).collect())
            .map_err(Into::into))
    }

    async fn read(&mut self, blob: String) -> wasmtime::Result<Result<Vec<u8>, types::Failure>> {
        let call = self.call.clone();
        let request = json!({ "blob": blob });
        let perform = blocking(move || {
            let (digest, mut file) = verified(call.as_deref(), &blob)?;
            let mut bytes = Vec::new();
            let read = Read::by_ref(&mut file).take(SMALL + 1).read_to_end(&mut bytes);
            read.map_err(|error| Failure::new(FailureKind::Failed, format!("blob {digest}: {error}")))?;
            if bytes.len() as u64 > SMALL {
                let text = format!("blob {digest} has more than {}", limits::bytes(SMALL as usize));
                return Err(Failure::new(FailureKind::Refused, text));
            }
            Ok(Bytes(bytes))
        });
        let told = self
            .effect(("blobs", "read"), EffectClass::Read, request, perform)
            .await?;
        Ok(told.map(|bytes| bytes.0).map_err(Into::into))
    }

    async fn unpack(
        &mut self,
        blob: String,
        folder: String,
        path: String,
        strip: u32,
    ) -> wasmtime::Result<Result<(), types::Failure>> {
        let call = self.call.clone();
        let request = json!({ "blob": blob, "folder": folder, "path": path, "strip": strip });
        let perform = blocking(move || {
            let (folder, inside) = open(call.as_deref(), &folder, &path, true)?;
            let receipt = Receipt {
                blob: blob.clone(),
                strip,
            };
            // Several instances of one revision are started at the same time.
            let _alone = folder.lock(&inside)?;
            if receipt.is_there(&folder, &inside)? {
                return Ok(());
            }
            let (_, file) = verified(call.as_deref(), &blob)?;
            receipt.withdraw(&folder, &inside)?;
            folder.replace_folder(&inside, |into| {
                archive::unpack(&file, &Bounds::default(), strip, into)
                    .map_err(|error| refused(&blob, &error))
            })?;
            receipt.leave(&folder, &inside)
        });
        let told = self
            .effect(("blobs", "unpack"), EffectClass::Idempotent, request, perform)
            .await?;
        Ok(told.map_err(Into::into))
    }

    async fn place(
        &mut self,
        blob: String,
        folder: String,
        path: String,
        executable: bool,
    ) -> wasmtime::Result<Result<(), types::Failure>> {
        let call = self.call.clone();
        let request = json!({ "blob": blob, "folder": folder, "path": path, "executable": executable });
        let perform = blocking(move || {
            let (folder, inside) = open(call.as_deref(), &folder, &path, true)?;
            let (digest, mut file) = granted(call.as_deref(), &blob)?;
            folder.replace(&inside, executable, |into| {
                let mut hasher = Hasher::default();
                each(&mut file, |bytes| {
                    hasher.update(bytes);
                    into.write_all(bytes)
                })
                .map_err(folder.failed("write", &inside))?;
                same(digest, hasher.finish())
            })
        });
        let told = self
            .effect(("blobs", "place"), EffectClass::Idempotent, request, perform)
            .await?;
        Ok(told.map_err(Into::into))
    }
}

/// Lies beside an unpacked folder and says what was unpacked. It is written last: without it the folder is none.
#[derive(PartialEq, Serialize, Deserialize)]
struct Receipt {
    blob: String,
    strip: u32,
}

impl Receipt {
    fn beside(inside: &Inside) -> Result<Inside, Failure> {
        let name = inside
            .path
            .file_name()
            .map(|name| format!(".{}.unpacked", name.to_string_lossy()));
        let name = name.ok_or_else(|| {
            Failure::new(
                FailureKind::Refused,
                "an archive is unpacked into a folder below the granted one",
            )
        })?;
        Inside::new("", &inside.path.with_file_name(name).to_string_lossy())
    }

    fn is_there(&self, folder: &Folder, inside: &Inside) -> Result<bool, Failure> {
        let beside = Self::beside(inside)?;
        let found = folder
            .dir
            .read(&beside.path)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok());
        Ok(found.as_ref() == Some(self) && folder.dir.is_dir(&inside.path))
    }

    fn withdraw(&self, folder: &Folder, inside: &Inside) -> Result<(), Failure> {
        folder.remove(&Self::beside(inside)?)
    }

    fn leave(&self, folder: &Folder, inside: &Inside) -> Result<(), Failure> {
        let beside = Self::beside(inside)?;
        folder.replace(&beside, false, |file| {
            serde_json::to_writer(file, self).map_err(|error| folder.failed("write", &beside)(error.into()))
        })
    }
}

/// Plain files alone, under paths that stay inside; an archive with anything else is not read by halves.
fn read_all(file: &File) -> Result<BTreeMap<String, Bytes>, ArchiveError> {
    let bounds = Bounds {
        entries: ENTRIES,
        bytes: BYTES as u64,
        ..Bounds::default()
    };
    let mut files = BTreeMap::new();
    archive::walk(file, &bounds, &mut |entry| {
        match entry.kind {
            archive::EntryKind::Directory => return Ok(()),
            archive::EntryKind::File => {}
            _ => return Err(ArchiveError::entry(&entry.path, "it is not a plain file")),
        }
        let path = archive::inside(&entry.path)?;
        let mut content = Vec::new();
        let read = entry.content.read_to_end(&mut content);
        read.map_err(|error| ArchiveError::read(Some(&path), error))?;
        match files.insert(path, Bytes(content)) {
            None => Ok(()),
            Some(_) => Err(ArchiveError::entry(&entry.path, "it is there twice")),
        }
    })?;
    Ok(files)
}

fn granted(call: Option<&Call>, blob: &str) -> Result<(Digest, File), Failure> {
    let found = blob
        .parse::<Digest>()
        .ok()
        .and_then(|digest| Some((digest, call?.blobs.get(&digest)?)));
    let (digest, found) = found.ok_or_else(|| {
        Failure::new(
            FailureKind::Refused,
            format!("blob `{}` was not handed to this call", blob.escape_debug()),
        )
    })?;
    let file = File::open(&found.path)
        .map_err(|error| Failure::new(FailureKind::Failed, format!("blob {digest}: {error}")))?;
    Ok((digest, file))
}

/// One file of an archive, without keeping it: the first of that path.
pub(super) async fn archived(call: Arc<Call>, of: Archived) -> Result<Stream, Failure> {
    let (found, wanted) = oneshot::channel();
    tokio::task::spawn_blocking(move || {
        let Archived { blob, path } = of;
        let mut found = Some(found);
        let mut visit = |entry: archive::Entry<'_>| {
            let is_it = entry.path == path && entry.kind == archive::EntryKind::File;
            if let Some(found) = found.take_if(|_| is_it) {
                let (stream, filling) = Stream::of(entry.size);
                // Nobody may be waiting any more.
                if found.send(Ok(stream)).is_ok() {
                    filling.fill(entry.content);
                }
            }
            Ok(())
        };
        let walked = verified(Some(&call), &blob).and_then(|(_, file)| {
            archive::walk(&file, &Bounds::default(), &mut visit).map_err(|error| refused(&blob, &error))
        });
        if let Some(found) = found {
            let absent = || {
                let text = format!("archive {blob} has no file `{}`", path.escape_debug());
                Failure::new(FailureKind::Refused, text)
            };
            drop(found.send(Err(walked.err().unwrap_or_else(absent))));
        }
    });
    wanted
        .await
        .unwrap_or_else(|error| Err(Failure::new(FailureKind::Failed, error.to_string())))
}

pub(super) fn verified(call: Option<&Call>, blob: &str) -> Result<(Digest, File), Failure> {
    let (digest, mut file) = granted(call, blob)?;
    let mut hasher = Hasher::default();
    let read = each(&mut file, |bytes| {
        hasher.update(bytes);
        Ok(())
    });
    read.and_then(|()| file.rewind())
        .map_err(|error| Failure::new(FailureKind::Failed, format!("blob {digest}: {error}")))?;
    same(digest, hasher.finish()).map(|()| (digest, file))
}

fn same(wanted: Digest, found: Digest) -> Result<(), Failure> {
    if wanted == found {
        return Ok(());
    }
    Err(Failure::new(
        FailureKind::Failed,
        format!("the bytes kept as blob {wanted} are {found}"),
    )
    .hint("the store is damaged: remove the blob and fetch it again"))
}

fn each(file: &mut File, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut buffer = vec![0; 256 << 10];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            count => take(&buffer[..count])?,
        }
    }
}

fn refused(blob: &str, error: &ArchiveError) -> Failure {
    let kind = match error {
        ArchiveError::Write { .. } => FailureKind::Failed,
        _ => FailureKind::Refused,
    };
    Failure::new(kind, format!("archive {blob}: {error}"))
}

impl From<Listed> for ArchiveEntry {
    fn from(listed: Listed) -> Self {
        let kind = match listed.kind {
            archive::EntryKind::File => EntryKind::File,
            archive::EntryKind::Directory => EntryKind::Directory,
            archive::EntryKind::Symlink => EntryKind::Symlink,
            archive::EntryKind::Hardlink => EntryKind::Hardlink,
            archive::EntryKind::Device => EntryKind::Device,
            archive::EntryKind::Other => EntryKind::Other,
        };
        Self {
            path: listed.path,
            kind,
            size: listed.size,
            mode: listed.mode,
            target: listed.target,
        }
    }
}
