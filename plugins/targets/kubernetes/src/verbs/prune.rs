//! Removing what is no longer part of the service: only what this service has made, and nothing that holds data without
//! being allowed.

use slipway_kubernetes_api::{Ask, Id, ask_all, items, text};
use slipway_sdk::{Failure, Place, log};

use super::wait;
use crate::{
    inventory::Item,
    kinds::{is_job, is_workload},
    labels,
    order::group,
    settings::{Allowance, Settings},
};

/// In the order opposite to that in which they were made. Waits until what runs pods is gone.
pub(super) fn prune(place: &Place<Settings>, unwanted: &[&Item]) -> Result<(), Failure> {
    let own = &place.settings.namespace;
    let mut unwanted: Vec<_> = unwanted.iter().map(|item| (item.id(own), *item)).collect();
    unwanted.retain(|(id, _)| match guard(&place.settings, id) {
        None => true,
        Some(allowance) => {
            let text = format!("{id} is no longer part of the service and stays: removing it takes `allow = [\"{allowance}\"]`");
            log::emit(log::Level::Warn, &text);
            false
        }
    });
    unwanted.sort_by(|(one, _), (other, _)| group(other).cmp(&group(one)).then_with(|| one.cmp(other)));
    let seen = ask_all(
        unwanted
            .iter()
            .map(|(_, item)| Ask::get(item.path()).metadata_only())
            .collect(),
    )?;
    let mut deletions = Vec::new();
    let mut pods = Vec::new();
    for ((id, item), answer) in unwanted.iter().zip(seen) {
        let Some(live) = answer.found(&format!("reading {id}"))? else {
            continue;
        };
        if let Some(why) = foreign(place, &live) {
            log::emit(
                log::Level::Warn,
                &format!("{id} is no longer part of the service and stays: {why}"),
            );
            continue;
        }
        let runs_pods = is_workload(id) || is_job(id);
        let propagation = if runs_pods { "Foreground" } else { "Background" };
        deletions.push((
            id,
            Ask::delete(&item.path(), Some(labels::uid(&live)), propagation),
        ));
        if runs_pods {
            pods.push((id.clone(), item.path()));
        }
    }
    let (ids, asks): (Vec<_>, Vec<_>) = deletions.into_iter().unzip();
    for (id, answer) in ids.into_iter().zip(ask_all(asks)?) {
        match answer.told() {
            Err(refusal) if refusal.code == 404 => {}
            // Another of its name has been made meanwhile: it is somebody else's.
            Err(refusal) if refusal.code == 409 => {
                log::emit(log::Level::Warn, &format!("{id} stays: {}", refusal.message));
            }
            Err(refusal) => return Err(refusal.failure(&format!("removing {id}"))),
            Ok(_) => {}
        }
    }
    wait::gone(&pods)
}

/// What has to be allowed for this kind, if it is not.
fn guard(settings: &Settings, id: &Id) -> Option<&'static str> {
    let (allowance, name) = match (id.group.as_str(), id.kind.as_str()) {
        ("", "Namespace") => (Allowance::PruneNamespaces, "prune-namespaces"),
        ("", "PersistentVolumeClaim" | "PersistentVolume") => (Allowance::PruneVolumes, "prune-volumes"),
        ("apiextensions.k8s.io", _) => (Allowance::PruneCrds, "prune-crds"),
        _ => return None,
    };
    (!settings.allows(allowance)).then_some(name)
}

/// Why an object is not this service's any more, if it is not.
fn foreign(place: &Place<Settings>, live: &serde_json::Value) -> Option<String> {
    if let Some(other) = labels::of_another(live, &place.service, &place.environment) {
        return Some(format!("it belongs to {other}"));
    }
    if labels::owner(live).is_none() {
        return Some("it has been made or taken over by somebody else".to_owned());
    }
    let owner = items(live, "/metadata/ownerReferences").next()?;
    Some(format!(
        "it belongs to {} {}",
        text(owner, "/kind"),
        text(owner, "/name")
    ))
}
