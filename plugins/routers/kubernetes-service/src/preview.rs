//! A Service of its own for the revision that is shown before users see it.

use serde_json::{Value, json};
use slipway_kubernetes_api::{Ask, Resource, RevisionService, ask, labels, text};
use slipway_sdk::{Failure, Place};

use crate::settings::Settings;

const HINT: &str = "give `preview` another name";

/// What there is of it, unless somebody else has made that: asked before any user is sent anywhere.
pub(crate) fn found(place: &Place<Settings>, services: &Resource) -> Result<Option<Value>, Failure> {
    let Some(name) = &place.settings.preview else {
        return Ok(None);
    };
    let path = services.one(Some(&place.settings.namespace), name);
    let live = ask(Ask::get(&path).metadata_only())?.found(&format!("reading Service/{name}"))?;
    let ours = |live: &Value| labels::is_of(live, &place.service, &place.environment);
    match live {
        Some(live) if !ours(&live) => Err(Failure::refused(format!(
            "Service/{name} is there already and was not made by this service in this environment"
        ))
        .hint(HINT)),
        live => Ok(live),
    }
}

/// Makes it so, or removes it.
pub(crate) fn show(
    place: &Place<Settings>,
    services: &Resource,
    stable: &Value,
    revision: Option<&RevisionService>,
) -> Result<(), Failure> {
    let Some(name) = &place.settings.preview else {
        return Ok(());
    };
    let path = services.one(Some(&place.settings.namespace), name);
    let live = found(place, services)?;
    match (revision, live) {
        (None, None) => Ok(()),
        (None, Some(live)) => ask(Ask::delete(
            &path,
            Some(text(&live, "/metadata/uid")),
            "Background",
        ))?
        .found(&format!("removing Service/{name}"))
        .map(drop),
        (Some(revision), _) => {
            let service = json!({
                "apiVersion": "v1", "kind": "Service",
                "metadata": { "name": name, "labels": labels::owner(&place.service, &place.environment) },
                "spec": { "selector": revision.selector, "ports": ports(stable) }
            });
            let made = ask(Ask::apply(&path, labels::ROUTER_MANAGER, true, &service).metadata_only())?;
            made.success(&format!("making Service/{name}")).map(drop)
        }
    }
}

/// Those of the Service that users come to, inside the cluster.
fn ports(stable: &Value) -> Value {
    let mut ports = stable.pointer("/spec/ports").cloned().unwrap_or_default();
    for port in ports.as_array_mut().into_iter().flatten() {
        port.as_object_mut().map(|port| port.remove("nodePort"));
    }
    ports
}
