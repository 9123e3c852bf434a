//! The same work on many things, by a few threads.

use std::{
    sync::{Mutex, PoisonError},
    thread,
};

use crate::Result;

/// Ends with the first error; what the other threads had begun is finished.
pub(crate) fn in_parallel<I>(
    width: usize,
    things: I,
    work: impl Fn(I::Item) -> Result<()> + Sync,
) -> Result<()>
where
    I: IntoIterator<IntoIter: Send>,
{
    let queue = Mutex::new((things.into_iter(), None));
    let next = |failed: Option<_>| {
        let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = failed {
            queue.1.get_or_insert(error);
        }
        match queue.1 {
            None => queue.0.next(),
            Some(_) => None,
        }
    };
    let worker = || {
        let mut failed = None;
        while let Some(thing) = next(failed.take()) {
            failed = work(thing).err();
        }
    };
    thread::scope(|scope| {
        for _ in 1..width {
            scope.spawn(worker);
        }
        worker();
    });
    match queue.into_inner().unwrap_or_else(PoisonError::into_inner).1 {
        Some(error) => Err(error),
        None => Ok(()),
    }
}
