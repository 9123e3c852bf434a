//! Start: everything that an instance is made of is made, in order. What is there already is changed, and nothing is
//! done twice. What is not written down is not made, so that an interruption leaves nothing that nobody knows of.

use serde_json::{Value, json};
use slipway_kubernetes_api::{Ask, Id, ask, managers};
use slipway_sdk::{Failure, InstanceSpec, Place, log};

use super::{
    apply::{Placed, apply},
    hold, hooks,
    keep::keep,
    lease,
    live::{self, Live},
    prepare::{Map, Prepared, prepare},
    prune, record, services, steps,
    wait::{self, Unsettled},
    workloads::workloads,
};
use crate::{
    MANAGER,
    document::Object,
    inventory::{Entry, Inventory, Item, State},
    kinds::is_workload,
    order::{DEFINITIONS, NAMESPACES, batches},
    secrets,
    settings::{Mode, Settings},
};

pub(super) fn start(place: &Place<Settings>, instance: &InstanceSpec) -> Result<(), Failure> {
    let adopted = record::read(place)?
        .adopted(&instance.artifact)
        .map(str::to_owned);
    let prepared = prepare(place, instance, adopted.as_deref())?;
    let map = Map::draw(place, &prepared.objects)?;
    let items = map.items(&prepared.objects)?;
    let live = live::read(&prepared.objects, &items, false)?;
    live::check_owners(place, &live)?;
    let namespace =
        |object: &Object| object.id.is("", "Namespace") && object.id.name == place.settings.namespace;
    let brought: Vec<_> = prepared
        .objects
        .iter()
        .filter(|object| namespace(object))
        .cloned()
        .collect();
    record::ensure_namespace(place, !brought.is_empty())?;
    lease::held(place, || {
        begin(place, &map, prepared, (items, instance.back), &live)
    })
}

fn begin(
    place: &Place<Settings>,
    map: &Map,
    mut prepared: Prepared,
    (items, back): (Vec<Item>, bool),
    live: &Live,
) -> Result<(), Failure> {
    let inventory = record::read(place)?;
    let mut entry = prepared.entry(items.clone());
    let before = |known: &Entry| known.artifact == entry.artifact && known.is_whole();
    let first = !inventory.0.values().any(before);
    let (pre, post) = hooks::moments(first, back);
    keep(&mut prepared, live)?;
    let more = !back && steps::next(place, &mut prepared, live);
    match inventory
        .0
        .get(&entry.key())
        .filter(|known| known.state == State::Partial && !back)
    {
        // What does not go step by step is made.
        Some(known) => {
            entry = known.clone();
            let steps = |object: &&Object| object.id.is("apps", "StatefulSet");
            let stepping: Vec<_> = prepared.objects.iter().filter(steps).cloned().collect();
            make(place, &stepping, &mut entry, &|_| false)?;
            // What an earlier attempt has left goes in the end.
            entry
                .objects
                .retain(|item| items.iter().any(|own| own.same(item)));
        }
        None => {
            let begun = begun(&inventory, &entry);
            record::write(place, &[&begun], &[])?;
            services::hand_over(&prepared, &items, live, &inventory)?;
            hooks::run(place, map, &prepared, pre)?;
            make(place, &prepared.objects, &mut entry, &|_| false)?;
            services::finish(&prepared, &items, live)?;
            drop_stale_secrets(&prepared.objects, &items, live)?;
        }
    }
    hold::let_go(&prepared.objects, &items, live)?;
    if back {
        steps::unblock(place, &prepared, &entry)?;
    }
    if more {
        // Until all of it is replaced, what the revision before has is needed.
        let partial = Entry {
            state: State::Partial,
            ..begun(&inventory, &entry)
        };
        return record::write(place, &[&partial], &[]);
    }
    hooks::run(place, map, &prepared, post)?;
    hooks::test(place, map, &prepared, &entry)?;

    entry.state = State::Running;
    succeed(place, &inventory, entry)
}

/// With what an earlier attempt may have left of the same revision.
fn begun(inventory: &Inventory, entry: &Entry) -> Entry {
    let mut begun = entry.clone();
    let before = inventory
        .0
        .get(&entry.key())
        .map_or(&[][..], |before| &before.objects);
    let left: Vec<_> = before.iter().filter(|item| !entry.holds(item)).cloned().collect();
    begun.objects.extend(left);
    begun
}

/// In groups and waves; definitions are waited for, because what they define comes after them.
/// `overruled`: other managers whose fields are taken over.
pub(super) fn make(
    place: &Place<Settings>,
    objects: &[Object],
    entry: &mut Entry,
    overruled: &dyn Fn(&str) -> bool,
) -> Result<(), Failure> {
    let own = &place.settings.namespace;
    for batch in batches(objects.to_vec()) {
        let find = |object: &Object| entry.objects.iter().find(|item| item.id(own) == object.id);
        let placed: Placed<'_> = batch
            .objects
            .iter()
            .filter_map(|object| Some((object, find(object)?)))
            .collect();
        let uids = apply(place, &placed, overruled)?;
        let await_it = batch.awaited || batch.group == DEFINITIONS || batch.group == NAMESPACES;
        let ids: Vec<Id> = placed.iter().map(|(object, _)| object.id.clone()).collect();
        for item in &mut entry.objects {
            if let Some(uid) = uids.get(&item.id(own)) {
                item.uid.clone_from(uid);
            }
        }
        if await_it {
            let watched = entry.objects.iter().map(|item| (item.id(own), item));
            let watched: Vec<_> = watched.filter(|(id, _)| ids.contains(id)).collect();
            come_about(place, &watched).map_err(|failure| {
                failure.hint("what comes after it was not made; put it right and deploy again")
            })?;
        }
    }
    Ok(())
}

fn come_about(place: &Place<Settings>, objects: &[(Id, &Item)]) -> Result<(), Failure> {
    let standing = |id: &Id, live: &Value| place.settings.ready.standing(id, live);
    wait::settled(place, objects, &standing)?
        .map_err(|Unsettled { id, why }| Failure::failed(format!("{id} does not come about: {why}")))
}

/// In place the revision before is no more: what only it had is removed.
fn succeed(place: &Place<Settings>, inventory: &Inventory, entry: Entry) -> Result<(), Failure> {
    let before: Vec<&Entry> = match place.settings.mode {
        Mode::InPlace => inventory.others(&entry).map(|(_, other)| other).collect(),
        Mode::SideBySide => Vec::new(),
    };
    let same = inventory.0.get(&entry.key());
    let gone: Vec<_> = before.iter().map(|entry| entry.key()).collect();
    let stays: Vec<&Entry> = inventory
        .0
        .iter()
        .filter(|(key, _)| !gone.contains(key) && **key != entry.key())
        .map(|(_, entry)| entry)
        .collect();
    let unwanted: Vec<&Item> = (before.iter().copied().chain(same))
        .flat_map(|old| &old.objects)
        .filter(|item| !entry.holds(item) && !stays.iter().any(|other| other.holds(item)))
        .collect();
    let ids = |items: &[&Item]| {
        items
            .iter()
            .any(|item| item.own && is_workload(&item.id(&place.settings.namespace)))
    };
    if ids(&unwanted) {
        // They had run beside each other: users stay on the old pods until the new ones are well.
        come_about(place, &workloads(&entry, &place.settings.namespace))?;
    }
    prune::prune(place, &unwanted)?;
    record::write(place, &[&entry], &gone)
}

fn drop_stale_secrets(objects: &[Object], items: &[Item], live: &Live) -> Result<(), Failure> {
    for (object, item) in objects
        .iter()
        .zip(items)
        .filter(|(object, _)| object.id.is("", "Secret"))
    {
        let Some(found) = live.get(&object.id) else {
            continue;
        };
        for key in secrets::stale(&managers(found), MANAGER, &object.body) {
            let path = format!("/data/{}", key.replace('~', "~0").replace('/', "~1"));
            let remove = json!([{ "op": "remove", "path": path }]);
            let answer = ask(Ask::patch(&item.path(), MANAGER, &remove).metadata_only())?;
            // Somebody else may have taken it away.
            if answer.status == 422 {
                log::emit(
                    log::Level::Debug,
                    &format!("{} has no `{key}` any more", object.id),
                );
            } else {
                answer.success(&format!("removing `{key}` from {}", object.id))?;
            }
        }
    }
    Ok(())
}
