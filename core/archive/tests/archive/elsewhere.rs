//! Archives in a bucket and in a repository, on real servers: only what continues what stands there is added, nothing is
//! believed there that would not be believed here.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use slipway_archive::{Archive, EntryFile, Error, Source, Trust};
use tempfile::TempDir;

use super::{
    common::{append, copy_tree, file, folder_of},
    servers::{Place, Registry, S3},
    signing::{public, signing},
};

/// Larger than what is sent at once.
const LARGE: usize = 20 << 20;

/// Three signed entries, one of them with a large file.
fn local() -> (TempDir, Archive) {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path().join("local"))
        .unwrap()
        .signed_by(signing("one"));
    for run in ["r-1", "r-2", "r-3"] {
        let mut files = vec![file("plan.json", "{}"), file("log", run)];
        if run == "r-2" {
            let bytes = (0..LARGE).map(|at| (at * at % 251) as u8).collect();
            files.push(EntryFile::new("package/layer", Source::Bytes(bytes)));
        }
        append(&archive, run, files);
    }
    (folder, archive)
}

fn known(archive: &Archive) -> Trust {
    Trust {
        signers: vec![public("one")],
        head: archive.head().unwrap(),
        excerpt: false,
    }
}

fn problems(archive: &Archive) -> Vec<String> {
    archive
        .verify()
        .problems
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn goes_there_and_comes_back(place: &dyn Place) {
    let (folder, archive) = local();
    let there = place.archive();
    assert!(matches!(there.list(), Err(Error::NoArchive(_))));
    let pushed = archive.push(&there).unwrap();
    assert_eq!((pushed.entries, pushed.head), (3, archive.head().unwrap()));
    assert!(pushed.bytes > LARGE as u64);
    let again = archive.push(&there).unwrap();
    assert_eq!((again.entries, again.blobs, again.bytes), (0, 0, 0));

    append(&archive, "r-4", vec![file("plan.json", "{}"), file("log", "r-4")]);
    let more = archive.push(&there).unwrap();
    // entry.json and the log; the plan is there.
    assert_eq!((more.entries, more.blobs), (1, 2));

    let there = there.trusting(known(&archive));
    assert_eq!(problems(&there), [""; 0]);
    let (ours, theirs) = (archive.verify(), there.verify());
    assert_eq!(
        (ours.head, ours.entries, ours.signed),
        (theirs.head, theirs.entries, theirs.signed)
    );
    assert_eq!((ours.blobs, ours.bytes), (theirs.blobs, theirs.bytes));
    assert_eq!(there.list().unwrap(), archive.list().unwrap());
    let second = there.show("2").unwrap();
    assert_eq!(
        there.read(&second, "package/layer").unwrap(),
        archive.read(&second, "package/layer").unwrap()
    );

    let back = Archive::open(folder.path().join("back")).unwrap();
    assert_eq!(there.push(&back).unwrap().entries, 4);
    assert!(back.clone().trusting(known(&archive)).verify().is_intact());
    let bytes = |archive: &Archive| fs::read(folder_of(archive).join("index.json")).unwrap();
    assert_eq!(bytes(&back), bytes(&archive));
}

fn only_what_continues_is_added(place: &dyn Place) {
    let (folder, archive) = local();
    let there = place.archive();
    archive.push(&there).unwrap();
    let older = folder.path().join("older");
    copy_tree(&folder_of(&archive), &older);
    let older = Archive::open(older).unwrap();
    append(&archive, "r-4", vec![file("log", "r-4")]);
    archive.push(&there).unwrap();
    let head = archive.head().unwrap();

    let refused = older.push(&there).unwrap_err();
    assert!(matches!(refused, Error::Behind { entries: 1, .. }), "{refused}");
    append(&older, "x-4", vec![file("log", "it was otherwise")]);
    let refused = older.push(&there).unwrap_err();
    assert!(
        matches!(refused, Error::Diverged { sequence: 4, .. }),
        "{refused}"
    );
    append(&older, "x-5", vec![file("log", "and went on")]);
    let refused = older.push(&there).unwrap_err();
    assert!(
        matches!(refused, Error::Diverged { sequence: 4, .. }),
        "{refused}"
    );
    assert_eq!(there.head().unwrap(), head);
    assert!(there.verify().is_intact());
    // A signature taken away is another index.
    let path = folder_of(&archive).join("index.json");
    let text = fs::read_to_string(&path).unwrap();
    let (before, after) = text.split_once(",\"annotations\":").unwrap();
    let (_, after) = after.split_once('}').unwrap();
    fs::write(&path, format!("{before}{after}")).unwrap();
    assert!(matches!(
        archive.push(&there).unwrap_err(),
        Error::Diverged { sequence: 1, .. }
    ));
}

/// Each blob that the server keeps, with a bit flipped in it.
fn damage_is_found(place: &dyn Place) {
    let (folder, archive) = local();
    let there = place.archive().trusting(known(&archive));
    archive.push(&there).unwrap();
    let entry = archive.show("2").unwrap();
    let mut digests: Vec<_> = entry
        .files
        .iter()
        .map(|file| (Some(&file.path), file.digest))
        .collect();
    digests.push((None, entry.id));
    for (path, digest) in digests {
        let kept = place.blob(&digest.hex());
        let whole = fs::read(&kept).unwrap();
        let mut bytes = whole.clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x10;
        fs::write(&kept, bytes).unwrap();
        assert!(!there.verify().is_intact(), "{path:?}");
        match path {
            Some(path) => drop(there.read(&there.show("2").unwrap(), path).unwrap_err()),
            None => drop(there.list().unwrap_err()),
        }
        let pulled = Archive::open(folder.path().join(digest.hex())).unwrap();
        there.push(&pulled).unwrap_err();
        assert_eq!(pulled.head().unwrap(), None, "nothing of it is seen");
        fs::remove_file(&kept).unwrap();
        assert!(!there.verify().is_intact(), "{path:?}");
        fs::write(&kept, whole).unwrap();
    }
    assert!(there.verify().is_intact());
}

/// A copy of the archive with another fourth entry, whose log blob nobody can read before it is let.
fn slow(archive: &Archive, folder: &Path) -> (Archive, impl FnOnce() + use<>) {
    copy_tree(&folder_of(archive), folder);
    let slow = Archive::open(folder).unwrap();
    let log = "somebody else was at it";
    append(&slow, "x-4", vec![file("log", log)]);
    let digest = slow.show("4").unwrap().files[0].digest;
    let blob = folder.join("blobs/sha256").join(digest.hex());
    fs::remove_file(&blob).unwrap();
    assert!(Command::new("mkfifo").arg(&blob).status().unwrap().success());
    let let_go = move || {
        fs::File::options()
            .write(true)
            .open(blob)
            .unwrap()
            .write_all(log.as_bytes())
            .unwrap()
    };
    (slow, let_go)
}

fn whoever_is_faster_is_not_overwritten(place: &dyn Place) {
    let (folder, archive) = local();
    archive.push(&place.archive()).unwrap();
    let (slow, let_go) = slow(&archive, &folder.path().join("slow"));
    let there = place.archive();
    let pushing = thread::spawn(move || slow.push(&there));
    // Long enough for it to have read the index and to wait for the blob.
    thread::sleep(Duration::from_millis(500));
    append(&archive, "r-4", vec![file("log", "r-4")]);
    archive.push(&place.archive()).unwrap();
    let_go();
    let began = Instant::now();
    let refused = pushing.join().unwrap().unwrap_err();
    assert!(
        matches!(refused, Error::Raced(_)),
        "{refused} after {:?}",
        began.elapsed()
    );
    assert_eq!(place.archive().head().unwrap(), archive.head().unwrap());
    assert!(place.archive().verify().is_intact());
}

#[test]
fn in_a_bucket() {
    goes_there_and_comes_back(&S3::start());
    only_what_continues_is_added(&S3::start());
    damage_is_found(&S3::start());
    whoever_is_faster_is_not_overwritten(&S3::start());
}

#[test]
fn in_a_repository() {
    goes_there_and_comes_back(&Registry::start());
    only_what_continues_is_added(&Registry::start());
    damage_is_found(&Registry::start());
    whoever_is_faster_is_not_overwritten(&Registry::start());
}

/// What a bucket holds is an archive in a folder, to the byte.
#[test]
fn the_objects_are_the_files() {
    let server = S3::start();
    let (folder, archive) = local();
    archive.push(&server.archive()).unwrap();
    let copied = folder.path().join("copied");
    copy_tree(&server.objects(), &copied);
    let copied = Archive::open(copied).unwrap().trusting(known(&archive));
    let report = copied.verify();
    assert!(report.is_intact() && report.notes.is_empty(), "{report:?}");
}

#[test]
fn a_bucket_that_refuses_is_told() {
    let server = S3::start();
    let (_folder, archive) = local();
    let refused = archive
        .push(&server.with("wrong-secret", ""))
        .unwrap_err()
        .to_string();
    assert!(refused.contains("s3://evidence/"), "{refused}");
    assert!(!refused.contains("wrong-secret"), "{refused}");
}
