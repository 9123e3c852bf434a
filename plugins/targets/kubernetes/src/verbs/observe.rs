//! Observe and probe: the instances that are written down, as they stand now.

use slipway_kubernetes_api::Watching;
use slipway_sdk::{Failure, Instance, Place, Probed, clock};

use super::{look, record};
use crate::{
    inventory::{Entry, State},
    settings::Settings,
};

/// Of the time to wait; less is not worth another request.
const REST_MS: u64 = 50;

pub(super) fn all(place: &Place<Settings>) -> Result<Vec<Instance>, Failure> {
    let inventory = record::read(place)?;
    let entries: Vec<&Entry> = inventory
        .0
        .values()
        .filter(|entry| entry.state != State::Stopped)
        .collect();
    Ok(look::look(place, &entries)?.0)
}

pub(super) fn one(place: &Place<Settings>, name: &str) -> Result<Option<Instance>, Failure> {
    Ok(seen(place, name)?.instance)
}

/// None if nothing that it was seen by has changed.
pub(super) fn one_since(
    place: &Place<Settings>,
    name: &str,
    since: &str,
    wait_ms: u32,
) -> Result<Option<Probed>, Failure> {
    if !since.is_empty() && !changes(since, wait_ms.into())? {
        return Ok(None);
    }
    seen(place, name).map(Some)
}

fn seen(place: &Place<Settings>, name: &str) -> Result<Probed, Failure> {
    let inventory = record::read(place)?;
    let entry = inventory.find(name).filter(|entry| entry.state != State::Stopped);
    let (mut instances, watching) = look::look(place, entry.as_slice())?;
    Ok(Probed {
        instance: instances.pop(),
        next: watching.cursor(),
    })
}

fn changes(since: &str, wait_ms: u64) -> Result<bool, Failure> {
    let (mut watching, until) = (Watching::since(since), clock::now() + wait_ms);
    let mut left = wait_ms;
    while left > REST_MS {
        if watching.turn(left)? {
            return Ok(true);
        }
        left = until.saturating_sub(clock::now());
    }
    Ok(false)
}
