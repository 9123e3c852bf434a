//! What is there of an instance's objects before anything is done, and whether it may be touched.

use std::collections::BTreeMap;

use serde_json::Value;
use slipway_kubernetes_api::{Ask, Id, ask_all};
use slipway_sdk::{Failure, Place};

use crate::{adopt, document::Object, inventory::Item, labels, settings::Settings};

/// Live objects by name; a Secret's values are not among them.
pub(super) type Live = BTreeMap<Id, Value>;

/// Reads them all at the same time. `whole`: everything that they say, not only what is needed.
pub(super) fn read(objects: &[Object], items: &[Item], whole: bool) -> Result<Live, Failure> {
    let asks = objects.iter().zip(items).map(|(object, item)| {
        let ask = Ask::get(item.path());
        let secret = object.id.is("", "Secret");
        if !secret && (whole || adopt::matters(&object.id)) {
            ask
        } else {
            ask.metadata_only()
        }
    });
    let answers = ask_all(asks.collect())?;
    let mut live = Live::new();
    for (object, answer) in objects.iter().zip(answers) {
        if let Some(found) = answer.found(&format!("reading {}", object.id))? {
            live.insert(object.id.clone(), found);
        }
    }
    Ok(live)
}

/// Refuses to take what another service has made.
pub(super) fn check_owners(place: &Place<Settings>, live: &Live) -> Result<(), Failure> {
    for (id, found) in live {
        if let Some(other) = labels::of_another(found, &place.service, &place.environment) {
            return Err(
                Failure::refused(format!("{id} is there already and belongs to {other}"))
                    .hint("give one of the two another name or namespace; an object belongs to one service"),
            );
        }
    }
    Ok(())
}
