//! A Service of its own for the revision that is shown before users see it.

use serde_json::{Value, json};
use slipway_kubernetes_api::{Beside, Resource, RevisionService, labels};
use slipway_sdk::{Failure, Place};

use crate::settings::Settings;

const HINT: &str = "give `preview` another name";

/// What there is of it, unless somebody else has made that: asked before any user is sent anywhere.
pub(crate) fn found(place: &Place<Settings>, services: &Resource) -> Result<Option<Value>, Failure> {
    match own(place, services) {
        None => Ok(None),
        Some(own) => own.find(HINT),
    }
}

/// Makes it so, or removes it. `there` is what was found of it.
pub(crate) fn show(
    place: &Place<Settings>,
    (services, there): (&Resource, Option<&Value>),
    stable: &Value,
    revision: Option<&RevisionService>,
) -> Result<(), Failure> {
    let Some(own) = own(place, services) else {
        return Ok(());
    };
    let Some(revision) = revision else {
        return there.map_or(Ok(()), |there| own.remove(there));
    };
    own.make(&json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": { "name": own.name, "labels": labels::owner(&place.service, &place.environment) },
        "spec": { "selector": revision.selector, "ports": ports(stable) }
    }))
}

fn own<'a>(place: &'a Place<Settings>, resource: &'a Resource) -> Option<Beside<'a>> {
    Some(Beside {
        resource,
        namespace: &place.settings.namespace,
        name: place.settings.preview.as_deref()?,
        whose: (&place.service, &place.environment),
    })
}

/// Those of the Service that users come to, inside the cluster.
fn ports(stable: &Value) -> Value {
    let mut ports = stable.pointer("/spec/ports").cloned().unwrap_or_default();
    for port in ports.as_array_mut().into_iter().flatten() {
        port.as_object_mut().map(|port| port.remove("nodePort"));
    }
    ports
}
