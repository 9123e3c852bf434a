//! Appending, looking, reading, exporting.

use std::{fs, os::unix::fs::MetadataExt as _};

use serde_json::json;
use slipway_archive::{Archive, EntryFile, Error, NewEntry, Source, Trust};
use slipway_model::Digest;

use super::common::{append, file, folder_of, knowing, meta, three};

#[test]
fn what_goes_in_comes_out() {
    let (_folder, archive, ids) = three();
    let report = archive.verify();
    assert!(report.is_intact() && report.notes.is_empty(), "{report:?}");
    assert_eq!((report.entries, report.head), (3, Some(ids[2])));
    let entries = archive.list().unwrap();
    assert_eq!(entries.iter().map(|entry| entry.id).collect::<Vec<_>>(), ids);
    assert_eq!(
        entries.iter().map(|entry| entry.sequence).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_eq!((entries[0].previous, entries[2].previous), (None, Some(ids[1])));
    assert_eq!(entries[1].meta, meta("r-2"));
    assert_eq!(archive.read(&entries[1], "logs/shop.log").unwrap(), b"r-2");
    let missing = archive.read(&entries[1], "logs").unwrap_err();
    assert!(matches!(missing, Error::NoSuchFile { .. }));
    assert_eq!(
        Archive::open(folder_of(&archive)).unwrap().list().unwrap(),
        entries
    );
}

#[test]
fn entries_are_found_by_sequence_and_prefix() {
    let (_folder, archive, ids) = three();
    let show = |reference: &str| archive.show(reference).map(|entry| entry.id);
    assert_eq!(show("2").unwrap(), ids[1]);
    assert_eq!(show(&ids[2].to_string()).unwrap(), ids[2]);
    assert_eq!(show(&ids[0].hex()[..12]).unwrap(), ids[0]);
    for unknown in ["", "0", "nothing", "sha256:zz"] {
        assert!(show(unknown).is_err(), "{unknown}");
    }
}

#[test]
fn the_same_inputs_give_the_same_entry_and_nothing_is_written_twice() {
    let (_first, archive, ids) = three();
    let (_second, _, same) = three();
    assert_eq!(ids, same);
    let blob = folder_of(&archive)
        .join("blobs/sha256")
        .join(Digest::of("{}").hex());
    let before = fs::metadata(&blob).unwrap();
    let known = EntryFile::new("again.json", Source::Archived(Digest::of("{}")));
    append(&archive, "r-4", vec![file("plan.json", "{}"), known]);
    let after = fs::metadata(&blob).unwrap();
    assert_eq!(
        (before.ino(), before.mtime_nsec()),
        (after.ino(), after.mtime_nsec())
    );
    assert!(archive.verify().is_intact());
}

#[test]
fn a_rotten_blob_is_not_built_upon() {
    let (folder, archive, _) = three();
    let blob = folder_of(&archive)
        .join("blobs/sha256")
        .join(Digest::of("{}").hex());
    fs::write(&blob, "[]").unwrap();
    let entry = archive.show("1").unwrap();
    assert!(matches!(
        archive.read(&entry, "plan.json"),
        Err(Error::Damaged { .. })
    ));
    let known = EntryFile::new("x", Source::Archived(Digest::of("{}")));
    let refused = archive.append(NewEntry {
        meta: meta("r-4"),
        files: [known],
    });
    assert!(matches!(refused, Err(Error::UnknownBlob { .. })));
    // Who has the right bytes heals it.
    let plan = folder.path().join("plan.json");
    fs::write(&plan, "{}").unwrap();
    append(
        &archive,
        "r-4",
        vec![EntryFile::new("plan.json", Source::Path(plan)).media_type("application/json")],
    );
    assert_eq!(archive.read(&entry, "plan.json").unwrap(), b"{}");
    assert!(archive.verify().is_intact());
}

#[test]
fn what_cannot_be_archived_is_refused_and_changes_nothing() {
    let (_folder, archive, ids) = three();
    let check = |run: &str, files: Vec<EntryFile>, key: &str, expected: &str| {
        let mut meta = meta(run);
        meta.more.insert(key.to_owned(), json!(7));
        let error = archive.append(NewEntry { meta, files }).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert_eq!(archive.head().unwrap(), Some(ids[2]));
    };
    check("r-4", vec![file("../x", "")], "a", "`../x` cannot be the name");
    check(
        "r-4",
        vec![file("x", ""), file("y", ""), file("x", "")],
        "a",
        "another file of that name",
    );
    check(
        "r-4",
        vec![EntryFile::new("x", Source::Path("/nowhere".into()))],
        "a",
        "cannot read /nowhere",
    );
    check("r-4", vec![], "sequence", "rename that key");
}

#[test]
fn an_export_is_an_archive() {
    let (folder, archive, ids) = three();
    let export = |name: &str, ids: &[_]| {
        let (mut tar, mut again) = (Vec::new(), Vec::new());
        archive.export(ids, &mut tar).unwrap();
        archive.export(ids, &mut again).unwrap();
        assert!(tar == again, "the same entries give the same bytes");
        let target = folder.path().join(name);
        tar::Archive::new(tar.as_slice()).unpack(&target).unwrap();
        Archive::open(target).unwrap()
    };
    let whole = export("whole", &[]);
    assert_eq!(whole.list().unwrap(), archive.list().unwrap());
    let report = whole.trusting(knowing(Some(ids[0]))).verify();
    assert!(
        report.is_intact() && !report.excerpt && report.notes.is_empty(),
        "{report:?}"
    );

    let part = export("part", &[ids[2], ids[1]]);
    // Who drops entries could call the rest an excerpt.
    let refused = part.list().unwrap_err().to_string();
    assert!(refused.contains("`--excerpt` takes it as one"), "{refused}");
    assert_eq!(part.verify().problems.len(), 1);
    let part = part.trusting(Trust {
        excerpt: true,
        ..Trust::default()
    });
    let report = part.verify();
    assert!(
        report.is_intact() && report.excerpt && report.notes.is_empty(),
        "{report:?}"
    );
    assert_eq!(part.show(&ids[2].hex()).unwrap(), archive.show("3").unwrap());
    let refused = part.append(NewEntry {
        meta: meta("r-4"),
        files: [],
    });
    assert!(matches!(refused, Err(Error::Excerpt(_))));
    assert!(matches!(
        archive.export(&[Digest::of("?")], Vec::new()),
        Err(Error::NoSuchEntry(_))
    ));
}
