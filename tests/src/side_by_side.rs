//! A sweep on several benches at once: each takes the next piece of work when it has done one. A bench has an agent, a
//! router and a ledger of its own.

use std::{
    sync::{Mutex, PoisonError},
    thread,
};

/// As many as are worth the trouble for so many pieces: each bench begins with a run of its own.
pub fn benches_for(pieces: usize, most: usize) -> usize {
    most.min(pieces / 8 + 1)
}

/// Returns when all of it is done. A piece that fails lets the others of its moment come to their ends, and fails.
pub fn side_by_side<B: Send, T: Send>(
    benches: &mut [B],
    work: impl IntoIterator<Item = T, IntoIter: Send>,
    on: impl Fn(&mut B, T) + Sync,
) {
    let left = Mutex::new(work.into_iter());
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    thread::scope(|scope| {
        for bench in benches {
            scope.spawn(|| {
                while let Some(piece) = next() {
                    on(bench, piece);
                }
            });
        }
    });
}
