//! Writing folders of ours: complete or not at all, and never through a link.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use slipway_config::Tree;

use crate::Failed;

/// One file read from a folder, as it is recorded too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Read {
    /// Relative to the folder, with `/`.
    pub(crate) path: String,
    #[serde(with = "slipway_plugin::bytes")]
    pub(crate) bytes: Vec<u8>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) executable: bool,
}

/// More is no configuration.
const MOST_FILES: usize = 10_000;
const LARGEST: u64 = 16 << 20;

/// The contents of all files below a folder, sorted by path; none if the folder is not there.
pub(crate) fn read_folder(folder: &Path) -> Result<Vec<Read>, Failed> {
    let files = list_folder(folder)?.into_iter();
    files.map(|(path, relative)| read_file(&path, relative)).collect()
}

/// All files below a folder with their paths relative to it, sorted by these; none if the folder is not there.
pub(crate) fn list_folder(folder: &Path) -> Result<Vec<(PathBuf, String)>, Failed> {
    let mut files = Vec::new();
    let mut folders = vec![(folder.to_path_buf(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound && prefix.is_empty() => return Ok(files),
            Err(error) => return Err(cannot("read", &folder, &error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| cannot("read", &folder, &error))?;
            let path = entry.path();
            let name = entry.file_name().into_string().map_err(|name| {
                Failed::new(format!("{}: the name {name:?} is not UTF-8", folder.display()))
            })?;
            let kind = entry.file_type().map_err(|error| cannot("read", &path, &error))?;
            let relative = format!("{prefix}{name}");
            if kind.is_dir() {
                folders.push((path, format!("{relative}/")));
            } else if kind.is_file() {
                files.push((path, relative));
            } else {
                let text = format!("{} is neither a file nor a folder", path.display());
                return Err(Failed::new(text).hint("put a copy of what the link leads to in its place"));
            }
            if files.len() > MOST_FILES {
                return Err(Failed::new(format!(
                    "{} holds more than {MOST_FILES} files",
                    folder.display()
                )));
            }
        }
    }
    files.sort_by(|(_, a), (_, b)| a.cmp(b));
    Ok(files)
}

/// Files as they were read or recorded. Paths that lead out of a folder are refused.
pub(crate) fn tree_of(files: Vec<Read>) -> Result<Tree, Failed> {
    let mut tree = Tree::default();
    for Read {
        path,
        bytes,
        executable,
    } in files
    {
        tree.insert(path, slipway_config::File { bytes, executable })
            .map_err(Failed::from_error)?;
    }
    Ok(tree)
}

/// Replaces a folder, whose parents are made, by a tree.
pub(crate) fn write_tree(folder: &Path, tree: &Tree) -> Result<(), Failed> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).map_err(|error| cannot("create", parent, &error))?;
    }
    let listed = tree
        .iter()
        .map(|(path, file)| (path, file.bytes.as_slice(), file.executable));
    replace_folder(folder, listed)
}

/// Text as far as templates are concerned: UTF-8 without NUL.
pub(crate) fn is_text(bytes: &[u8]) -> bool {
    !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok()
}

/// Replaces a folder as a whole. One that holds the same already is left alone: to look costs less than to wait for the
/// disk.
pub(crate) fn replace_folder<'a>(
    folder: &Path,
    files: impl IntoIterator<Item = (&'a str, &'a [u8], bool)>,
) -> Result<(), Failed> {
    let files: Vec<_> = files.into_iter().collect();
    if holds(folder, &files) {
        return Ok(());
    }
    let fresh = beside(folder, "new");
    let old = beside(folder, "old");
    remove(&fresh)?;
    remove(&old)?;
    fs::create_dir_all(&fresh).map_err(|error| cannot("create", &fresh, &error))?;
    for (path, bytes, executable) in files {
        let path = fresh.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| cannot("create", parent, &error))?;
        }
        write_synced(&path, bytes, executable).map_err(|error| cannot("write", &path, &error))?;
    }
    if folder.exists() {
        fs::rename(folder, &old).map_err(|error| cannot("replace", folder, &error))?;
    }
    fs::rename(&fresh, folder).map_err(|error| cannot("write", folder, &error))?;
    remove(&old)
}

/// Whether these are the folder's files, all of them, byte for byte.
fn holds(folder: &Path, files: &[(&str, &[u8], bool)]) -> bool {
    let mut wanted = files.to_vec();
    wanted.sort_unstable_by_key(|(path, ..)| *path);
    read_folder(folder).is_ok_and(|there| {
        let there = there
            .iter()
            .map(|file| (file.path.as_str(), file.bytes.as_slice(), file.executable));
        !wanted.is_empty() && there.eq(wanted.iter().copied())
    })
}

pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Failed> {
    let fresh = beside(path, "new");
    write_synced(&fresh, bytes, false).map_err(|error| cannot("write", &fresh, &error))?;
    fs::rename(&fresh, path).map_err(|error| cannot("write", path, &error))
}

fn read_file(path: &Path, relative: String) -> Result<Read, Failed> {
    let meta = fs::metadata(path).map_err(|error| cannot("read", path, &error))?;
    if meta.len() > LARGEST {
        let text = format!(
            "{} has {} bytes; a configuration file has at most {LARGEST}",
            path.display(),
            meta.len()
        );
        return Err(Failed::new(text).hint("make it an artifact"));
    }
    let bytes = fs::read(path).map_err(|error| cannot("read", path, &error))?;
    Ok(Read {
        path: relative,
        bytes,
        executable: is_executable(&meta),
    })
}

#[cfg(unix)]
pub(crate) fn is_executable(meta: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    meta.permissions().mode() & 0o111 != 0
}

fn write_synced(path: &Path, bytes: &[u8], executable: bool) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mode = if executable { 0o755 } else { 0o644 };
    let mut file: File = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn beside(path: &Path, mark: &str) -> PathBuf {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    path.with_file_name(format!(".{name}.{mark}"))
}

/// A folder with everything in it, if it is there.
pub(crate) fn remove(folder: &Path) -> Result<(), Failed> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot("remove", folder, &error)),
        _ => Ok(()),
    }
}

pub(crate) fn cannot(what: &str, path: &Path, error: &io::Error) -> Failed {
    Failed::new(format!("cannot {what} {}: {error}", path.display()))
}

/// A copy for people to look at. No second link: an edit of it must not reach the bytes that a digest names.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), Failed> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).map_err(|error| cannot("create", parent, &error))?;
    }
    fs::copy(from, to)
        .map(|_| ())
        .map_err(|error| cannot("write", to, &error))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    #[test]
    fn a_log_may_be_larger_than_any_configuration() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("logs")).unwrap();
        let log = File::create(dir.path().join("logs/router.log")).unwrap();
        log.set_len(LARGEST + 1).unwrap();
        let listed = list_folder(dir.path()).unwrap();
        assert_eq!(
            listed,
            [(dir.path().join("logs/router.log"), "logs/router.log".to_owned())]
        );
        let refused = read_folder(dir.path()).unwrap_err().to_string();
        assert!(refused.contains("at most"), "{refused}");
    }

    #[test]
    fn what_is_there_already_is_not_written_again() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("made");
        let made = || fs::metadata(&folder).unwrap().ino();
        let write = |files: &[(&str, &str, bool)]| {
            let files = files
                .iter()
                .map(|(path, text, run)| (*path, text.as_bytes(), *run));
            replace_folder(&folder, files).unwrap();
            made()
        };
        let first = write(&[("b", "1", false), ("a/c", "2", false)]);
        assert_eq!(write(&[("a/c", "2", false), ("b", "1", false)]), first);
        let changed = write(&[("a/c", "3", false), ("b", "1", false)]);
        assert_ne!(changed, first);
        let runnable = write(&[("a/c", "3", true), ("b", "1", false)]);
        assert_ne!(runnable, changed);
        assert_ne!(write(&[("a/c", "3", true)]), runnable);
        assert!(!folder.join("b").exists());
        fs::write(folder.join("by-hand"), "").unwrap();
        write(&[("a/c", "3", true)]);
        assert!(!folder.join("by-hand").exists());
    }
}
