//! Cleanup: what a revision that is kept no longer has left.

use slipway_sdk::{Failure, Place};

use super::{record, stop::remove};
use crate::{inventory::State, settings::Settings};

pub(super) fn cleanup(place: &Place<Settings>, revision: &str) -> Result<(), Failure> {
    loop {
        // Each removal changes what only the others have.
        let inventory = record::read(place)?;
        let Some(entry) = inventory.0.values().find(|entry| entry.revision == revision) else {
            return Ok(());
        };
        if entry.state != State::Stopped {
            return Err(Failure::refused(format!(
                "{} of revision {revision} is still there",
                entry.instance
            ))
            .hint("stop its instances first"));
        }
        remove(place, &inventory, entry)?;
    }
}
