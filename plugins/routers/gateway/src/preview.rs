//! A route of its own for the revision that is shown before users see it.

use serde_json::{Value, json};
use slipway_kubernetes_api::{Beside, Resource, labels};
use slipway_sdk::{Failure, Place};

use crate::{rules::Backend, settings::Settings};

const HINT: &str = "rename it, or leave `preview` out of the router's settings";

/// What there is of it, unless somebody else has made that: asked before any user is sent anywhere.
pub(crate) fn found(place: &Place<Settings>, routes: &Resource) -> Result<Option<Value>, Failure> {
    match name(&place.settings) {
        None => Ok(None),
        Some(name) => own(place, routes, &name).find(HINT),
    }
}

/// Makes it so, or removes it. `there` is what was found of it.
pub(crate) fn show(
    place: &Place<Settings>,
    (routes, there): (&Resource, Option<&Value>),
    route: &Value,
    backend: Option<&Backend>,
) -> Result<(), Failure> {
    let (Some(preview), Some(name)) = (&place.settings.preview, name(&place.settings)) else {
        return Ok(());
    };
    let own = own(place, routes, &name);
    let Some(backend) = backend else {
        return there.map_or(Ok(()), |there| own.remove(there));
    };
    let headers: Vec<_> = preview
        .headers
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let matches = if headers.is_empty() {
        json!([{}])
    } else {
        json!([{ "headers": headers }])
    };
    let hostnames = match &preview.hostname {
        Some(hostname) => json!([hostname]),
        None => route
            .pointer("/spec/hostnames")
            .cloned()
            .unwrap_or_else(|| json!([])),
    };
    own.make(&json!({
        "apiVersion": routes.api_version(), "kind": "HTTPRoute",
        "metadata": { "name": name, "labels": labels::owner(&place.service, &place.environment) },
        "spec": {
            "parentRefs": route.pointer("/spec/parentRefs").cloned().unwrap_or_default(),
            "hostnames": hostnames,
            "rules": [{ "matches": matches, "backendRefs": [{ "name": backend.service, "port": backend.port }] }]
        }
    }))
}

fn own<'a>(place: &'a Place<Settings>, resource: &'a Resource, name: &'a str) -> Beside<'a> {
    Beside {
        resource,
        namespace: &place.settings.namespace,
        name,
        whose: (&place.service, &place.environment),
    }
}

fn name(settings: &Settings) -> Option<String> {
    settings
        .preview
        .as_ref()
        .map(|_| format!("{}-preview", settings.route))
}
