//! A route of its own for the revision that is shown before users see it.

use serde_json::{Value, json};
use slipway_kubernetes_api::{Ask, Resource, ask, labels, text};
use slipway_sdk::{Failure, Place};

use crate::{rules::Backend, settings::Settings};

const HINT: &str = "rename it, or leave `preview` out of the router's settings";

/// What there is of it, unless somebody else has made that: asked before any user is sent anywhere.
pub(crate) fn found(place: &Place<Settings>, routes: &Resource) -> Result<Option<Value>, Failure> {
    let Some(name) = name(&place.settings) else {
        return Ok(None);
    };
    let path = routes.one(Some(&place.settings.namespace), &name);
    let live = ask(Ask::get(&path).metadata_only())?.found(&format!("reading HTTPRoute/{name}"))?;
    let ours = |live: &Value| labels::is_of(live, &place.service, &place.environment);
    match live {
        Some(live) if !ours(&live) => Err(Failure::refused(format!(
            "HTTPRoute/{name} is there already and was not made by this service in this environment"
        ))
        .hint(HINT)),
        live => Ok(live),
    }
}

/// Makes it so, or removes it.
pub(crate) fn show(
    place: &Place<Settings>,
    routes: &Resource,
    route: &Value,
    backend: Option<&Backend>,
) -> Result<(), Failure> {
    let (Some(preview), Some(name)) = (&place.settings.preview, name(&place.settings)) else {
        return Ok(());
    };
    let path = routes.one(Some(&place.settings.namespace), &name);
    let live = found(place, routes)?;
    match (backend, live) {
        (None, None) => Ok(()),
        (None, Some(live)) => ask(Ask::delete(
            &path,
            Some(text(&live, "/metadata/uid")),
            "Background",
        ))?
        .found(&format!("removing HTTPRoute/{name}"))
        .map(drop),
        (Some(backend), _) => {
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
            let hostnames = preview.hostname.as_ref().map_or_else(
                || {
                    route
                        .pointer("/spec/hostnames")
                        .cloned()
                        .unwrap_or_else(|| json!([]))
                },
                |hostname| json!([hostname]),
            );
            let object = json!({
                "apiVersion": routes.api_version(), "kind": "HTTPRoute",
                "metadata": { "name": name, "labels": labels::owner(&place.service, &place.environment) },
                "spec": {
                    "parentRefs": route.pointer("/spec/parentRefs").cloned().unwrap_or_default(),
                    "hostnames": hostnames,
                    "rules": [{ "matches": matches, "backendRefs": [{ "name": backend.service, "port": backend.port }] }]
                }
            });
            let made = ask(Ask::apply(&path, labels::ROUTER_MANAGER, true, &object).metadata_only())?;
            made.success(&format!("making HTTPRoute/{name}")).map(drop)
        }
    }
}

fn name(settings: &Settings) -> Option<String> {
    settings
        .preview
        .as_ref()
        .map(|_| format!("{}-preview", settings.route))
}
