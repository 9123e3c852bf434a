//! Observe and probe: the instances that are written down, as they stand now.

use slipway_sdk::{Failure, Instance, Place};

use super::{look, record};
use crate::{
    inventory::{Entry, State},
    settings::Settings,
};

pub(super) fn all(place: &Place<Settings>) -> Result<Vec<Instance>, Failure> {
    let inventory = record::read(place)?;
    let entries: Vec<&Entry> = inventory
        .0
        .values()
        .filter(|entry| entry.state != State::Stopped)
        .collect();
    look::look(place, &entries)
}

pub(super) fn one(place: &Place<Settings>, name: &str) -> Result<Option<Instance>, Failure> {
    let inventory = record::read(place)?;
    let entry = inventory.find(name).filter(|entry| entry.state != State::Stopped);
    Ok(look::look(place, entry.as_slice())?.pop())
}
