//! The inventory in the cluster: read, and written key by key.

use slipway_kubernetes_api::{Ask, Resource, ask, get};
use slipway_sdk::{Failure, Place};

use crate::{
    MANAGER,
    inventory::{Entry, Inventory, change, empty},
    settings::{Allowance, Settings},
};

pub(super) fn read(place: &Place<Settings>) -> Result<Inventory, Failure> {
    Inventory::read(&Inventory::name(place), get(&path(place)?)?.as_ref())
}

/// New entries, and none for the keys that go. The last one that goes takes the ConfigMap with it.
pub(super) fn write(place: &Place<Settings>, written: &[&Entry], gone: &[String]) -> Result<(), Failure> {
    let (path, change) = (path(place)?, change(written, gone));
    let doing = format!("writing the inventory ConfigMap/{}", Inventory::name(place));
    let merge = || ask(Ask::merge(&path, MANAGER, &change));
    let mut answer = merge()?;
    if answer.status == 404 {
        if written.is_empty() {
            return Ok(());
        }
        make(place)?;
        answer = merge()?;
    }
    let map = answer.success(&doing)?;
    let left = map
        .get("data")
        .and_then(|data| data.as_object())
        .is_some_and(|data| !data.is_empty());
    if !left {
        let uid = map.pointer("/metadata/uid").and_then(|uid| uid.as_str());
        ask(Ask::delete(&path, uid, "Background"))?.found(&doing)?;
    }
    Ok(())
}

fn make(place: &Place<Settings>) -> Result<(), Failure> {
    let list = config_maps()?.list(Some(&place.settings.namespace));
    let answer = ask(Ask::create(&list, MANAGER, &empty(place)))?;
    match answer.told() {
        Ok(_) => Ok(()),
        // Another artifact of the service was faster.
        Err(refusal) if refusal.reason == "AlreadyExists" => Ok(()),
        Err(refusal) => Err(refusal.failure(&format!(
            "making the inventory in namespace {}",
            place.settings.namespace
        ))),
    }
}

/// The namespace must be there before anything is made in it.
pub(super) fn ensure_namespace(place: &Place<Settings>, brought: bool) -> Result<(), Failure> {
    let name = &place.settings.namespace;
    let path = known("Namespace")?.one(None, name);
    if ask(Ask::get(&path).metadata_only())?.status != 404 {
        return Ok(());
    }
    if !brought && !place.settings.allows(Allowance::CreateNamespace) {
        return Err(
            Failure::refused(format!("there is no namespace {name} in the cluster")).hint(
                "make it, put a Namespace object into the package, or set `allow = [\"create-namespace\"]`",
            ),
        );
    }
    let namespace =
        serde_json::json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
    ask(Ask::apply(&path, MANAGER, false, &namespace))?.success(&format!("making namespace {name}"))?;
    Ok(())
}

fn path(place: &Place<Settings>) -> Result<String, Failure> {
    Ok(config_maps()?.one(Some(&place.settings.namespace), &Inventory::name(place)))
}

fn config_maps() -> Result<Resource, Failure> {
    known("ConfigMap")
}

fn known(kind: &str) -> Result<Resource, Failure> {
    Resource::known("", kind).ok_or_else(|| Failure::failed(format!("nothing is known of {kind}")))
}
