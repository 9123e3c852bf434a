//! Is the archive sound, and is the program in it? Pure, over the entries that the host listed. The host refuses the
//! same when it unpacks; here it is refused at release, before anything was copied to a machine.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_sdk::{
    Failure,
    blobs::{ArchiveEntry, EntryKind},
};

const MAX_BYTES: u64 = 4 << 30;
/// An archive that grows by more than this is no program.
const MAX_RATIO: u64 = 1000;
/// Below this size the ratio says nothing: a file of zeros packs well.
const RATIO_FROM: u64 = 64 << 20;
const MAX_LINKS: usize = 16;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Facts {
    pub(crate) files: u64,
    /// Unpacked.
    pub(crate) bytes: u64,
    /// The program inside the artifact; none if it is looked for in PATH or not yet known.
    pub(crate) program: Option<String>,
}

/// What the settings say about unpacking and starting, as far as it is known before an environment is.
#[derive(Debug, PartialEq)]
pub(crate) struct Start {
    strip: usize,
    program: Program,
}

#[derive(Debug, PartialEq)]
enum Program {
    /// Must be there.
    Inside(String),
    /// There, or in PATH.
    Word(String),
    /// Absolute, or made by a template.
    Elsewhere,
}

impl Start {
    pub(crate) fn of(settings: &Value) -> Result<Self, Failure> {
        let strip = match settings.get("strip") {
            None => 0,
            Some(strip) => strip.as_u64().filter(|strip| *strip <= 100).ok_or_else(|| {
                Failure::invalid(format!("`strip` is a number up to 100, not {strip}")).hint(
                    "a template cannot decide it: the artifact is inspected before there is an environment",
                )
            })?,
        };
        let word = settings
            .pointer("/command/0")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let inside = word.strip_prefix("${app}/").unwrap_or(word);
        let program = if word.contains("{{") || inside.contains("${") || inside.starts_with('/') {
            Program::Elsewhere
        } else if word.contains('/') {
            Program::Inside(inside.to_owned())
        } else {
            Program::Word(word.to_owned())
        };
        Ok(Self {
            strip: usize::try_from(strip).unwrap_or(100),
            program,
        })
    }
}

pub(crate) fn check(entries: &[ArchiveEntry], packed: u64, start: &Start) -> Result<Facts, Failure> {
    let tree = Tree::of(entries, start.strip)?;
    let bytes = entries
        .iter()
        .fold(0_u64, |sum, entry| sum.saturating_add(entry.size));
    if bytes > MAX_BYTES || (bytes > RATIO_FROM && bytes / packed.max(1) > MAX_RATIO) {
        return Err(Failure::refused(format!(
            "{packed} bytes unpack to {bytes}, which is too much for a program"
        )));
    }
    let files = entries
        .iter()
        .filter(|entry| entry.kind != EntryKind::Directory)
        .count() as u64;
    Ok(Facts {
        files,
        bytes,
        program: tree.program(&start.program)?,
    })
}

impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = if self.files == 1 { "file" } else { "files" };
        write!(f, "{} {files}, {} unpacked", self.files, size(self.bytes))?;
        self.program
            .as_ref()
            .map_or(Ok(()), |program| write!(f, ", starts {program}"))
    }
}

/// The archive as it will stand when unpacked: paths are parts joined by `/`, with `strip` applied.
struct Tree<'a> {
    entries: BTreeMap<String, &'a ArchiveEntry>,
    folders: BTreeSet<String>,
    strip: usize,
}

impl<'a> Tree<'a> {
    fn of(entries: &'a [ArchiveEntry], strip: usize) -> Result<Self, Failure> {
        let mut tree = Self {
            entries: BTreeMap::new(),
            folders: BTreeSet::new(),
            strip,
        };
        for entry in entries {
            tree.add(entry)?;
        }
        if tree
            .entries
            .values()
            .any(|entry| entry.kind != EntryKind::Directory)
        {
            return Ok(tree);
        }
        let hint = if strip > 0 {
            "`strip` may drop more than there is"
        } else {
            "is it the right file?"
        };
        Err(Failure::invalid("the archive holds no file").hint(hint))
    }

    fn add(&mut self, entry: &'a ArchiveEntry) -> Result<(), Failure> {
        let parts = parts(&entry.path)?;
        if matches!(entry.kind, EntryKind::Device | EntryKind::Other) {
            return Err(refused(&entry.path, "is a device or another special file"));
        }
        let Some(stripped) = parts.get(self.strip..).filter(|parts| !parts.is_empty()) else {
            return Ok(());
        };
        let target = entry.target.as_deref().unwrap_or_default();
        match entry.kind {
            EntryKind::Symlink if resolve(&stripped[..stripped.len() - 1], target).is_none() => {
                return Err(refused(
                    &entry.path,
                    &format!("is a link that leaves the archive: {target}"),
                ));
            }
            EntryKind::Hardlink if self.hard(target)?.is_none() => {
                return Err(refused(
                    &entry.path,
                    &format!("is a link to what is not before it: {target}"),
                ));
            }
            _ => {}
        }
        for end in 1..stripped.len() {
            let folder = stripped[..end].join("/");
            if self
                .entries
                .get(&folder)
                .is_some_and(|entry| entry.kind != EntryKind::Directory)
            {
                return Err(refused(&entry.path, "lies below a file or a link"));
            }
            self.folders.insert(folder);
        }
        let path = stripped.join("/");
        let folder = entry.kind == EntryKind::Directory;
        let clash = match self.entries.get(&path) {
            Some(earlier) => !(folder && earlier.kind == EntryKind::Directory),
            None => !folder && self.folders.contains(&path),
        };
        if clash {
            return Err(refused(&entry.path, "is there twice"));
        }
        self.entries.insert(path, entry);
        Ok(())
    }

    /// The file that a hard link names, which stands before it in the archive.
    fn hard(&self, target: &str) -> Result<Option<&'a ArchiveEntry>, Failure> {
        let parts = parts(target)?;
        let path = parts.get(self.strip..).unwrap_or_default().join("/");
        Ok(self
            .entries
            .get(&path)
            .copied()
            .filter(|entry| entry.kind != EntryKind::Directory))
    }

    fn program(&self, program: &Program) -> Result<Option<String>, Failure> {
        let (word, must) = match program {
            Program::Inside(word) => (word, true),
            Program::Word(word) => (word, false),
            Program::Elsewhere => return Ok(None),
        };
        let path = resolve(&[], word)
            .ok_or_else(|| Failure::invalid(format!("`command`: `{word}` leaves the artifact")))?;
        match self.follow(path) {
            Some((_, entry)) if entry.mode & 0o111 != 0 => Ok(Some(word.clone())),
            Some((path, _)) => Err(Failure::invalid(format!("`command`: {path} is not executable"))
                .hint(format!("chmod +x {path} before packing it"))),
            None if !must => Ok(None),
            None => {
                let failure = Failure::invalid(format!("`command`: there is no file {word} in the archive"));
                Err(match self.nearest(word) {
                    Some(nearest) => failure.hint(nearest),
                    None => failure,
                })
            }
        }
    }

    /// The file at a path, through links.
    fn follow(&self, mut path: String) -> Option<(String, &'a ArchiveEntry)> {
        for _ in 0..MAX_LINKS {
            let entry = self.entries.get(&path).copied()?;
            let target = entry.target.as_deref().unwrap_or_default();
            match entry.kind {
                EntryKind::File => return Some((path, entry)),
                EntryKind::Hardlink => path = parts(target).ok()?.get(self.strip..)?.join("/"),
                EntryKind::Symlink => {
                    let parent: Vec<_> = path.split('/').collect();
                    path = resolve(&parent[..parent.len() - 1], target)?;
                }
                _ => return None,
            }
        }
        None
    }

    /// A file of the same name somewhere else. Below a folder, it is what a forgotten `strip` looks like.
    fn nearest(&self, word: &str) -> Option<String> {
        let wanted = resolve(&[], word)?;
        let name = wanted.rsplit('/').next()?;
        let file = |path: &&String| self.entries[*path].kind == EntryKind::File;
        let below = |path: &&String| {
            path.strip_suffix(&wanted)
                .is_some_and(|before| before.ends_with('/'))
        };
        if let Some(path) = self.entries.keys().filter(file).find(below) {
            let strip = self.strip + path.matches('/').count() - wanted.matches('/').count();
            return Some(format!("it is at {path}: set `strip = {strip}`"));
        }
        let same = |path: &&String| path.rsplit('/').next() == Some(name);
        let path = self.entries.keys().filter(file).find(same)?;
        Some(format!("there is {path}"))
    }
}

/// The parts of a path in an archive, `.` left out.
fn parts(path: &str) -> Result<Vec<&str>, Failure> {
    if path.starts_with('/') {
        return Err(refused(path, "is absolute"));
    }
    if path.contains(['\\', '\0']) {
        return Err(refused(path, "holds a backslash or NUL"));
    }
    let parts: Vec<_> = path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    if parts.contains(&"..") {
        Err(refused(path, "leaves the archive"))
    } else {
        Ok(parts)
    }
}

/// Where a path leads from a folder; none if it leaves the root.
fn resolve(folder: &[&str], path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains(['\\', '\0']) {
        return None;
    }
    let mut resolved = folder.to_vec();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(resolved.pop()?),
            _ => resolved.push(part),
        }
    }
    Some(resolved.join("/"))
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..0x10_0000 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}

fn refused(path: &str, why: &str) -> Failure {
    let shown: String = path
        .chars()
        .take(200)
        .map(|c| if c.is_control() { '?' } else { c })
        .collect();
    Failure::refused(format!("{shown} {why}"))
}

#[cfg(test)]
mod tests;
