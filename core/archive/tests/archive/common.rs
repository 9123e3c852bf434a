//! What the tests share: small entries, and an archive of three of them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Map, json};
use slipway_archive::{Archive, EntryFile, EntryId, EntryMeta, NewEntry, Source, Trust};
use tempfile::TempDir;

pub(crate) fn meta(run: &str) -> EntryMeta {
    EntryMeta {
        service: "shop".parse().unwrap(),
        environment: "prod".parse().unwrap(),
        run: run.parse().unwrap(),
        started: "2026-01-01T00:00:00Z".parse().unwrap(),
        ended: "2026-01-01T00:10:00Z".parse().unwrap(),
        outcome: "succeeded".to_owned(),
        revision: None,
        package: None,
        more: Map::from_iter([("slipway".to_owned(), json!("0.1.0"))]),
    }
}

pub(crate) fn file(path: &str, bytes: &str) -> EntryFile {
    EntryFile::new(path, Source::Bytes(bytes.as_bytes().to_vec()))
}

pub(crate) fn append(archive: &Archive, run: &str, files: Vec<EntryFile>) -> EntryId {
    archive
        .append(NewEntry {
            meta: meta(run),
            files,
        })
        .unwrap()
}

/// Three entries that share a file.
pub(crate) fn three() -> (TempDir, Archive, Vec<EntryId>) {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path().join("archive")).unwrap();
    let ids = ["r-1", "r-2", "r-3"].map(|run| {
        append(
            &archive,
            run,
            vec![file("plan.json", "{}"), file("logs/shop.log", run)],
        )
    });
    (folder, archive, ids.to_vec())
}

pub(crate) fn folder_of(archive: &Archive) -> PathBuf {
    archive.place().into()
}

/// Somebody who has written down a head.
pub(crate) fn knowing(head: Option<EntryId>) -> Trust {
    Trust {
        head,
        ..Trust::default()
    }
}

pub(crate) fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        let target = to.join(file.file_name());
        if file.file_type().unwrap().is_dir() {
            copy_tree(&file.path(), &target);
        } else {
            fs::copy(file.path(), target).unwrap();
        }
    }
}
