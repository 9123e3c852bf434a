//! Hold: the Deployments of an instance are paused, so that no more of the revision before is replaced. The mark is under a
//! name of its own, so that it is told apart from a pause of somebody else's, and can be taken away alone.

use serde_json::{Value, json};
use slipway_kubernetes_api::{Ask, ask_all, managers};
use slipway_sdk::{Failure, Place, log};

use super::{lease, live::Live, record};
use crate::{
    document::Object,
    inventory::{Entry, Item},
    settings::Settings,
    status::{HOLDER, pausers},
};

pub(super) fn hold(place: &Place<Settings>, name: &str, on: bool) -> Result<(), Failure> {
    let inventory = record::read(place)?;
    let Some(entry) = inventory.find(name) else {
        return Ok(());
    };
    lease::held(place, || set(&deployments(entry), on))
}

/// Lets go of what was held, and says what others hold: the start that has just been made does not get on there.
pub(super) fn let_go(objects: &[Object], items: &[Item], live: &Live) -> Result<(), Failure> {
    let mut held = Vec::new();
    for (object, item) in objects.iter().zip(items).filter(|(_, item)| is_deployment(item)) {
        let Some(found) = live.get(&object.id) else {
            continue;
        };
        let by = pausers(found);
        held.extend(by.iter().any(|by| by == HOLDER).then_some(item));
        let others: Vec<_> = by.into_iter().filter(|by| by != HOLDER).collect();
        if !others.is_empty() && object.body.pointer("/spec/paused").is_none() {
            let text = format!(
                "{} is paused by {}: none of its pods is replaced until `kubectl rollout resume deployment/{}`",
                object.id,
                others.join(", "),
                item.name
            );
            log::emit(log::Level::Warn, &text);
        }
    }
    set(&held, false)
}

fn set(items: &[&Item], on: bool) -> Result<(), Failure> {
    let reads = items.iter().map(|item| Ask::get(item.path()).metadata_only());
    let mut asks = Vec::new();
    for (item, answer) in items.iter().zip(ask_all(reads.collect())?) {
        // One that is not there would be made, of nothing but this.
        let Some(live) = answer.found(&format!("reading Deployment/{}", item.name))? else {
            continue;
        };
        let path = ["spec", "paused"].map(str::to_owned);
        let held = managers(&live)
            .iter()
            .any(|manager| manager.name == HOLDER && manager.owns(&path));
        if held != on {
            // What is said no more goes, and with the last of it the name: also of an empty `spec` it would be the owner.
            let spec = on.then(|| json!({ "paused": true }));
            asks.push((
                item,
                Ask::apply(&item.path(), HOLDER, true, &said(item, spec)).metadata_only(),
            ));
        }
    }
    let (asked, asks): (Vec<&&Item>, Vec<_>) = asks.into_iter().unzip();
    for (item, answer) in asked.into_iter().zip(ask_all(asks)?) {
        let doing = if on { "holding" } else { "letting go of" };
        answer.found(&format!("{doing} Deployment/{}", item.name))?;
    }
    Ok(())
}

fn said(item: &Item, spec: Option<Value>) -> Value {
    let version = format!("{}/{}", item.group, item.version);
    let mut said = json!({ "apiVersion": version, "kind": item.kind, "metadata": { "name": item.name } });
    if let Some(spec) = spec {
        said["spec"] = spec;
    }
    said
}

fn deployments(entry: &Entry) -> Vec<&Item> {
    entry.objects.iter().filter(|item| is_deployment(item)).collect()
}

fn is_deployment(item: &Item) -> bool {
    (item.group.as_str(), item.kind.as_str()) == ("apps", "Deployment")
}
