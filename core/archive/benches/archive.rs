//! What an archive costs for a tree of 250 MB in 500 files: first ingest, an entry of the same files again, verification;
//! each against copying the same tree with every file synchronised.
//!
//! `cargo bench -p slipway-archive`, in a folder of `SLIPWAY_BENCH_DIR` or the target folder (not a tmpfs).

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark ends at the first error and prints"
)]

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde_json::Map;
use slipway_archive::{Archive, EntryFile, EntryMeta, NewEntry, Source};

const FILES: u64 = 500;
const SIZE: usize = 500_000;

fn main() {
    let below =
        env::var_os("SLIPWAY_BENCH_DIR").map_or_else(|| env!("CARGO_TARGET_TMPDIR").into(), PathBuf::from);
    let folder = tempfile::tempdir_in(below).unwrap();
    let tree = folder.path().join("tree");
    fs::create_dir(&tree).unwrap();
    for file in 0..FILES {
        fs::write(tree.join(format!("{file:03}")), noise(file)).unwrap();
    }
    let archive = Archive::open(folder.path().join("archive")).unwrap();
    let copy = timed(|| copy(&tree, &folder.path().join("copy")));
    let ingest = timed(|| append(&archive, &tree));
    let again = timed(|| append(&archive, &tree));
    let verify = timed(|| assert!(archive.verify().is_intact()));
    let line = |what: &str, time: Duration| {
        let ratio = time.as_secs_f64() / copy.as_secs_f64();
        println!(
            "{what:<32} {:>8.0} ms   {ratio:>5.2} of the copy",
            time.as_secs_f64() * 1000.0
        );
    };
    println!("{} MB in {FILES} files", FILES * SIZE as u64 / 1_000_000);
    line("copy, every file synchronised", copy);
    line("first entry", ingest);
    line("entry of the same files", again);
    line("verify", verify);
}

fn append(archive: &Archive, tree: &Path) {
    let files = (0..FILES).map(|file| {
        let name = format!("{file:03}");
        EntryFile::new(format!("tree/{name}"), Source::Path(tree.join(name)))
    });
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

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        let target = to.join(file.file_name());
        fs::copy(file.path(), &target).unwrap();
        File::open(target).unwrap().sync_all().unwrap();
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// Bytes that differ from file to file, always the same ones.
fn noise(seed: u64) -> Vec<u8> {
    let mut state = seed + 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..SIZE / 8).flat_map(|_| next().to_le_bytes()).collect()
}
