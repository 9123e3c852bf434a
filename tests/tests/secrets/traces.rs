//! What is left behind, said, and seen of processes; and how it is searched.

use std::{
    collections::BTreeSet,
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use slipway_tests::{forms, holds};

use crate::planted::PLANTED;

/// Named places with what is in them.
#[derive(Default)]
pub(crate) struct Traces {
    places: usize,
    bytes: usize,
    found: Vec<(String, PathBuf)>,
    needles: Vec<(&'static str, Vec<Vec<u8>>)>,
}

impl Traces {
    pub(crate) fn add(&mut self, name: String, text: Vec<u8>) {
        self.search(Path::new(&name), &text);
    }

    /// All files of a folder, packed ones also unpacked and databases also row by row.
    pub(crate) fn add_folder(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if kind.is_dir() {
                self.add_folder(&path);
            } else if kind.is_file() {
                let bytes = fs::read(&path).unwrap_or_default();
                self.search(&path, &bytes);
                let mut unpacked = Vec::new();
                let mut packed = flate2::read::MultiGzDecoder::new(bytes.as_slice());
                if packed.read_to_end(&mut unpacked).is_ok() {
                    self.search(&path, &unpacked);
                }
                if bytes.starts_with(b"SQLite format 3") {
                    self.search(&path, &rows(&path));
                }
            }
        }
    }

    /// Which secrets are where.
    pub(crate) fn found(&self) -> &[(String, PathBuf)] {
        &self.found
    }

    pub(crate) fn told(&self) -> String {
        format!("{} files / {} bytes", self.places, self.bytes)
    }

    fn search(&mut self, place: &Path, text: &[u8]) {
        if self.needles.is_empty() {
            // Also most of one, at either end of something that was cut.
            let all = |secret: &str| {
                let most = secret.len() * 2 / 3;
                let ends = [
                    &secret.as_bytes()[..most],
                    &secret.as_bytes()[secret.len() - most..],
                ];
                forms(secret)
                    .into_iter()
                    .chain(ends.map(<[u8]>::to_vec))
                    .collect()
            };
            self.needles = PLANTED.map(|(name, secret)| (name, all(secret))).into();
        }
        (self.places, self.bytes) = (self.places + 1, self.bytes + text.len());
        for (name, forms) in &self.needles {
            if let Some(form) = forms.iter().find(|form| holds(text, form)) {
                let what = format!("{name} as {}", String::from_utf8_lossy(form));
                self.found.push((what, place.to_owned()));
            }
        }
    }
}

/// A long value does not stand in one piece in the file.
fn rows(database: &Path) -> Vec<u8> {
    let dump = "import sqlite3, sys\nfor line in sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True).iterdump(): print(line)";
    let dumped = Command::new("python3")
        .args(["-c", dump])
        .arg(database)
        .output()
        .unwrap();
    assert!(
        dumped.status.success(),
        "{}",
        String::from_utf8_lossy(&dumped.stderr)
    );
    dumped.stdout
}

/// What everybody on the machine can see of processes.
pub(crate) struct Processes {
    stop: Arc<AtomicBool>,
    seen: Arc<Mutex<BTreeSet<Vec<u8>>>>,
    watcher: JoinHandle<()>,
}

impl Processes {
    pub(crate) fn watch() -> Self {
        let (stop, seen) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(Mutex::new(BTreeSet::new())),
        );
        let watcher = thread::spawn({
            let (stop, seen) = (stop.clone(), seen.clone());
            move || {
                while !stop.load(Ordering::Relaxed) {
                    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
                    let lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
                    seen.lock().unwrap().extend(lines);
                    thread::sleep(Duration::from_millis(5));
                }
            }
        });
        Self { stop, seen, watcher }
    }

    /// All command lines that there were.
    pub(crate) fn stop(self) -> BTreeSet<Vec<u8>> {
        self.stop.store(true, Ordering::Relaxed);
        self.watcher.join().unwrap();
        std::mem::take(&mut *self.seen.lock().unwrap())
    }
}
