//! Appending killed at random moments: the archive is the old or the new one, and goes on.

use std::{
    env,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use slipway_archive::{Archive, EntryId};

use super::common::{append, file, knowing};

const FOLDER: &str = "SLIPWAY_TEST_ARCHIVE";
const ROUNDS: u64 = 30;

/// Appends until it is killed, and says which entries it was told are there.
#[test]
#[ignore = "the victim of the test below, which starts it"]
fn victim() {
    let folder = env::var_os(FOLDER).expect("only started by the test below");
    let archive = Archive::open(Path::new(&folder)).unwrap();
    for round in 0.. {
        let big = format!("{round}-{}", std::process::id()).repeat(20_000);
        let mut files = vec![file("big", &big), file("same", "same")];
        // Every other time more files than are synchronised one by one.
        let many = if round % 2 == 0 { 0 } else { 20 };
        files.extend((0..many).map(|number| file(&format!("small/{number}"), &format!("{number}{big:.20}"))));
        let id = append(&archive, "r-1", files);
        println!("appended {id}");
    }
}

#[test]
fn killed_anywhere_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged: Vec<EntryId> = Vec::new();
    for round in 0..ROUNDS {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "crash::victim", "--ignored", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // At least one append is under way; then a different moment every time.
        let mut lines = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap);
        let id = |line: String| line.split_once("appended ").map(|(_, id)| id.parse().unwrap());
        acknowledged.push(lines.by_ref().find_map(id).unwrap());
        thread::sleep(Duration::from_micros(round * 373 % 4000));
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged.extend(lines.filter_map(id));

        let archive = Archive::open(folder.path()).unwrap();
        let entries: Vec<_> = archive
            .list()
            .unwrap()
            .into_iter()
            .map(|entry| entry.id)
            .collect();
        let report = archive.trusting(knowing(acknowledged.last().copied())).verify();
        assert!(report.is_intact(), "{:?}", report.problems);
        assert!(acknowledged.iter().all(|id| entries.contains(id)));
    }
    append(
        &Archive::open(folder.path()).unwrap(),
        "r-2",
        vec![file("plan.json", "{}")],
    );
    let report = Archive::open(folder.path()).unwrap().verify();
    assert!(
        report.is_intact() && !report.notes.iter().any(|note| note.contains("pending")),
        "{report:?}"
    );
}
