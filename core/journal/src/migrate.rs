//! Moving the ledger of a folder to the database of a team.

use std::{
    path::{Path, PathBuf},
    thread,
};

use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::{Error, PostgresSettings, Result, postgres::Moved, sqlite::Export};

/// Everything that a file holds, also the tokens of its leases, so that they go on growing. Refused while anybody works
/// on any of it, and where the database has something else under the same names; all of it is read back before it
/// counts. May be repeated: what is there already is left alone. `now` is for the leases of the file, all of which are
/// held meanwhile. In the end the file is called `aside`, so that nobody goes on in it.
pub async fn migrate(from: &Path, to: PostgresSettings, aside: &Path, now: Timestamp) -> Result<Moved> {
    let ledger = to.ledger().to_owned();
    let [from, aside]: [PathBuf; 2] = [from, aside].map(Path::to_owned);
    let (sender, moved) = oneshot::channel();
    // SQLite is read as it is written to the database, on a thread that may wait for both.
    let worker = thread::spawn(move || {
        let moved = Export::open(&from, now).and_then(|export| {
            let moved = crate::postgres::take_in(to, &export)?;
            export.put_aside(&aside)?;
            Ok(moved)
        });
        drop(sender.send(moved));
    });
    let moved = moved.await.unwrap_or(Err(Error::Closed { ledger }));
    // It has said what there is to say.
    let _ = worker.join();
    moved
}
