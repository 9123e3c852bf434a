//! Several who add to one archive that is elsewhere, each from a folder that has nothing of it.

use std::{fs, path::Path, thread};

use slipway_archive::{Again, Archive, Error, Trust};
use tempfile::TempDir;

use super::{
    common::{append, copy_tree, file, folder_of, knowing},
    servers::{Place, Registry, S3},
    signing::{public, signing},
};

/// An archive of three signed entries, elsewhere.
fn there(place: &dyn Place) -> Archive {
    let folder = tempfile::tempdir().unwrap();
    let archive = fresh(folder.path());
    for run in ["r-1", "r-2", "r-3"] {
        append(&archive, run, vec![file("plan.json", "{}"), file("log", run)]);
    }
    let there = place.archive();
    archive.push(&there).unwrap();
    there
}

/// A folder of somebody who signs.
fn fresh(folder: &Path) -> Archive {
    Archive::open(folder)
        .unwrap()
        .signed_by(signing("one"))
        .trusting(Trust::of_a_part())
}

fn by_us() -> Trust {
    Trust {
        signers: vec![public("one")],
        ..Trust::default()
    }
}

fn runs(archive: &Archive) -> Vec<String> {
    let entries = archive.list().unwrap();
    entries.iter().map(|entry| entry.meta.run.to_string()).collect()
}

fn each_goes_on_with_it(place: &dyn Place) {
    let there = there(place);
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (one, other) = (fresh(one.path()), fresh(other.path()));
    let late = tempfile::tempdir().unwrap();
    let late = fresh(late.path());
    for folder in [&one, &other, &late] {
        let followed = folder.follow(&there).unwrap();
        assert_eq!((followed.head, followed.taken), (there.head().unwrap(), 0));
        assert_eq!(folder.head().unwrap(), there.head().unwrap());
        assert!(folder.list().unwrap().is_empty(), "nothing is fetched");
    }
    append(&one, "one", vec![file("log", "one")]);
    let pushed = one.push(&there).unwrap();
    assert_eq!((pushed.entries, there.head().unwrap()), (1, one.head().unwrap()));
    assert_eq!(one.show("4").unwrap().was, None);

    // Whoever was slower comes after that.
    let was = append(&other, "other", vec![file("log", "other")]);
    let refused = other.push(&there).unwrap_err();
    assert!(
        matches!(refused, Error::Diverged { sequence: 4, .. }),
        "{refused}"
    );
    let followed = other.follow(&there).unwrap();
    let now = other.head().unwrap().unwrap();
    assert_eq!((followed.taken, followed.again), (1, vec![Again { was, now }]));
    assert_eq!(other.push(&there).unwrap().entries, 1);
    let entry = there.show("5").unwrap();
    assert_eq!((entry.id, entry.was), (now, Some(was)));
    assert_eq!(there.read(&entry, "log").unwrap(), b"other");
    assert_eq!(runs(&there), ["r-1", "r-2", "r-3", "one", "other"]);
    let report = there.clone().trusting(by_us()).verify();
    assert!(report.is_intact(), "{report:?}");

    // Who has nothing to add fetches nothing.
    assert_eq!(late.follow(&there).unwrap().taken, 0);
    assert_eq!(late.head().unwrap(), there.head().unwrap());
    assert!(late.list().unwrap().is_empty());
    // Nothing new is nothing to do, and what was taken is whole.
    let again = one.follow(&there).unwrap();
    assert_eq!((again.taken, again.again.len()), (1, 0));
    assert_eq!(one.follow(&there).unwrap().taken, 0);
    assert_eq!(one.push(&there).unwrap().entries, 0);
    assert_eq!(runs(&one), ["one", "other"]);
}

#[test]
fn in_a_bucket() {
    each_goes_on_with_it(&S3::start());
}

#[test]
fn in_a_repository() {
    each_goes_on_with_it(&Registry::start());
}

/// Each writer with a folder that has nothing yet, run after run; whoever is slower goes on with what was faster.
fn many_at_once(there: impl Fn() -> Archive + Sync) -> Vec<(TempDir, Archive)> {
    const WRITERS: usize = 6;
    const RUNS: usize = 5;
    let work = |writer: usize| {
        let folder = tempfile::tempdir().unwrap();
        let (here, there) = (fresh(folder.path()), there());
        for run in 0..RUNS {
            here.follow(&there).unwrap();
            let run = format!("w-{writer}-{run}");
            append(&here, &run, vec![file("plan.json", "{}"), file("log", &run)]);
            comes_there(&here, &there);
        }
        (folder, here)
    };
    thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| scope.spawn(move || work(writer)))
            .collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    })
}

fn comes_there(here: &Archive, there: &Archive) {
    while let Err(error) = here.push(there) {
        let raced = matches!(
            error,
            Error::Raced(_) | Error::Diverged { .. } | Error::Behind { .. }
        );
        assert!(raced, "{error}");
        here.follow(there).unwrap();
    }
}

fn all_are_there(there: &Archive) {
    let there = there.clone().trusting(by_us());
    let report = there.verify();
    assert!(report.is_intact(), "{report:?}");
    let mut runs = runs(&there);
    assert_eq!(runs.len(), 3 + 6 * 5);
    runs.sort();
    runs.dedup();
    assert_eq!(runs.len(), 3 + 6 * 5, "each once");
}

#[test]
fn many_at_once_lose_nothing() {
    let (_folder, shared, _) = part();
    many_at_once(|| shared.clone());
    all_are_there(&shared);
}

/// This server looks at the condition of a change before it makes the change, and lets another one in between. What is lost by
/// that is there again when whoever has it comes back.
#[test]
fn what_a_place_loses_comes_back() {
    let server = S3::start();
    there(&server);
    for (_folder, here) in many_at_once(|| server.archive()) {
        let there = server.archive();
        here.follow(&there).unwrap();
        comes_there(&here, &there);
    }
    all_are_there(&server.archive());
}

/// Three entries there; here one that follows them.
fn part() -> (TempDir, Archive, Archive) {
    let folder = tempfile::tempdir().unwrap();
    let there = fresh(&folder.path().join("there"));
    for run in ["r-1", "r-2", "r-3"] {
        append(&there, run, vec![file("plan.json", "{}"), file("log", run)]);
    }
    let here = fresh(&folder.path().join("here"));
    here.follow(&there).unwrap();
    append(&here, "here", vec![file("log", "here")]);
    (folder, there, here)
}

#[test]
fn a_part_says_so_and_is_completed() {
    let (_folder, there, here) = part();
    let report = here.verify();
    assert!(report.is_intact(), "{report:?}");
    assert_eq!(report.after, there.head().unwrap());
    let strict = here.clone().trusting(by_us());
    assert!(!strict.verify().is_intact());
    let refused = strict.list().unwrap_err().to_string();
    assert!(refused.contains("begins after entry 3"), "{refused}");
    let knowing = here.clone().trusting(Trust {
        excerpt: true,
        ..knowing(there.head().unwrap())
    });
    assert!(
        knowing.verify().is_intact(),
        "what it follows is known to be its chain"
    );
    assert!(matches!(here.show("3").unwrap_err(), Error::NoSuchEntry(_)));

    here.push(&there).unwrap();
    there.push(&here).unwrap();
    assert_eq!(runs(&here), ["r-1", "r-2", "r-3", "here"]);
    assert!(here.clone().trusting(by_us()).verify().is_intact());
    let index = |archive: &Archive| fs::read(folder_of(archive).join("index.json")).unwrap();
    assert_eq!(index(&here), index(&there));
}

/// A part in its own right, as a tar too.
#[test]
fn a_part_is_exported_as_one() {
    let (folder, _there, here) = part();
    let mut tar = Vec::new();
    here.export(&[], &mut tar).unwrap();
    let unpacked = folder.path().join("unpacked");
    tar::Archive::new(tar.as_slice()).unpack(&unpacked).unwrap();
    let report = fresh(&unpacked).verify();
    assert!(report.is_intact() && report.after.is_some(), "{report:?}");
}

#[test]
fn only_what_is_one_chain_is_put_together() {
    let (folder, there, here) = part();
    let empty = fresh(&folder.path().join("empty"));
    let refused = here.push(&empty).unwrap_err();
    assert!(
        matches!(
            refused,
            Error::Gap {
                after: 3,
                there: 0,
                ..
            }
        ),
        "{refused}"
    );
    assert_eq!(empty.head().unwrap(), None);

    let other = fresh(&folder.path().join("other"));
    for run in ["x-1", "x-2", "x-3", "x-4"] {
        append(&other, run, vec![file("log", run)]);
    }
    for refused in [here.push(&other).unwrap_err(), here.follow(&other).unwrap_err()] {
        assert!(
            matches!(refused, Error::Diverged { sequence: 3, .. }),
            "{refused}"
        );
    }
    // Entries that were seen there once are there still, or nothing goes on.
    let cut = folder.path().join("cut");
    copy_tree(&folder_of(&other), &cut);
    let seen = there.head().unwrap();
    let refused = empty.follow(&fresh(&cut).trusting(knowing(seen))).unwrap_err();
    assert!(matches!(refused, Error::Untrusted { .. }), "{refused}");
    assert_eq!(empty.head().unwrap(), None);
}

/// Nobody takes a signature away by putting an entry elsewhere.
#[test]
fn what_was_signed_is_signed_again_or_stays() {
    let (_folder, there, here) = part();
    append(&there, "faster", vec![file("log", "faster")]);
    let before = here.head().unwrap();
    let refused = here.clone().signed_by(None).follow(&there).unwrap_err();
    assert!(matches!(refused, Error::Unsigned(_)), "{refused}");
    assert_eq!(here.head().unwrap(), before);
    assert!(here.verify().is_intact());
    here.follow(&there).unwrap();
    assert_eq!(runs(&here), ["faster", "here"]);
    assert!(here.list().unwrap().iter().all(|entry| entry.signer.is_some()));
}
