//! Blobs are written to a repository by one at a time: what several copies have in common is written by one of them, and the
//! others find it there. Registries that keep files (distribution 2.8) answer for a blob with an error while a second
//! write of it is under way.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use slipway_model::Digest;
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// A blob in a repository.
type Place = (String, Digest);

/// For as long as somebody writes there or waits for that.
#[derive(Default)]
pub(crate) struct Turns(Mutex<HashMap<Place, Weak<Turn<()>>>>);

impl Turns {
    /// Waits for those who came before; it lasts until the answer is dropped.
    pub(crate) async fn wait(&self, repository: String, blob: Digest) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turn| turn.strong_count() > 0);
            let known = turns.entry((repository, blob)).or_default();
            let turn = known.upgrade().unwrap_or_default();
            *known = Arc::downgrade(&turn);
            turn
        };
        turn.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn one_at_a_time_and_only_of_the_same() {
        let turns = Turns::default();
        let blob = Digest::of("blob");
        let wait = |repository: &str, blob| turns.wait(repository.to_owned(), blob);
        let first = wait("a", blob).await;
        assert!(wait("a", blob).now_or_never().is_none());
        assert!(wait("b", blob).now_or_never().is_some());
        assert!(wait("a", Digest::of("other")).now_or_never().is_some());
        drop(first);
        assert!(wait("a", blob).now_or_never().is_some());
        drop(wait("c", blob).await);
        assert!(turns.0.lock().unwrap().len() <= 1);
    }
}
