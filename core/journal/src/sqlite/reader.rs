//! The thread that reads: a connection of its own, which a write-ahead log lets read beside the writer.

use std::sync::mpsc::Receiver;

use rusqlite::Connection;

pub(super) type Query = Box<dyn FnOnce(&Connection) + Send>;

pub(super) fn run(connection: &Connection, queries: &Receiver<Query>) {
    for query in queries {
        query(connection);
    }
}
