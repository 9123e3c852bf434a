//! What a writer is given to do, and when it does it: everything that is queued while one commit is under way goes into
//! the next one, and what is in no hurry waits in order for what is, or for a moment of quiet.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::Duration,
    vec::Drain,
};

use crate::{Body, Durability, Error, Lease, Record, Result};

/// How long what is in no hurry may wait; `logs -f` in another process sees it then.
const LINGER: Duration = Duration::from_millis(200);
/// How long to wait for the next of those who were answered together and will come back together. Without it the first
/// one back takes a commit of its own while the others queue, and every second commit is for one.
const GATHER: Duration = Duration::from_micros(100);
/// Bounds the memory and the time of one commit.
const MOST: usize = 1024;
/// The same for the bytes of bodies.
const MOST_BYTES: usize = 4 << 20;

/// `W` is any work but an append.
pub(crate) struct Job<W> {
    pub(crate) durability: Durability,
    pub(crate) kind: Kind<W>,
}

pub(crate) enum Kind<W> {
    Append(Append),
    Other(W),
}

pub(crate) struct Append {
    pub(crate) lease: Lease,
    pub(crate) lines: Vec<Line>,
    pub(crate) bodies: Vec<Body>,
    pub(crate) answer: Answer,
}

pub(crate) type Answer = Box<dyn FnOnce(Result<()>) + Send>;

/// A record as it will be kept: written as JSON by who appends, not by the one thread that everybody waits for.
pub(crate) struct Line {
    pub(crate) record: Record,
    pub(crate) text: String,
}

/// Jobs that wait to be done together.
pub(crate) struct Queue<W> {
    waiting: Vec<Job<W>>,
    /// How many were in a hurry the last time.
    together: usize,
}

/// What is so after some waiting.
pub(crate) struct Turn {
    /// What waits is to be done now.
    pub(crate) due: bool,
    /// Nothing has come for a while.
    pub(crate) quiet: bool,
    /// Nothing will come any more.
    pub(crate) closed: bool,
}

impl Line {
    pub(crate) fn of(record: Record) -> Result<Self> {
        let text = record.to_line().map_err(|source| Error::Unwritable {
            what: "the journal entry",
            source: source.into(),
        })?;
        Ok(Self { record, text })
    }
}

impl<W> Default for Queue<W> {
    fn default() -> Self {
        Self {
            waiting: Vec::new(),
            together: 0,
        }
    }
}

impl<W> Queue<W> {
    /// Waits for jobs; with nothing at hand for `idle`, or as long as it takes.
    pub(crate) fn turn(&mut self, jobs: &Receiver<Job<W>>, idle: Option<Duration>) -> Turn {
        let first = match idle.filter(|_| self.waiting.is_empty()) {
            Some(idle) => jobs.recv_timeout(idle),
            None if self.waiting.is_empty() => jobs.recv().map_err(|_| RecvTimeoutError::Disconnected),
            None => jobs.recv_timeout(LINGER),
        };
        let quiet = first.is_err();
        let closed = matches!(first, Err(RecvTimeoutError::Disconnected));
        self.waiting.extend(first);
        self.waiting.extend(jobs.try_iter().take(MOST));
        let mut hurry = self.in_hurry();
        while (1..self.together).contains(&hurry)
            && let Ok(job) = jobs.recv_timeout(GATHER)
        {
            self.waiting.push(job);
            self.waiting.extend(jobs.try_iter().take(MOST));
            hurry = self.in_hurry();
        }
        let full = self.waiting.len() >= MOST || self.body_bytes() >= MOST_BYTES;
        let due = !self.waiting.is_empty() && (hurry > 0 || quiet || full);
        if due {
            self.together = hurry;
        }
        Turn { due, quiet, closed }
    }

    /// In order.
    pub(crate) fn take(&mut self) -> Drain<'_, Job<W>> {
        self.waiting.drain(..)
    }

    fn in_hurry(&self) -> usize {
        let jobs = self.waiting.iter();
        jobs.filter(|job| job.durability == Durability::Now).count()
    }

    fn body_bytes(&self) -> usize {
        let bodies = self.waiting.iter().flat_map(|job| match &job.kind {
            Kind::Append(append) => append.bodies.as_slice(),
            Kind::Other(_) => &[],
        });
        bodies.map(|body| body.bytes.len()).sum()
    }
}
