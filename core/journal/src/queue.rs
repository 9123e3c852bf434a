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
        let first = waiting.jobs.is_empty() || (waiting.in_hurry == 0 && job.is_in_hurry());
        waiting.body_bytes += job.body_bytes();
        waiting.in_hurry += usize::from(job.is_in_hurry());
        waiting.jobs.push(job);
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
        let jobs = waiting.take();
        Turn {
            closed: waiting.closed && waiting.jobs.is_empty(),
            jobs,
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

    /// As many as are done at once; those who are answered together will come back together.
    fn take(&mut self) -> Vec<Job<W>> {
        let left = self.jobs.split_off(self.jobs.len().min(MOST));
        let taken = mem::replace(&mut self.jobs, left);
        self.awaited = taken.iter().filter(|job| job.is_in_hurry()).count().max(1);
        self.in_hurry = self.jobs.iter().filter(|job| job.is_in_hurry()).count();
        self.body_bytes = self.jobs.iter().map(Job::body_bytes).sum();
        taken
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
    fn is_in_hurry(&self) -> bool {
        self.durability == Durability::Now
    }

    fn body_bytes(&self) -> usize {
        match &self.kind {
            Kind::Append(append) => append.bodies.iter().map(|body| body.bytes.len()).sum(),
            Kind::Other(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Arc, mpsc},
        thread,
        time::Instant,
    };

    use super::*;

    /// Work that says when it is gone.
    struct Told(u32, mpsc::Sender<u32>);

    impl Drop for Told {
        fn drop(&mut self) {
            let _ = self.1.send(self.0);
        }
    }

    fn push(
        queue: &Queue<Told>,
        numbers: std::ops::Range<u32>,
        durability: Durability,
    ) -> mpsc::Receiver<u32> {
        let (gone, told) = mpsc::channel();
        for number in numbers {
            let kind = Kind::Other(Told(number, gone.clone()));
            queue.push(Job { durability, kind });
        }
        told
    }

    fn numbers(turn: &Turn<Told>) -> Vec<u32> {
        let number = |job: &Job<Told>| match &job.kind {
            Kind::Other(told) => told.0,
            Kind::Append(_) => unreachable!("only work is pushed"),
        };
        turn.jobs.iter().map(number).collect()
    }

    #[test]
    fn what_waits_is_taken_in_order_and_not_all_of_it_at_once() {
        let queue = Queue::default();
        let all = u32::try_from(MOST).unwrap() + 10;
        push(&queue, 0..all, Durability::Now);
        queue.close();
        let turns = queue.turns();
        let (first, second) = (turns.next(None), turns.next(None));
        assert_eq!((first.jobs.len(), first.closed), (MOST, false));
        assert_eq!((second.jobs.len(), second.closed), (10, true));
        let taken = [numbers(&first), numbers(&second)].concat();
        assert!(taken.into_iter().eq(0..all));
    }

    #[test]
    fn what_is_in_no_hurry_goes_with_what_is() {
        let queue = Arc::new(Queue::default());
        push(&queue, 0..3, Durability::WithNext);
        let later = thread::spawn({
            let queue = queue.clone();
            move || {
                thread::sleep(LINGER / 4);
                push(&queue, 3..4, Durability::Now)
            }
        });
        let (turns, began) = (queue.turns(), Instant::now());
        assert_eq!(numbers(&turns.next(None)), [0, 1, 2, 3]);
        later.join().unwrap();
        // Alone it goes when nothing more comes.
        push(&queue, 4..5, Durability::WithNext);
        assert_eq!(numbers(&turns.next(None)), [4]);
        assert!(began.elapsed() >= LINGER);
        assert!(turns.next(Some(LINGER / 10)).jobs.is_empty());
    }

    #[test]
    fn nobody_waits_for_a_writer_that_is_gone() {
        let queue = Queue::default();
        let waiting = push(&queue, 0..2, Durability::Now);
        drop(queue.turns());
        let late = push(&queue, 2..3, Durability::Now);
        assert!(waiting.iter().eq(0..2));
        assert!(late.iter().eq(2..3));
    }
}
