//! Services that revisions share: what they choose is the router's to say, and this target hands it over.

use serde_json::{Value, json};
use slipway_kubernetes_api::{Ask, ask, managers, short};
use slipway_sdk::Failure;

use super::{live::Live, prepare::Prepared};
use crate::{
    ROUTER_MANAGER, adopt,
    document::Object,
    inventory::{Inventory, Item},
};

/// What the router decides about is put under its name before this target lets go of it.
pub(super) fn hand_over(
    prepared: &Prepared,
    items: &[Item],
    live: &Live,
    inventory: &Inventory,
) -> Result<(), Failure> {
    let in_place = inventory.0.values().find(|entry| {
        entry.artifact == prepared.stamp.artifact
            && entry.objects.iter().all(|item| !item.own)
            && entry.revision != prepared.stamp.digest
    });
    if let Some(entry) = in_place.filter(|entry| entry.unmarked() && !prepared.selectors.is_empty()) {
        return Err(Failure::refused(format!(
            "{} was taken over as it runs: a Service could not tell its pods from those of a revision beside them",
            entry.instance
        ))
        .hint("deploy once with `mode = \"in-place\"`, then go on with `mode = \"side-by-side\"`"));
    }
    let before = in_place.map(|entry| short(&entry.revision));
    for (object, item) in prepared.objects.iter().zip(items) {
        let (Some(first), Some(found)) = (prepared.selectors.get(&object.id), live.get(&object.id)) else {
            continue;
        };
        if let Some(selector) = adopt::selector(Some(found), first, before) {
            choose(object, item, &selector)?;
        }
    }
    Ok(())
}

/// A Service that is new chooses this revision; one that revisions no longer share is the target's again.
pub(super) fn finish(prepared: &Prepared, items: &[Item], live: &Live) -> Result<(), Failure> {
    for (object, item) in prepared.objects.iter().zip(items) {
        match (prepared.selectors.get(&object.id), live.get(&object.id)) {
            (Some(first), None) => choose(object, item, first)?,
            (None, Some(found)) if object.id.is("", "Service") && routed(found) => {
                let bare =
                    json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": object.id.name } });
                let ask_for = Ask::apply(&item.path(), ROUTER_MANAGER, true, &bare).metadata_only();
                ask(ask_for)?.success(&format!("taking {} over from the router", object.id))?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn routed(live: &Value) -> bool {
    managers(live)
        .iter()
        .any(|manager| manager.name == ROUTER_MANAGER)
}

fn choose(object: &Object, item: &Item, selector: &Value) -> Result<(), Failure> {
    let change = json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": { "name": object.id.name },
        "spec": { "selector": selector }
    });
    let ask_for = Ask::apply(&item.path(), ROUTER_MANAGER, true, &change).metadata_only();
    ask(ask_for)?
        .success(&format!("setting what {} chooses", object.id))
        .map(drop)
}
