//! Whatever is changed in an archive is found by verification, and named.

use std::fs;

use serde_json::Value;
use slipway_archive::Archive;
use slipway_model::Digest;

use super::common::{append, copy_tree, file, folder_of, knowing, three};

/// Rewrites the list of entries as somebody would who knows the format and makes the index consistent again.
fn check(change: impl FnOnce(&mut Vec<Value>), expected: &str) {
    let (_folder, archive, ids) = three();
    let path = folder_of(&archive).join("index.json");
    let mut index: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let entries = index["manifests"].as_array_mut().unwrap();
    change(entries);
    let head = entries.last().map(|head| head["digest"].clone());
    match head {
        Some(head) => index["annotations"]["vnd.slipway.archive.head"] = head,
        None => index["annotations"] = serde_json::json!({}),
    }
    fs::write(&path, format!("{index}\n")).unwrap();
    let report = archive.trusting(knowing(Some(ids[2]))).verify();
    let problems: Vec<_> = report.problems.iter().map(ToString::to_string).collect();
    assert!(
        problems.iter().any(|problem| problem.contains(expected)),
        "{expected}: {problems:?}"
    );
}

#[test]
fn entries_dropped_doubled_or_swapped_are_found() {
    check(
        |entries| drop(entries.remove(0)),
        "its sequence is 2 where 1 is due",
    );
    check(
        |entries| drop(entries.remove(1)),
        "its sequence is 3 where 2 is due",
    );
    check(
        |entries| entries.insert(1, entries[0].clone()),
        "its sequence is 1 where 2 is due",
    );
    check(|entries| entries.swap(1, 2), "its sequence is 3 where 2 is due");
}

#[test]
fn an_older_head_is_found_by_who_knows_the_newer_one() {
    check(|entries| drop(entries.pop()), "is not in the chain");
    check(Vec::clear, "is not in the chain");
    let (_folder, archive, ids) = three();
    for known in &ids {
        assert!(
            archive
                .clone()
                .trusting(knowing(Some(*known)))
                .verify()
                .is_intact(),
            "an archive that has grown since is intact"
        );
    }
}

#[test]
fn an_entry_from_elsewhere_does_not_fit() {
    let (_folder, archive, ids) = three();
    let other = tempfile::tempdir().unwrap();
    let forged = Archive::open(other.path()).unwrap();
    for run in ["x-1", "x-2", "r-3"] {
        append(&forged, run, vec![file("plan.json", "{}")]);
    }
    let third = forged.show("3").unwrap();
    copy_tree(&other.path().join("blobs"), &folder_of(&archive).join("blobs"));
    let path = folder_of(&archive).join("index.json");
    let text = fs::read_to_string(&path)
        .unwrap()
        .replace(&ids[2].to_string(), &third.id.to_string());
    let size = |id: Digest| {
        fs::metadata(folder_of(&archive).join("blobs/sha256").join(id.hex()))
            .unwrap()
            .len()
    };
    let (before, after) = text.rsplit_once(&format!("\"size\":{}", size(ids[2]))).unwrap();
    fs::write(&path, format!("{before}\"size\":{}{after}", size(third.id))).unwrap();
    let report = archive.verify();
    let [problem] = report.problems.as_slice() else {
        panic!("{report:?}")
    };
    assert!(
        problem.to_string().contains("does not name the entry before it"),
        "{problem}"
    );
}

#[test]
fn problems_name_entry_and_file() {
    let (_folder, archive, ids) = three();
    fs::write(
        folder_of(&archive)
            .join("blobs/sha256")
            .join(Digest::of("{}").hex()),
        "[]",
    )
    .unwrap();
    let report = archive.verify();
    for id in ids {
        let named =
            |problem: &slipway_archive::Problem| problem.entry == Some(id) && problem.file == "plan.json";
        assert!(report.problems.iter().any(named), "{report:?}");
    }
}
