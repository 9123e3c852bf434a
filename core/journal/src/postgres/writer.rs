//! The thread that writes: appends that are queued while one commit is under way go into the next one.
//!
//! So 64 effects in flight cost about as many round trips and commits as one. Every job is one statement, or a few, that
//! commits by itself; one that is refused leaves the others alone. Jobs that are in no hurry wait in order for one that
//! is, or for a moment of quiet.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::Duration,
};

use super::{
    records::{self, Batch, Line},
    wire::Wire,
};
use crate::{Body, Durability, Lease, Result};

/// How long what is in no hurry may wait; `logs -f` in another process sees it then.
const LINGER: Duration = Duration::from_millis(200);
/// How long to wait for the next of those who were answered together and will come back together. Without it the first
/// one back takes a commit of its own while the others queue, and every second commit is for one.
const GATHER: Duration = Duration::from_micros(100);
/// Bounds the memory and the time of one commit.
const MOST: usize = 1024;
/// The same for the bytes of bodies.
const MOST_BYTES: usize = 4 << 20;

pub(super) struct Job {
    pub(super) durability: Durability,
    pub(super) kind: Kind,
}

pub(super) enum Kind {
    Append(Append),
    Other(Work),
}

pub(super) struct Append {
    pub(super) lease: Lease,
    pub(super) lines: Vec<Line>,
    pub(super) bodies: Vec<Body>,
    pub(super) answer: Answer,
}

/// Asks, and answers whoever waits.
pub(super) type Work = Box<dyn FnOnce(&mut Wire) + Send>;

pub(super) type Answer = Box<dyn FnOnce(Result<()>) + Send>;

pub(super) fn run(wire: &mut Wire, jobs: &Receiver<Job>) {
    let mut waiting: Vec<Job> = Vec::new();
    let mut together = 0;
    loop {
        let first = match waiting.is_empty() {
            true => jobs.recv().map_err(|_| RecvTimeoutError::Disconnected),
            false => jobs.recv_timeout(LINGER),
        };
        let quiet = first.is_err();
        let closed = matches!(first, Err(RecvTimeoutError::Disconnected));
        waiting.extend(first);
        waiting.extend(jobs.try_iter().take(MOST));
        let mut hurry = in_hurry(&waiting);
        while (1..together).contains(&hurry)
            && let Ok(job) = jobs.recv_timeout(GATHER)
        {
            waiting.push(job);
            waiting.extend(jobs.try_iter().take(MOST));
            hurry = in_hurry(&waiting);
        }
        let full = waiting.len() >= MOST || body_bytes(&waiting) >= MOST_BYTES;
        if hurry > 0 || quiet || full {
            together = hurry;
            work_off(wire, waiting.drain(..));
        }
        if closed {
            return;
        }
    }
}

fn in_hurry(jobs: &[Job]) -> usize {
    jobs.iter()
        .filter(|job| job.durability == Durability::Now)
        .count()
}

fn body_bytes(jobs: &[Job]) -> usize {
    let bodies = jobs.iter().flat_map(|job| match &job.kind {
        Kind::Append(append) => append.bodies.as_slice(),
        Kind::Other(_) => &[],
    });
    bodies.map(|body| body.bytes.len()).sum()
}

/// In order.
fn work_off(wire: &mut Wire, jobs: impl Iterator<Item = Job>) {
    let mut together: Option<(Batch, Vec<Answer>)> = None;
    for job in jobs {
        let append = match job.kind {
            Kind::Append(append) => append,
            Kind::Other(work) => {
                commit(wire, together.take());
                work(wire);
                continue;
            }
        };
        let Append {
            lease,
            lines,
            bodies,
            answer,
        } = append;
        match &mut together {
            Some((batch, answers)) if batch.goes_on_with(&lease, &lines) => {
                batch.lines.extend(lines);
                batch.bodies.extend(bodies);
                answers.push(answer);
            }
            _ => {
                let batch = Batch { lease, lines, bodies };
                commit(wire, together.replace((batch, vec![answer])));
            }
        }
    }
    commit(wire, together);
}

fn commit(wire: &mut Wire, together: Option<(Batch, Vec<Answer>)>) {
    let Some((batch, answers)) = together else {
        return;
    };
    let outcome = wire.ask("append", async |db, again| {
        records::append(db, &batch, again).await
    });
    for answer in answers {
        answer(outcome.clone());
    }
}
