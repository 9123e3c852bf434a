//! Stop: the pods of an instance end. Beside each other, everything of the revision goes, and what no other revision
//! has; in place only what runs pods goes, because the rest is there for the revision that takes the place.

use slipway_kubernetes_api::{Ask, ask_all};
use slipway_sdk::{Failure, Place};

use super::{
    lease, prune, record, wait,
    workloads::{carries, workloads},
};
use crate::{
    inventory::{Entry, Inventory, State},
    labels,
    settings::{Mode, Settings},
};

pub(super) fn stop(place: &Place<Settings>, name: &str) -> Result<(), Failure> {
    if record::read(place)?.find(name).is_none() {
        return Ok(());
    }
    lease::held(place, || end(place, name))
}

fn end(place: &Place<Settings>, name: &str) -> Result<(), Failure> {
    let inventory = record::read(place)?;
    let Some(entry) = inventory.find(name) else {
        return Ok(());
    };
    end_pods(place, entry)?;
    match place.settings.mode {
        Mode::SideBySide => remove(place, &inventory, entry),
        Mode::InPlace => {
            let stopped = Entry {
                state: State::Stopped,
                ..entry.clone()
            };
            record::write(place, &[&stopped], &[])
        }
    }
}

/// Everything that only this instance has.
pub(super) fn remove(place: &Place<Settings>, inventory: &Inventory, entry: &Entry) -> Result<(), Failure> {
    let key = entry.key();
    prune::prune(place, &inventory.only_in(&key, entry))?;
    record::write(place, &[], &[key])
}

/// Removes what runs this revision's pods, and waits until these have ended. What another revision has taken over stays.
fn end_pods(place: &Place<Settings>, entry: &Entry) -> Result<(), Failure> {
    let found = workloads(entry, &place.settings.namespace);
    let seen = ask_all(
        found
            .iter()
            .map(|(_, item)| Ask::get(item.path()).metadata_only())
            .collect(),
    )?;
    let (mut ending, mut asks) = (Vec::new(), Vec::new());
    for ((id, item), answer) in found.into_iter().zip(seen) {
        let Some(live) = answer.found(&format!("reading {id}"))? else {
            continue;
        };
        if carries(&live, entry) && labels::of_another(&live, &place.service, &place.environment).is_none() {
            asks.push(Ask::delete(&item.path(), Some(labels::uid(&live)), "Foreground"));
            ending.push((id, item.path()));
        }
    }
    for ((id, _), answer) in ending.iter().zip(ask_all(asks)?) {
        answer.found(&format!("removing {id}"))?;
    }
    wait::gone(&ending)
}
