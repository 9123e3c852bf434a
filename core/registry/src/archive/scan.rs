//! What a tar holds: names, places, sizes. Reads headers only and believes none: names that leave the archive, names
//! that come twice, things that are neither files, folders nor links, and headers without end are refused.

use std::{collections::BTreeMap, path::Path};

use bytes::Bytes;
use tar::{EntryType, Header, PaxExtensions};

use super::input::Input;
use crate::{
    error::{Cause, Error, Result},
    reference::shown,
};

const BLOCK: u64 = 512;
const ENTRIES: usize = 100_000;
/// A long name, or a list of extended attributes.
const EXTENSION: u64 = 256 * 1024;
/// All names and links together.
const NAMES: usize = 32 * 1024 * 1024;
/// Of a compressed archive small files are kept while they pass: going back means unpacking from the beginning.
const KEPT_EACH: u64 = 128 * 1024;
const KEPT: usize = 32 * 1024 * 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    File(Span),
    Folder,
    /// To another entry, by its name in the archive.
    Link(String),
}

/// Where a file is in the (unpacked) archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) offset: u64,
    pub(crate) size: u64,
}

#[derive(Default)]
pub(crate) struct Scanned {
    pub(crate) entries: BTreeMap<String, Entry>,
    pub(crate) kept: BTreeMap<String, Bytes>,
}

/// What the headers before an entry say of it.
#[derive(Default)]
struct Extensions {
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
}

pub(crate) fn scan(path: &Path, input: &mut Input) -> Result<Scanned> {
    let mut scanned = Scanned::default();
    let (mut kept, mut names) = (0, 0);
    let mut extensions = Extensions::default();
    for count in 0.. {
        let fail = |cause| Error::new("read", path.display(), cause);
        let Some(header) = header(input).map_err(fail)? else {
            return Ok(scanned);
        };
        if count == ENTRIES {
            return Err(fail(Cause::Archive(format!(
                "it has more than {ENTRIES} entries, which is refused"
            ))));
        }
        let kind = header.entry_type();
        let stated = header
            .entry_size()
            .map_err(|_| fail(Cause::Archive("an entry without a size".to_owned())))?;
        if matches!(
            kind,
            EntryType::GNULongName | EntryType::GNULongLink | EntryType::XHeader | EntryType::XGlobalHeader
        ) {
            let bytes = extension(input, stated).map_err(fail)?;
            extensions.add(kind, &bytes).map_err(fail)?;
            continue;
        }
        let extensions = std::mem::take(&mut extensions);
        let raw = extensions
            .name
            .unwrap_or_else(|| header.path_bytes().into_owned());
        let shown = shown(&String::from_utf8_lossy(&raw));
        let fail = |cause| Error::new("read", format_args!("{}, entry `{shown}`", path.display()), cause);
        let name = text(&raw)
            .and_then(|name| inside("", name))
            .map_err(|why| fail(Cause::Archive(why)))?;
        let size = extensions.size.unwrap_or(stated);
        let span = Span {
            offset: input.at(),
            size,
        };
        let entry = match kind {
            EntryType::Regular | EntryType::Continuous => Entry::File(span),
            EntryType::Directory => Entry::Folder,
            EntryType::Symlink | EntryType::Link => {
                let link = extensions
                    .link
                    .or_else(|| header.link_name_bytes().map(|link| link.into_owned()));
                // A symbolic link starts from its folder, a hard one from the top.
                let folder = match name.rsplit_once('/') {
                    Some((folder, _)) if kind == EntryType::Symlink => folder,
                    _ => "",
                };
                let target = text(link.as_deref().unwrap_or_default()).and_then(|link| inside(folder, link));
                Entry::Link(target.map_err(|why| fail(Cause::Archive(format!("its link: {why}"))))?)
            }
            _ => {
                return Err(fail(Cause::Archive(
                    "neither a file, a folder nor a link".to_owned(),
                )));
            }
        };
        names += name.len()
            + match &entry {
                Entry::Link(target) => target.len(),
                _ => 0,
            };
        if names > NAMES {
            let cause = "its names are longer than any archive needs, which is refused".to_owned();
            return Err(fail(Cause::Archive(cause)));
        }
        // Folders and links have no content, whatever they say.
        let mut left = match entry {
            Entry::File(_) => size
                .checked_next_multiple_of(BLOCK)
                .ok_or_else(|| fail(Cause::Archive("no file is that large".to_owned())))?,
            _ => 0,
        };
        if input.is_compressed() && matches!(entry, Entry::File(_)) && size <= KEPT_EACH && kept < KEPT {
            let mut bytes = vec![0; usize::try_from(size).unwrap_or_default()];
            input.fill(&mut bytes).map_err(fail)?;
            kept += bytes.len();
            left -= size;
            scanned.kept.insert(name.clone(), bytes.into());
        }
        input.skip(left).map_err(fail)?;
        let folder = entry == Entry::Folder;
        if name.is_empty() && folder {
            continue;
        }
        match scanned.entries.insert(name, entry) {
            None => {}
            // What was packed from two places names a folder twice.
            Some(Entry::Folder) if folder => {}
            Some(_) => {
                let cause = "there are two entries of this name, and no telling which is meant".to_owned();
                return Err(fail(Cause::Archive(cause)));
            }
        }
    }
    Ok(scanned)
}

impl Extensions {
    fn add(&mut self, kind: EntryType, bytes: &[u8]) -> Result<(), Cause> {
        let ended = || bytes.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
        match kind {
            EntryType::GNULongName => self.name = Some(ended()),
            EntryType::GNULongLink => self.link = Some(ended()),
            EntryType::XHeader => {
                for extension in PaxExtensions::new(bytes) {
                    let extension = extension
                        .map_err(|_| Cause::Archive("an extended header that cannot be read".to_owned()))?;
                    let value = extension.value_bytes();
                    match extension.key_bytes() {
                        b"path" => self.name = Some(value.to_vec()),
                        b"linkpath" => self.link = Some(value.to_vec()),
                        b"size" => {
                            let size = std::str::from_utf8(value).ok().and_then(|size| size.parse().ok());
                            self.size = Some(
                                size.ok_or_else(|| Cause::Archive("a size that is no number".to_owned()))?,
                            );
                        }
                        key if key.starts_with(b"GNU.sparse") => {
                            return Err(Cause::Archive(
                                "a file with holes, which no image archive has".to_owned(),
                            ));
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// The next header; none at the end mark, without which an archive was cut short.
fn header(input: &mut Input) -> Result<Option<Header>, Cause> {
    let mut block = [0; BLOCK as usize];
    input.fill(&mut block)?;
    if block == [0; BLOCK as usize] {
        return Ok(None);
    }
    // The sum is over the header with spaces where the sum stands.
    let sum: u32 = block[..148]
        .iter()
        .chain(&[b' '; 8])
        .chain(&block[156..])
        .map(|byte| u32::from(*byte))
        .sum();
    let header = Header::from_byte_slice(&block);
    if header.cksum().ok() == Some(sum) {
        Ok(Some(header.clone()))
    } else {
        Err(Cause::Archive(
            "not a tar, or a damaged one: the checksum of a header is wrong".to_owned(),
        ))
    }
}

fn extension(input: &mut Input, size: u64) -> Result<Vec<u8>, Cause> {
    if size > EXTENSION {
        return Err(Cause::Archive(format!(
            "a header of {size} bytes, which is refused"
        )));
    }
    let mut bytes = vec![0; usize::try_from(size).unwrap_or_default()];
    input.fill(&mut bytes)?;
    input.skip(size.next_multiple_of(BLOCK) - size)?;
    Ok(bytes)
}

fn text(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|_| "a name that is not UTF-8".to_owned())
}

/// The name as seen from the top of the archive. It may climb as far as there.
fn inside(folder: &str, name: &str) -> Result<String, String> {
    if name.starts_with('/') || name.contains(['\\', '\0']) {
        return Err(format!("`{}` leaves the archive", shown(name)));
    }
    let mut segments: Vec<&str> = folder.split('/').filter(|segment| !segment.is_empty()).collect();
    let climbing = !folder.is_empty();
    for segment in name.split('/') {
        match segment {
            "" | "." => {}
            ".." if climbing && segments.pop().is_some() => {}
            ".." => return Err(format!("`{}` leaves the archive", shown(name))),
            segment => segments.push(segment),
        }
    }
    Ok(segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside() {
        for (folder, name, expected) in [
            ("", "./manifest.json", Some("manifest.json")),
            ("", "a//b/", Some("a/b")),
            ("a", "../b/layer.tar", Some("b/layer.tar")),
            ("a/b", "../../c", Some("c")),
            ("a", "../../c", None),
            ("", "../c", None),
            ("", "a/../c", None),
            ("", "/etc/passwd", None),
            ("a", "/etc/passwd", None),
            ("", "a\\b", None),
        ] {
            assert_eq!(inside(folder, name).ok().as_deref(), expected, "{folder} {name}");
        }
    }
}
