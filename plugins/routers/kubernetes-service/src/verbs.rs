//! The verbs of the contract, and the only place that decides what is asked of the cluster.

use serde_json::Value;
use slipway_kubernetes_api::{
    Address, Resource, RevisionService, choose, choose_along, endpoints, items, leads_to, number, revisions,
    selector, text,
};
use slipway_sdk::{
    About, Failure, Flow, LogChunk, ObservedRoute, Place, Router, RouterAbilities, Routing, Share,
};

use crate::{
    choice, preview,
    settings::Settings,
    shares::{Direction, scale},
};

pub(crate) struct KubernetesService;

impl Router for KubernetesService {
    const ABOUT: About = About {
        name: "kubernetes-service",
        version: env!("CARGO_PKG_VERSION"),
        summary: "A Service of a Kubernetes cluster: all users on one revision, or shares by the number of pods.",
        settings_schema: include_str!("settings.schema.json"),
    };
    const NEEDS: &'static [&'static str] = &["cluster of context"];
    type Settings = Settings;

    fn abilities(settings: Settings) -> Result<RouterAbilities, Failure> {
        Ok(RouterAbilities {
            weights: settings.shares.is_some(),
            preview: settings.preview.is_some(),
            baseline: false,
        })
    }

    fn port(settings: Settings) -> Result<String, Failure> {
        Ok(settings.service)
    }

    fn observe(place: Place<Settings>) -> Result<ObservedRoute, Failure> {
        let settings = &place.settings;
        let Some(stable) = find(&place)? else {
            return Ok(ObservedRoute {
                address: None,
                preview_address: None,
                flows: Vec::new(),
            });
        };
        let routed = routed(&place, &stable)?;
        let counts = ready(&place, &routed)?;
        let flows = routed
            .into_iter()
            .zip(choice::weights(&counts))
            .map(|(revision, weight)| Flow {
                revision: revision.digest,
                instance: revision.instance,
                weight,
                in_flight: 0,
            });
        let named = |name: &str| format!("{name}.{}.svc:{}", settings.namespace, port_of(&stable));
        Ok(ObservedRoute {
            address: Some(entrance(&stable).unwrap_or_else(|| named(&settings.service))),
            preview_address: settings.preview.as_deref().map(named),
            flows: flows.collect(),
        })
    }

    fn route(place: Place<Settings>, routing: Routing) -> Result<(), Failure> {
        let settings = &place.settings;
        let stable = find(&place)?.ok_or_else(|| {
            Failure::unavailable(format!(
                "there is no Service/{} in namespace {}",
                settings.service, settings.namespace
            ))
            .hint("`service` of the router names a Service among the artifact's objects")
        })?;
        let known = revisions(
            &place.service,
            &place.environment,
            &settings.namespace,
            &settings.service,
        )?;
        let all = Resource::services()?;
        let there = preview::found(&place, &all)?;
        let mut shown = Vec::new();
        for share in &routing.shares {
            for revision in services(share, &known)? {
                shown.push((revision, share.weight));
            }
        }
        // Where revisions take each other's place, the Service leads to whatever is there.
        let in_place = shown
            .iter()
            .any(|(revision, _)| revision.name == settings.service);
        if !in_place {
            let users: Vec<_> = shown
                .iter()
                .filter(|(_, weight)| *weight > 0)
                .map(|(revision, _)| *revision)
                .collect();
            if settings.shares.is_some() {
                scale(&place, &shown, Direction::Up)?;
            }
            let chosen: Vec<_> = users.iter().map(|revision| &revision.selector).collect();
            let digests: Vec<_> = users.iter().map(|revision| revision.digest.as_str()).collect();
            let whose = (place.service.as_str(), place.environment.as_str());
            choose_along(whose, &settings.namespace, Some(&settings.service), &digests)?;
            choose(&settings.namespace, &settings.service, &selector(&chosen)?)?;
            if settings.shares.is_some() {
                scale(&place, &shown, Direction::Down)?;
            }
        }
        let previewed = routing
            .preview
            .as_ref()
            .and_then(|digest| known.iter().find(|known| known.digest == *digest));
        preview::show(&place, (&all, there.as_ref()), &stable, previewed)
    }

    /// Pods that the Service still sends users to: how many requests are under way nobody counts.
    fn drain(place: Place<Settings>, instance: &str) -> Result<u64, Failure> {
        let settings = &place.settings;
        let known = revisions(
            &place.service,
            &place.environment,
            &settings.namespace,
            &settings.service,
        )?;
        let Some(own) = known
            .iter()
            .find(|known| known.instance == instance && known.name != settings.service)
        else {
            return Ok(0);
        };
        let left = endpoints::in_common(&settings.namespace, &settings.service, &own.name)?;
        Ok(left as u64)
    }

    /// A Service writes none.
    fn logs(_place: Place<Settings>, cursor: &str) -> Result<LogChunk, Failure> {
        Ok(LogChunk {
            content: Vec::new(),
            next: cursor.to_owned(),
            end: true,
        })
    }

    /// A Service counts nothing.
    fn metrics(_place: Place<Settings>) -> Result<String, Failure> {
        Ok(String::new())
    }

    fn remove(place: Place<Settings>) -> Result<(), Failure> {
        let settings = &place.settings;
        let Some(stable) = find(&place)? else {
            return Ok(());
        };
        choose(&settings.namespace, &settings.service, &selector(&[])?)?;
        let all = Resource::services()?;
        let there = preview::found(&place, &all)?;
        preview::show(&place, (&all, there.as_ref()), &stable, None)
    }
}

fn path(place: &Place<Settings>) -> Result<String, Failure> {
    Ok(Resource::services()?.one(Some(&place.settings.namespace), &place.settings.service))
}

fn find(place: &Place<Settings>) -> Result<Option<Value>, Failure> {
    slipway_kubernetes_api::get(&path(place)?)
}

/// The revisions' own Services that a share's instances are reached by.
fn services<'a>(share: &Share, known: &'a [RevisionService]) -> Result<Vec<&'a RevisionService>, Failure> {
    let one = |address: &String| {
        let address: Address = address.parse().map_err(Failure::invalid)?;
        known
            .iter()
            .find(|known| known.name == address.service)
            .ok_or_else(|| {
                Failure::failed(format!(
                    "Service/{} of revision {} is not there",
                    address.service, share.revision
                ))
            })
    };
    share
        .backends
        .iter()
        .map(|backend| one(&backend.address))
        .collect()
}

/// Those that the Service leads to now.
fn routed(place: &Place<Settings>, stable: &Value) -> Result<Vec<RevisionService>, Failure> {
    let settings = &place.settings;
    let known = revisions(
        &place.service,
        &place.environment,
        &settings.namespace,
        &settings.service,
    )?;
    let selector = stable.pointer("/spec/selector").cloned().unwrap_or_default();
    Ok(known
        .into_iter()
        .filter(|known| leads_to(&selector, &known.selector))
        .collect())
}

/// How many pods of each are ready.
fn ready(place: &Place<Settings>, routed: &[RevisionService]) -> Result<Vec<usize>, Failure> {
    let names: Vec<_> = routed.iter().map(|revision| revision.name.as_str()).collect();
    endpoints::ready(&place.settings.namespace, &names)
}

fn port_of(stable: &Value) -> i64 {
    number(stable, "/spec/ports/0/port").unwrap_or(80)
}

/// Where a load balancer lets users in.
fn entrance(stable: &Value) -> Option<String> {
    let first = items(stable, "/status/loadBalancer/ingress").next()?;
    let host = [text(first, "/hostname"), text(first, "/ip")]
        .into_iter()
        .find(|host| !host.is_empty())?;
    Some(format!("{host}:{}", port_of(stable)))
}
