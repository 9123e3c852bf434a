//! The thread that writes: everything that is queued while one commit is under way goes into the next one.
//!
//! So 64 effects in flight cost about as many commits as one. Entries that follow one another are checked against
//! lease and number once. Any other job runs in a savepoint: one that is refused leaves the others alone. Jobs that
//! are in no hurry wait in order for one that is, or for a moment of quiet.

use std::time::Duration;

use rusqlite::Connection;

use super::{open::Place, records::Cursor};
use crate::{
    Error, Result,
    queue::{self, Answer, Append, Kind, Queue},
};

/// How long nothing has to be asked for before the log is checkpointed.
const QUIET: Duration = Duration::from_secs(1);

pub(super) type Job = queue::Job<Work>;

/// Runs within the transaction, or is told why there is none.
pub(super) type Work = Box<dyn FnOnce(Result<&Connection>) -> Done + Send>;

pub(super) struct Done {
    /// Undoes this job alone.
    pub(super) refused: Option<Error>,
    /// Given after the commit, with how that went.
    pub(super) answer: Answer,
}

pub(super) fn run(connection: &Connection, place: &Place, queue: &Queue<Work>) {
    let turns = queue.turns();
    let mut dirty = false;
    loop {
        let turn = turns.next(Some(QUIET));
        if !turn.jobs.is_empty() {
            commit(connection, place, turn.jobs);
            dirty = true;
        } else if dirty {
            // Readers may hold part of it back: the next quiet moment does the rest. A failure costs nothing, the
            // log stays where it is.
            let _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
            dirty = false;
        }
        if turn.closed {
            return;
        }
    }
}

fn commit(connection: &Connection, place: &Place, jobs: Vec<Job>) {
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
    jobs: Vec<Job>,
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
    let mut cursor: Option<Cursor> = None;
    for job in jobs {
        let work = match job.kind {
            Kind::Append(append) => {
                match state {
                    Ok(()) => state = append_to(&mut cursor, connection, place, append, answers),
                    Err(_) => answers.push(append.answer),
                }
                continue;
            }
            Kind::Other(work) => work,
        };
        // It may change whose lease it is.
        cursor = None;
        state = state.and_then(|()| execute("SAVEPOINT job"));
        let done = work(state.clone().map(|()| connection));
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

/// Refusals are for this job alone and come before anything is written; an error in writing ends the transaction.
fn append_to(
    cursor: &mut Option<Cursor>,
    connection: &Connection,
    place: &Place,
    append: Append,
    answers: &mut Vec<Answer>,
) -> Result<()> {
    let Append {
        lease,
        lines,
        bodies,
        answer,
    } = append;
    let found = match cursor.take().filter(|cursor| cursor.lease == lease) {
        Some(cursor) => Ok(cursor),
        None => Cursor::find(connection, place, &lease),
    };
    match found.and_then(|found| found.check(&lines).map(|()| found)) {
        Ok(found) => {
            answers.push(answer);
            cursor.insert(found).append(connection, place, &lines, &bodies)
        }
        Err(refused) => {
            answers.push(Box::new(move |committed| answer(committed.and(Err(refused)))));
            Ok(())
        }
    }
}
