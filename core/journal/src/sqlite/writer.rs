//! The thread that writes: everything that is queued while one commit is under way goes into the next one.
//!
//! So 64 effects in flight cost about as many commits as one. Each job runs in a savepoint: one that is refused leaves
//! the others alone. Jobs that are in no hurry wait in order for one that is, or for a moment of quiet.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::Duration,
};

use rusqlite::Connection;

use super::open::Place;
use crate::{Durability, Error, Result};

/// How long what is in no hurry may wait; `logs -f` in another process sees it then.
const LINGER: Duration = Duration::from_millis(200);
/// How long nothing has to be asked for before the log is checkpointed.
const QUIET: Duration = Duration::from_secs(1);
/// Bounds the memory and the time of one commit.
const MOST: usize = 1024;

pub(super) struct Job {
    pub(super) durability: Durability,
    pub(super) work: Work,
}

/// Runs within the transaction, or is told why there is none.
pub(super) type Work = Box<dyn FnOnce(Result<&Connection>) -> Done + Send>;

pub(super) struct Done {
    /// Undoes this job alone.
    pub(super) refused: Option<Error>,
    /// Given after the commit, with how that went.
    pub(super) answer: Answer,
}

pub(super) type Answer = Box<dyn FnOnce(Result<()>) + Send>;

pub(super) fn run(connection: &Connection, place: &Place, jobs: &Receiver<Job>) {
    let mut waiting: Vec<Job> = Vec::new();
    let mut dirty = false;
    loop {
        let pause = if waiting.is_empty() { QUIET } else { LINGER };
        let (quiet, closed) = match jobs.recv_timeout(pause) {
            Ok(job) => {
                waiting.push(job);
                waiting.extend(jobs.try_iter().take(MOST));
                (false, false)
            }
            Err(RecvTimeoutError::Timeout) => (true, false),
            Err(RecvTimeoutError::Disconnected) => (true, true),
        };
        let hurry = waiting.iter().any(|job| job.durability == Durability::Now);
        if !waiting.is_empty() && (hurry || quiet || waiting.len() >= MOST) {
            commit(connection, place, waiting.drain(..));
            dirty = true;
        } else if quiet && dirty {
            // Readers may hold part of it back: the next quiet moment does the rest. A failure costs nothing, the
            // log stays where it is.
            let _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
            dirty = false;
        }
        if closed {
            return;
        }
    }
}

fn commit(connection: &Connection, place: &Place, jobs: impl Iterator<Item = Job>) {
    let mut answers: Vec<Answer> = Vec::new();
    let outcome = transaction(connection, place, jobs, &mut answers);
    if outcome.is_err() && !connection.is_autocommit() {
        // Nothing was promised yet; if even this fails the file still holds the last commit, and no more.
        let _ = connection.execute_batch("ROLLBACK");
    }
    for answer in answers {
        answer(outcome.clone());
    }
}

fn transaction(
    connection: &Connection,
    place: &Place,
    jobs: impl Iterator<Item = Job>,
    answers: &mut Vec<Answer>,
) -> Result<()> {
    let execute = |sql: &str| {
        let mut statement = connection
            .prepare_cached(sql)
            .map_err(|source| place.error("commit", source))?;
        statement
            .execute([])
            .map(drop)
            .map_err(|source| place.error("commit", source))
    };
    let mut state = execute("BEGIN IMMEDIATE");
    for job in jobs {
        state = state.and_then(|()| execute("SAVEPOINT job"));
        let done = (job.work)(state.clone().map(|()| connection));
        answers.push(done.answer);
        state = match (state, done.refused) {
            (Ok(()), None) => execute("RELEASE job"),
            // A full disk may make SQLite end the whole transaction: then there is no savepoint either.
            (Ok(()), Some(error)) if connection.is_autocommit() => Err(error),
            (Ok(()), Some(_)) => execute("ROLLBACK TO job").and_then(|()| execute("RELEASE job")),
            (failed, _) => failed,
        };
    }
    state?;
    execute("COMMIT")
}
