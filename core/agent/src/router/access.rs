//! The access log: requests hand their line over and go on; a task of its own writes many lines at once.

use std::{
    fs::File,
    io::Write,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::mpsc;

use crate::{api::AccessEntry, error::Result, log};

/// Lines that may wait for the disk. When it is slower than that for long, lines are lost and counted, not requests.
const WAITING: usize = 65_536;
const AT_ONCE: usize = 1024;

pub(super) struct AccessLog {
    lines: mpsc::Sender<Vec<u8>>,
    lost: Arc<AtomicU64>,
}

impl AccessLog {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = log::append(path)?;
        let (lines, waiting) = mpsc::channel(WAITING);
        let lost = Arc::new(AtomicU64::new(0));
        tokio::task::spawn_blocking({
            let lost = Arc::clone(&lost);
            move || write(file, waiting, &lost)
        });
        Ok(Self { lines, lost })
    }

    pub(super) fn write(&self, entry: &AccessEntry) {
        let line = serde_json::to_vec(entry).ok().map(|mut line| {
            line.push(b'\n');
            line
        });
        if line.is_none_or(|line| self.lines.try_send(line).is_err()) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

/// Ends when the route is gone.
fn write(mut file: File, mut waiting: mpsc::Receiver<Vec<u8>>, lost: &AtomicU64) {
    let mut lines = Vec::new();
    while waiting.blocking_recv_many(&mut lines, AT_ONCE) > 0 {
        let count = lines.len() as u64;
        let text: Vec<u8> = lines.drain(..).flatten().collect();
        if file.write_all(&text).is_err() {
            lost.fetch_add(count, Ordering::Relaxed);
        }
    }
}
