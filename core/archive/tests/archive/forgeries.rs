//! What somebody would do who knows the format, has the folder and not the key: every forgery is found by verification
//! and by ordinary reading, most of them by whoever knows nothing from elsewhere, all by whoever has the public key and a
//! head.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use slipway_archive::{Archive, Trust};

use super::{
    common::{append, copy_tree, file},
    reading::{Found, Row, tell},
    signing::{public, signing},
};

const ENTRIES: usize = 5;

/// An archive to forge, as often as needed, and what its readers know.
struct Forge {
    _folder: tempfile::TempDir,
    original: PathBuf,
    copy: PathBuf,
    known: Trust,
    without: Vec<Row>,
    with: Vec<Row>,
}

impl Forge {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (original, copy) = (folder.path().join("original"), folder.path().join("copy"));
        let archive = build(&original, "one", "r");
        let known = Trust {
            signers: vec![public("one")],
            head: archive.head().unwrap(),
            excerpt: false,
        };
        Self {
            _folder: folder,
            original,
            copy,
            known,
            without: Vec::new(),
            with: Vec::new(),
        }
    }

    /// Found by whoever looks.
    fn plain(&mut self, what: &str, change: impl FnOnce(&Path)) {
        let archive = self.change(change);
        count(&mut self.without, what, Found::of(&archive, 1..=ENTRIES as u64));
        self.count_known(what, archive);
    }

    /// Found only by whoever knows something.
    fn needs(&mut self, what: &str, change: impl FnOnce(&Path)) {
        let archive = self.change(change);
        assert!(
            archive.verify().is_intact(),
            "{what}: {:?}",
            archive.verify().problems
        );
        self.count_known(what, archive);
    }

    fn change(&self, change: impl FnOnce(&Path)) -> Archive {
        drop(fs::remove_dir_all(&self.copy));
        copy_tree(&self.original, &self.copy);
        change(&self.copy);
        Archive::open(&self.copy).unwrap()
    }

    fn count_known(&mut self, what: &str, archive: Archive) {
        let archive = archive.trusting(self.known.clone());
        count(&mut self.with, what, Found::of(&archive, 1..=ENTRIES as u64));
    }
}

fn count(rows: &mut Vec<Row>, what: &str, found: Found) {
    match rows.iter_mut().find(|row| row.what == what) {
        Some(row) => row.count(found),
        None => {
            let mut row = Row::new(what);
            row.count(found);
            rows.push(row);
        }
    }
}

fn build(folder: &Path, key: &str, run: &str) -> Archive {
    let archive = Archive::open(folder).unwrap().signed_by(signing(key));
    for entry in 1..=ENTRIES {
        let log = format!("{run} {entry} has done this and that");
        append(
            &archive,
            &format!("{run}-{entry}"),
            vec![file("plan.json", "{}"), file("log", &log)],
        );
    }
    archive
}

/// Rewrites the index and makes it consistent again.
fn index(folder: &Path, change: impl FnOnce(&mut Vec<Value>)) {
    let path = folder.join("index.json");
    let mut index: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(index["manifests"].as_array_mut().unwrap());
    let head = index["manifests"]
        .as_array()
        .unwrap()
        .last()
        .map(|head| head["digest"].clone());
    match head {
        Some(head) => index["annotations"]["vnd.slipway.archive.head"] = head,
        None => index["annotations"] = json!({}),
    }
    fs::write(path, format!("{index}\n")).unwrap();
}

fn call_excerpt(folder: &Path) {
    let path = folder.join("index.json");
    let text = fs::read_to_string(&path).unwrap();
    let head = "\"annotations\":{\"vnd.slipway.archive.head\"";
    let excerpt = "\"annotations\":{\"vnd.slipway.archive.excerpt\":\"true\",\"vnd.slipway.archive.head\"";
    fs::write(&path, text.replace(head, excerpt)).unwrap();
}

/// The first entries cut off, as though they were elsewhere.
fn call_part(folder: &Path, cut: usize) {
    let path = folder.join("index.json");
    let before: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let id = before["manifests"][cut - 1]["digest"]
        .as_str()
        .unwrap()
        .to_owned();
    index(folder, |entries| drop(entries.drain(..cut)));
    let text = fs::read_to_string(&path).unwrap();
    let head = "\"annotations\":{\"vnd.slipway.archive.head\"";
    let after = format!(
        "\"annotations\":{{\"vnd.slipway.archive.after\":\"{cut} {id}\",\"vnd.slipway.archive.head\""
    );
    fs::write(&path, text.replace(head, &after)).unwrap();
}

fn blobs(folder: &Path) -> Vec<PathBuf> {
    let mut blobs: Vec<_> = fs::read_dir(folder.join("blobs/sha256"))
        .unwrap()
        .map(|blob| blob.unwrap().path())
        .collect();
    blobs.sort();
    blobs
}

#[test]
fn all_are_found() {
    let mut forge = Forge::new();
    for place in 0..ENTRIES - 1 {
        forge.plain("an entry dropped", |folder| {
            index(folder, |entries| drop(entries.remove(place)))
        });
    }
    for place in 1..ENTRIES {
        forge.plain("the first entries cut off", |folder| {
            index(folder, |entries| drop(entries.drain(..place)));
        });
    }
    for one in 0..ENTRIES {
        for other in one + 1..ENTRIES {
            forge.plain("two entries swapped", |folder| {
                index(folder, |entries| entries.swap(one, other))
            });
        }
    }
    for place in 0..ENTRIES {
        for to in 0..=ENTRIES {
            forge.plain("an entry doubled", |folder| {
                index(folder, |entries| entries.insert(to, entries[place].clone()));
            });
        }
        forge.plain("the chain's head replaced by an earlier entry", |folder| {
            index(folder, |entries| {
                let earlier = entries[place].clone();
                *entries.last_mut().unwrap() = if place == ENTRIES - 1 {
                    entries[0].clone()
                } else {
                    earlier
                };
            });
        });
    }
    forge.plain("the head that is named replaced by an earlier one", |folder| {
        let path = folder.join("index.json");
        let index: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let text = index.to_string();
        let digest = |place: usize| index["manifests"][place]["digest"].as_str().unwrap().to_owned();
        let (before, _) = text.rsplit_once(&digest(ENTRIES - 1)).unwrap();
        fs::write(&path, format!("{before}{}\"}}}}\n", digest(0))).unwrap();
    });
    forge.plain("the head replaced by that of another archive", |folder| {
        let other = folder.join("../other");
        build(&other, "other", "x");
        copy_tree(&other.join("blobs"), &folder.join("blobs"));
        let foreign: Value = serde_json::from_slice(&fs::read(other.join("index.json")).unwrap()).unwrap();
        index(folder, |entries| {
            *entries.last_mut().unwrap() = foreign["manifests"].as_array().unwrap().last().unwrap().clone();
        });
        fs::remove_dir_all(other).unwrap();
    });
    for place in 1..ENTRIES - 1 {
        forge.plain("entries left out of what is called an excerpt", |folder| {
            index(folder, |entries| drop(entries.remove(place)));
            call_excerpt(folder);
        });
    }
    for cut in 1..ENTRIES - 1 {
        forge.plain("the first entries left out of what is called a part", |folder| {
            call_part(folder, cut);
        });
    }
    for one in 0..ENTRIES {
        forge.plain("a signature moved to another entry", |folder| {
            index(folder, |entries| {
                entries[one]["annotations"] = entries[(one + 1) % ENTRIES]["annotations"].clone();
            });
        });
    }
    let count = blobs(&forge.original).len();
    for place in 0..count {
        forge.plain("a blob removed", |folder| {
            fs::remove_file(&blobs(folder)[place]).unwrap()
        });
        forge.plain("a blob cut short", |folder| {
            let bytes = fs::read(&blobs(folder)[place]).unwrap();
            fs::write(&blobs(folder)[place], &bytes[..bytes.len() - 1]).unwrap();
        });
        forge.plain("a blob made longer", |folder| {
            let mut bytes = fs::read(&blobs(folder)[place]).unwrap();
            bytes.push(b'\n');
            fs::write(&blobs(folder)[place], bytes).unwrap();
        });
        forge.plain("two blobs swapped", |folder| {
            let (one, other) = (&blobs(folder)[place], &blobs(folder)[(place + 1) % count]);
            let bytes = fs::read(one).unwrap();
            fs::copy(other, one).unwrap();
            fs::write(other, bytes).unwrap();
        });
    }
    let length = fs::read(forge.original.join("index.json")).unwrap().len();
    for cut in (0..length).step_by(29) {
        forge.plain("the index cut short", |folder| {
            let bytes = fs::read(folder.join("index.json")).unwrap();
            fs::write(folder.join("index.json"), &bytes[..cut]).unwrap();
        });
    }
    forge.plain("the index with other white space", |folder| {
        let text = fs::read_to_string(folder.join("index.json")).unwrap();
        fs::write(folder.join("index.json"), text.replacen(':', ": ", 1)).unwrap();
    });
    forge.plain("oci-layout removed", |folder| {
        fs::remove_file(folder.join("oci-layout")).unwrap()
    });

    for place in 0..ENTRIES {
        forge.needs("the latest entries cut off with the index", |folder| {
            index(folder, |entries| entries.truncate(place));
        });
    }
    for key in ["other", "nobody"] {
        forge.needs("the head replaced by one that somebody else made", |folder| {
            index(folder, |entries| drop(entries.pop()));
            let forger = (key != "nobody").then(|| signing(key)).flatten();
            let archive = Archive::open(folder).unwrap().signed_by(forger);
            append(
                &archive,
                "r-5",
                vec![file("plan.json", "{}"), file("log", "it was somebody else")],
            );
        });
        forge.needs("an entry added by somebody else", |folder| {
            let forger = (key != "nobody").then(|| signing(key)).flatten();
            let archive = Archive::open(folder).unwrap().signed_by(forger);
            append(&archive, "r-6", vec![file("plan.json", "{}")]);
        });
    }
    for place in 0..ENTRIES {
        forge.needs("a signature taken away", |folder| {
            index(folder, |entries| {
                drop(entries[place].as_object_mut().unwrap().remove("annotations"))
            });
        });
    }
    forge.needs("all of it replaced by another archive", |folder| {
        fs::remove_dir_all(folder).unwrap();
        build(folder, "other", "r");
    });
    tell("by whoever knows nothing from elsewhere", &forge.without);
    tell("by whoever has the public key and the head", &forge.with);
}
