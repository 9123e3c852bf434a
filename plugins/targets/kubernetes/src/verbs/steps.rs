//! StatefulSets in place, step by step: which go how far with this start, and what would keep one from going back.

use slipway_kubernetes_api::{Ask, Id, ask_all, items, text};
use slipway_sdk::{Failure, Place, log};

use super::{crowd::name, lists, live::Live, prepare::Prepared};
use crate::{
    inventory::{Entry, Item},
    labels,
    order::batches,
    partition,
    settings::{Mode, Settings},
};

/// Puts in how far each goes. Answers whether there is a step after this one.
pub(super) fn next(place: &Place<Settings>, prepared: &mut Prepared, live: &Live) -> bool {
    if place.settings.mode != Mode::InPlace || !prepared.stamp.marks_pods {
        return false;
    }
    // What others wait for in this very start is replaced as a whole.
    let awaited: Vec<Id> = batches(prepared.objects.clone())
        .into_iter()
        .filter(|batch| batch.awaited)
        .flat_map(|batch| batch.objects)
        .map(|object| object.id)
        .collect();
    let mut more = false;
    for object in &mut prepared.objects {
        let steps = object.id.is("apps", "StatefulSet") && !awaited.contains(&object.id);
        let Some(found) = live.get(&object.id).filter(|_| steps) else {
            continue;
        };
        if let Some(next) = partition::next(&object.body, found, prepared.stamp.revision()) {
            partition::set(&mut object.body, next);
            more = true;
        }
    }
    more
}

/// Removes pods that another revision has left broken: a StatefulSet waits until they are well before it replaces them,
/// also where it is to go back from that very revision.
pub(super) fn unblock(place: &Place<Settings>, prepared: &Prepared, entry: &Entry) -> Result<(), Failure> {
    let own = place.settings.namespace.as_str();
    let sets: Vec<&Item> = entry
        .objects
        .iter()
        .filter(|item| item.id(own).is("apps", "StatefulSet"))
        .collect();
    let mut namespaces: Vec<_> = sets.iter().map(|item| lists::namespace(item, own)).collect();
    namespaces.sort_unstable();
    namespaces.dedup();
    let marked = if prepared.stamp.marks_pods {
        prepared.stamp.revision()
    } else {
        ""
    };
    let (mut broken, mut asks) = (Vec::new(), Vec::new());
    for namespace in namespaces {
        let found = slipway_kubernetes_api::list(&lists::of_artifact(place, entry, namespace)?)?;
        for pod in found {
            let of = |item: &&&Item| {
                lists::namespace(item, own) == namespace
                    && items(&pod, "/metadata/ownerReferences").any(|owner| {
                        text(owner, "/kind") == "StatefulSet" && text(owner, "/name") == item.name
                    })
            };
            let ready = items(&pod, "/status/conditions")
                .any(|said| text(said, "/type") == "Ready" && text(said, "/status") == "True");
            let going = pod.pointer("/metadata/deletionTimestamp").is_some();
            if sets.iter().any(|item| of(&item)) && !ready && !going && labels::revision_of(&pod) != marked {
                let path = format!("{}/{}", lists::pods(namespace)?, name(&pod));
                asks.push(Ask::delete(&path, Some(labels::uid(&pod)), "Background"));
                broken.push(name(&pod).to_owned());
            }
        }
    }
    for (pod, answer) in broken.iter().zip(ask_all(asks)?) {
        // It may have been replaced by now.
        if answer.status != 409 {
            answer.found(&format!("removing Pod/{pod}"))?;
        }
        let text = format!(
            "Pod/{pod} of another revision is not well and would hold up its StatefulSet: it is removed"
        );
        log::emit(log::Level::Info, &text);
    }
    Ok(())
}
