//! What an archive costs for a tree of 250 MB, beside restic in the same run, on the same tree and disk: the first ingest, one
//! of the same files again, and reading and verifying everything. In turns, the medians of several rounds.
//!
//! `cargo xtask peers && cargo bench -p slipway-archive`; `RESTIC` names another build of it. It happens in a folder of
//! `SLIPWAY_BENCH_DIR` or the target folder, not on a tmpfs, and best where nothing was deleted a minute ago: ext4 makes files slowly
//! there, and an archive has more of them than restic. Therefore nothing is removed before the end (3 GB). Both synchronise what they have written before they end; of
//! restic it counts what a user waits for, which is with opening its repository by password.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark ends at the first error and prints"
)]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Map;
use slipway_archive::{Archive, EntryFile, EntryMeta, NewEntry, Source};

const ROUNDS: usize = 5;
/// How many files of which size: manifests and configuration, logs and journals, layers of images.
const TREE: [(usize, usize, Content); 3] = [
    (6000, 6_000, Content::Text),
    (300, 200_000, Content::Text),
    (4, 38_500_000, Content::Noise),
];

#[derive(Debug, Clone, Copy)]
enum Content {
    Text,
    /// As of something that is compressed.
    Noise,
}

/// The times of one program.
#[derive(Debug, Default)]
struct Times {
    first: Vec<Duration>,
    again: Vec<Duration>,
    verify: Vec<Duration>,
}

fn main() {
    let below =
        env::var_os("SLIPWAY_BENCH_DIR").map_or_else(|| env!("CARGO_TARGET_TMPDIR").into(), PathBuf::from);
    let folder = tempfile::tempdir_in(below).unwrap();
    let tree = folder.path().join("tree");
    let files = plant(&tree);
    let restic = restic();
    let (mut ours, mut theirs) = (Times::default(), Times::default());
    for round in 0..ROUNDS {
        let archive = Archive::open(folder.path().join(format!("archive-{round}"))).unwrap();
        ours.first.push(timed(|| append(&archive, &tree, &files)));
        ours.again.push(timed(|| append(&archive, &tree, &files)));
        ours.verify.push(timed(|| assert!(archive.verify().is_intact())));
        let Some(restic) = &restic else { continue };
        let place = folder.path().join(format!("restic-{round}"));
        let ask = |arguments: &[&str]| ask(restic, &place, folder.path(), arguments);
        let backup = || ask(&["backup", tree.to_str().unwrap()]);
        ask(&["init"]);
        theirs.first.push(timed(backup));
        theirs.again.push(timed(backup));
        theirs.verify.push(timed(|| ask(&["check", "--read-data"])));
    }
    let bytes: u64 = files
        .iter()
        .map(|file| fs::metadata(tree.join(file)).unwrap().len())
        .sum();
    println!(
        "{} MB in {} files, medians of {ROUNDS} rounds",
        bytes / 1_000_000,
        files.len()
    );
    if restic.is_none() {
        println!("there is no restic to compare with: `cargo xtask peers` builds it, RESTIC names one");
    }
    println!(
        "{:<28} {:>10} {:>10} {:>16}",
        "", "slipway", "restic", "restic/slipway"
    );
    line("first ingest", &mut ours.first, &mut theirs.first);
    line("the same files again", &mut ours.again, &mut theirs.again);
    line("verify every byte", &mut ours.verify, &mut theirs.verify);
}

fn line(what: &str, ours: &mut [Duration], theirs: &mut [Duration]) {
    let median = |times: &mut [Duration]| {
        times.sort_unstable();
        times.get(times.len() / 2).map(Duration::as_secs_f64)
    };
    let shown = |time: Option<f64>| time.map_or("-".to_owned(), |time| format!("{:.0} ms", time * 1000.0));
    let (ours, theirs) = (median(ours), median(theirs));
    let ratio = ours
        .zip(theirs)
        .map(|(ours, theirs)| format!("{:.2}", theirs / ours));
    println!(
        "{what:<28} {:>10} {:>10} {:>16}",
        shown(ours),
        shown(theirs),
        ratio.unwrap_or_default()
    );
}

fn append(archive: &Archive, tree: &Path, files: &[String]) {
    let files = files
        .iter()
        .map(|file| EntryFile::new(format!("tree/{file}"), Source::Path(tree.join(file))));
    let meta = EntryMeta {
        service: "shop".parse().unwrap(),
        environment: "prod".parse().unwrap(),
        run: "r-1".parse().unwrap(),
        started: jiff::Timestamp::UNIX_EPOCH,
        ended: jiff::Timestamp::UNIX_EPOCH,
        outcome: "succeeded".into(),
        revision: None,
        package: None,
        more: Map::new(),
    };
    archive.append(NewEntry { meta, files }).unwrap();
}

/// A build of `cargo xtask peers`, or the one that is named.
fn restic() -> Option<PathBuf> {
    if let Some(named) = env::var_os("RESTIC") {
        return Some(named.into());
    }
    let peers = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("peers");
    let built = fs::read_dir(peers).into_iter().flatten().flatten();
    built
        .map(|peer| peer.path().join("restic"))
        .find(|program| program.is_file())
}

fn ask(restic: &Path, repository: &Path, folder: &Path, arguments: &[&str]) {
    let done = Command::new(restic)
        .arg("--quiet")
        .arg("--repo")
        .arg(repository)
        .arg("--cache-dir")
        .arg(folder.join("cache"))
        .args(arguments)
        .env("RESTIC_PASSWORD", "bench")
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(done.success(), "restic {arguments:?} ended with {done}");
}

/// Nothing that was written before is left to be written meanwhile.
fn timed(work: impl FnOnce()) -> Duration {
    assert!(Command::new("sync").status().unwrap().success());
    let start = Instant::now();
    work();
    start.elapsed()
}

/// Makes the tree, and answers its files.
fn plant(tree: &Path) -> Vec<String> {
    let mut files = Vec::new();
    let mut random = Random(7);
    for (count, size, content) in TREE {
        for number in 0..count {
            let name = format!("{size}/{}/{number}", number % 20);
            let path = tree.join(&name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, random.bytes(size, content)).unwrap();
            files.push(name);
        }
    }
    files
}

/// xorshift: the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self, size: usize, content: Content) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(size + 100);
        while bytes.len() < size {
            let next = self.next();
            match content {
                Content::Noise => bytes.extend(next.to_le_bytes()),
                Content::Text => bytes.extend(
                    format!(
                        "{{\"seq\":{},\"kind\":\"{}\",\"digest\":\"{next:016x}\"}}\n",
                        next % 10_000,
                        ["begun", "ended"][usize::from(next.is_multiple_of(3))]
                    )
                    .into_bytes(),
                ),
            }
        }
        bytes.truncate(size);
        bytes
    }
}
