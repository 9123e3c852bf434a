//! Plan: what would change, found out by a trial of the very requests that a start would send.

use slipway_kubernetes_api::{Ask, Refusal, ask_all, managers, text};
use slipway_sdk::{Change, ChangeKind, Failure, InstanceSpec, Place};

use super::{
    apply::explain,
    hooks,
    keep::{keep, keep_selectors},
    live::{self, Live},
    prepare::{Map, prepare},
    record,
};
use crate::{
    MANAGER, ROUTER_MANAGER, diff,
    document::{Hook, Object},
    inventory::{Entry, Inventory, Item},
    order::batches,
    settings::{Conflicts, Mode, Settings},
};

pub(super) fn plan(place: &Place<Settings>, desired: &[InstanceSpec]) -> Result<Vec<Change>, Failure> {
    let inventory = record::read(place)?;
    let (mut changes, mut entries) = (Vec::new(), Vec::new());
    for instance in desired {
        let mut prepared = prepare(place, instance, inventory.adopted(&instance.artifact))?;
        let map = Map::draw(place, &prepared.objects)?;
        prepared.objects = batches(std::mem::take(&mut prepared.objects))
            .into_iter()
            .flat_map(|batch| batch.objects)
            .collect();
        let items = map.items(&prepared.objects)?;
        let live = live::read(&prepared.objects, &items, true)?;
        live::check_owners(place, &live)?;
        keep(&mut prepared, &live)?;
        keep_selectors(&mut prepared, &live);
        changes.extend(compare(place, &prepared.objects, &items, &live)?);
        let due = |hook: &&Hook| hooks::comes_about(hook, place.settings.mode);
        for hook in prepared.hooks.iter().filter(due) {
            let object = hook.object(&place.settings.namespace)?;
            changes.push(change(
                ChangeKind::Create,
                &object,
                format!("hook: {}", hook.when.join(", ")),
                String::new(),
            ));
        }
        entries.push(prepared.entry(items));
    }
    changes.extend(removals(place, &inventory, &entries));
    Ok(changes)
}

fn compare(
    place: &Place<Settings>,
    objects: &[Object],
    items: &[Item],
    live: &Live,
) -> Result<Vec<Change>, Failure> {
    let take = place.settings.conflicts == Conflicts::Take;
    let there: Vec<_> = objects
        .iter()
        .zip(items)
        .filter(|(object, _)| live.contains_key(&object.id))
        .collect();
    let trial = |force: bool| {
        let asks = there.iter().map(|(object, item)| {
            let ask = Ask::apply(&item.path(), MANAGER, force, &object.body).dry();
            if object.id.is("", "Secret") {
                ask.metadata_only()
            } else {
                ask
            }
        });
        ask_all(asks.collect())
    };
    // What others have set is overruled in the trial, so that the difference is seen; the refusal is told beside it.
    let (forced, plain) = (trial(true)?, if take { None } else { Some(trial(false)?) });
    let mut changes = Vec::new();
    for object in objects.iter().filter(|object| !live.contains_key(&object.id)) {
        changes.push(change(ChangeKind::Create, object, String::new(), String::new()));
    }
    for (index, (object, _)) in there.iter().enumerate() {
        let now = &live[&object.id];
        let refusal = plain
            .as_ref()
            .and_then(|plain| plain[index].told().err())
            .filter(is_foreign);
        let seen = text(now, "/metadata/resourceVersion").to_owned();
        changes.push(match forced[index].told() {
            Err(refusal) => {
                let failure = explain(&object.id, &refusal);
                let hint = failure.hint.map_or_else(String::new, |hint| format!("; {hint}"));
                change(
                    ChangeKind::Replace,
                    object,
                    format!("refused: {}{hint}", failure.message),
                    seen,
                )
            }
            Ok(wanted) => {
                let mut lines = if object.id.is("", "Secret") {
                    secret_lines(now, &wanted)
                } else {
                    diff::lines(now, &wanted, &managers(now))
                };
                if let Some(refusal) = refusal {
                    lines.push(format!("refused: {}", explain(&object.id, &refusal).message));
                }
                let kind = if lines.is_empty() {
                    ChangeKind::Keep
                } else {
                    ChangeKind::Replace
                };
                change(kind, object, lines.join("; "), seen)
            }
        });
    }
    Ok(changes)
}

fn is_foreign(refusal: &Refusal) -> bool {
    refusal
        .conflicts()
        .iter()
        .any(|(manager, _)| *manager != ROUTER_MANAGER)
}

/// The values of a Secret are not read: its manager's time is another one if a trial would change them.
fn secret_lines(now: &serde_json::Value, wanted: &serde_json::Value) -> Vec<String> {
    let time = |object| {
        managers(object)
            .into_iter()
            .find(|manager| manager.name == MANAGER)
            .map(|manager| manager.time)
    };
    let mut lines = diff::lines(now, wanted, &[]);
    if time(now) != time(wanted) && lines.is_empty() {
        lines.push("data: *** -> ***".to_owned());
    }
    lines
}

/// What is there of this service and would not be any more.
fn removals(place: &Place<Settings>, inventory: &Inventory, entries: &[Entry]) -> Vec<Change> {
    let own = &place.settings.namespace;
    let wanted = |item: &Item| entries.iter().any(|entry| entry.holds(item));
    let mut removed: Vec<(&Entry, &Item)> = Vec::new();
    for entry in inventory.0.values() {
        // Beside each other, a revision goes when it is stopped.
        let goes = match place.settings.mode {
            Mode::InPlace => true,
            Mode::SideBySide => entries.iter().all(|new| new.revision != entry.revision),
        };
        for item in entry.objects.iter().filter(|item| goes && !wanted(item)) {
            if !removed.iter().any(|(_, known)| known.same(item)) {
                removed.push((entry, item));
            }
        }
    }
    let removal = |(entry, item): (&Entry, &Item)| Change {
        kind: ChangeKind::Remove,
        subject: item.id(own).to_string(),
        detail: format!("of revision {}", slipway_kubernetes_api::short(&entry.revision)),
        seen: String::new(),
    };
    removed.into_iter().map(removal).collect()
}

fn change(kind: ChangeKind, object: &Object, detail: String, seen: String) -> Change {
    Change {
        kind,
        subject: object.id.to_string(),
        detail,
        seen,
    }
}
