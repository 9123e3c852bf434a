//! What a writer is given to do, and when it does it: everything that is queued while one commit is under way goes into
//! the next one, and what is in no hurry waits in order for what is, or for a moment of quiet.
//!
//! Whoever queues a job wakes the writer only if there is something to do for it: that costs more than the job.

use std::{
    mem,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{Body, Durability, Lease, Line, Result};

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

/// Jobs that wait to be done together, for the one thread that does them.
pub(crate) struct Queue<W> {
    waiting: Mutex<Waiting<W>>,
    writer: Condvar,
}

struct Waiting<W> {
    jobs: Vec<Job<W>>,
    body_bytes: usize,
    in_hurry: usize,
    /// With so many in a hurry the writer goes on.
    awaited: usize,
    closed: bool,
}

/// The jobs of a queue, a turn at a time.
pub(crate) struct Turns<'a, W>(&'a Queue<W>);

/// What is so after some waiting.
pub(crate) struct Turn<W> {
    /// In order. None: nothing has come for a while, or will come any more.
    pub(crate) jobs: Vec<Job<W>>,
    /// Nothing will come any more.
    pub(crate) closed: bool,
}

impl<W> Default for Queue<W> {
    fn default() -> Self {
        Self {
            waiting: Mutex::new(Waiting {
                jobs: Vec::new(),
                body_bytes: 0,
                in_hurry: 0,
                awaited: 1,
                closed: false,
            }),
            writer: Condvar::new(),
        }
    }
}

impl<W> Queue<W> {
    /// In the order of these calls. What is queued when it is closed is dropped.
    pub(crate) fn push(&self, job: Job<W>) {
        let mut waiting = self.lock();
        if waiting.closed {
            // Not while it is locked: dropping it answers whoever waits for it.
            drop(waiting);
            return drop(job);
        }
        waiting.body_bytes += job.body_bytes();
        let in_hurry = job.durability == Durability::Now;
        waiting.in_hurry += usize::from(in_hurry);
        waiting.jobs.push(job);
        let first = waiting.jobs.len() == 1 || (waiting.in_hurry == 1 && in_hurry);
        if first || waiting.is_due() {
            drop(waiting);
            self.writer.notify_one();
        }
    }

    /// Nothing more is taken; what waits is still to be done.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.writer.notify_one();
    }

    /// For the thread that does them. When it ends, in whatever way, what still waits is dropped and nothing more is taken.
    pub(crate) fn turns(&self) -> Turns<'_, W> {
        Turns(self)
    }

    fn wait<'a>(
        &self,
        waiting: MutexGuard<'a, Waiting<W>>,
        most: Duration,
        until: impl Fn(&Waiting<W>) -> bool,
    ) -> MutexGuard<'a, Waiting<W>> {
        let waited = self
            .writer
            .wait_timeout_while(waiting, most, |waiting| !until(waiting));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Until that is so, or for a moment nothing more has come.
    fn gather<'a>(
        &self,
        mut waiting: MutexGuard<'a, Waiting<W>>,
        moment: Duration,
        until: impl Fn(&Waiting<W>) -> bool,
    ) -> MutexGuard<'a, Waiting<W>> {
        let mut before = 0;
        while !until(&waiting) && waiting.jobs.len() > before {
            before = waiting.jobs.len();
            waiting = self.wait(waiting, moment, &until);
        }
        waiting
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<W>> {
        // A job is queued whole or not at all.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W> Turns<'_, W> {
    /// Waits for jobs; with nothing at hand for `idle`, or as long as it takes.
    pub(crate) fn next(&self, idle: Option<Duration>) -> Turn<W> {
        let Self(queue) = self;
        let mut waiting = queue.lock();
        waiting = match idle {
            Some(idle) => queue.wait(waiting, idle, Waiting::has_something),
            None => {
                let waited = queue
                    .writer
                    .wait_while(waiting, |waiting| !waiting.has_something());
                waited.unwrap_or_else(PoisonError::into_inner)
            }
        };
        waiting = queue.gather(waiting, LINGER, |waiting| {
            waiting.in_hurry > 0 || waiting.is_due()
        });
        if waiting.in_hurry > 0 {
            waiting = queue.gather(waiting, GATHER, Waiting::is_due);
        }
        waiting.awaited = waiting.in_hurry.max(1);
        (waiting.in_hurry, waiting.body_bytes) = (0, 0);
        Turn {
            jobs: mem::take(&mut waiting.jobs),
            closed: waiting.closed,
        }
    }
}

impl<W> Drop for Turns<'_, W> {
    fn drop(&mut self) {
        let mut waiting = self.0.lock();
        waiting.closed = true;
        let left = mem::take(&mut waiting.jobs);
        // Dropping them answers whoever waits for them.
        drop(waiting);
        drop(left);
    }
}

impl<W> Waiting<W> {
    fn has_something(&self) -> bool {
        !self.jobs.is_empty() || self.closed
    }

    /// Nothing is gained by waiting any longer.
    fn is_due(&self) -> bool {
        self.in_hurry >= self.awaited
            || self.jobs.len() >= MOST
            || self.body_bytes >= MOST_BYTES
            || self.closed
    }
}

impl<W> Job<W> {
    fn body_bytes(&self) -> usize {
        match &self.kind {
            Kind::Append(append) => append.bodies.iter().map(|body| body.bytes.len()).sum(),
            Kind::Other(_) => 0,
        }
    }
}
