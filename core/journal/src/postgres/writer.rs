//! The thread that writes: appends that are queued while one commit is under way go into the next one.
//!
//! So 64 effects in flight cost about as many round trips and commits as one. Every job is one statement, or a few, that
//! commits by itself; one that is refused leaves the others alone. Jobs that are in no hurry wait in order for one that
//! is, or for a moment of quiet.

use super::{
    records::{self, Batch},
    wire::Wire,
};
use crate::queue::{self, Answer, Append, Kind, Queue};

pub(super) type Job = queue::Job<Work>;

/// Asks, and answers whoever waits.
pub(super) type Work = Box<dyn FnOnce(&mut Wire) + Send>;

pub(super) fn run(wire: &mut Wire, queue: &Queue<Work>) {
    let turns = queue.turns();
    loop {
        let turn = turns.next(None);
        work_off(wire, turn.jobs);
        if turn.closed {
            return;
        }
    }
}

/// In order.
fn work_off(wire: &mut Wire, jobs: Vec<Job>) {
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
