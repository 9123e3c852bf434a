//! The thread that reads: a connection of its own, so that nobody who looks waits for a commit.

use std::sync::mpsc::Receiver;

use super::wire::Wire;

pub(super) type Query = Box<dyn FnOnce(&mut Wire) + Send>;

pub(super) fn run(wire: &mut Wire, queries: &Receiver<Query>) {
    for query in queries {
        query(wire);
    }
}
