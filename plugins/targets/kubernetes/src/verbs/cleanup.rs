//! Cleanup: what a revision that is kept no longer has left.

use slipway_sdk::{Failure, Place};

use super::{record, stop::remove, task};
use crate::{
    inventory::{Entry, State},
    settings::Settings,
};

pub(super) fn cleanup(place: &Place<Settings>, revision: &str) -> Result<(), Failure> {
    forget(place, revision)?;
    task::cleanup(place, revision)?;
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

/// Nothing goes back any more to what others had deployed.
fn forget(place: &Place<Settings>, revision: &str) -> Result<(), Failure> {
    let inventory = record::read(place)?;
    let entries = inventory.0.values();
    let after: Vec<_> = entries
        .filter(|entry| entry.adopted.as_deref() == Some(revision) && !entry.unmarked())
        .map(|entry| Entry {
            adopted: None,
            ..entry.clone()
        })
        .collect();
    if after.is_empty() {
        return Ok(());
    }
    record::write(place, &after.iter().collect::<Vec<_>>(), &[])
}
