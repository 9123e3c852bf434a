//! The verbs of the contract, and the only place that decides what is asked of the cluster.

use serde_json::{Value, json};
use slipway_kubernetes_api::{
    Address, Ask, Resource, ask, choose_along, get, items, labels::ROUTER_MANAGER, number, revisions, text,
};
use slipway_sdk::{
    About, Failure, Flow, LogChunk, ObservedRoute, Place, Router, RouterAbilities, Routing, clock,
};

use crate::{
    preview,
    rules::{self, Backend},
    settings::Settings,
};

const GROUP: &str = "gateway.networking.k8s.io";
/// Somebody else may change the route at the same time.
const TURNS: u32 = 10;
const TURN_MS: u64 = 100;

pub(crate) struct Gateway;

impl Router for Gateway {
    const ABOUT: About = About {
        name: "gateway",
        version: env!("CARGO_PKG_VERSION"),
        summary: "An HTTPRoute of the Kubernetes Gateway API, with weights.",
        settings_schema: include_str!("settings.schema.json"),
    };
    const NEEDS: &'static [&'static str] = &["cluster of context"];
    type Settings = Settings;

    fn abilities(settings: Settings) -> Result<RouterAbilities, Failure> {
        Ok(RouterAbilities {
            weights: true,
            preview: settings.preview.is_some(),
            baseline: false,
        })
    }

    fn port(settings: Settings) -> Result<String, Failure> {
        Ok(settings.service)
    }

    fn observe(place: Place<Settings>) -> Result<ObservedRoute, Failure> {
        let settings = &place.settings;
        let Some(route) = get(&path(&place)?)? else {
            return Ok(ObservedRoute {
                address: None,
                preview_address: None,
                flows: Vec::new(),
            });
        };
        let known = revisions(
            &place.service,
            &place.environment,
            &settings.namespace,
            &settings.service,
        )?;
        let backends = rules::now(&route["spec"]["rules"], &settings.service);
        let flow = |backend: Backend| {
            let revision = known.iter().find(|known| known.name == backend.service)?;
            Some(Flow {
                revision: revision.digest.clone(),
                instance: revision.instance.clone(),
                weight: backend.weight,
                in_flight: 0,
            })
        };
        let (host, port) = entrance(&place, &route)?;
        let named = |name: &str| format!("{name}:{port}");
        let hostname = text(&route, "/spec/hostnames/0");
        let preview = settings
            .preview
            .as_ref()
            .map(|preview| preview.hostname.as_deref().unwrap_or(hostname));
        let preview = preview.map(|name| {
            if name.is_empty() {
                host.as_deref().unwrap_or_default()
            } else {
                name
            }
        });
        Ok(ObservedRoute {
            preview_address: preview.filter(|name| !name.is_empty()).map(named),
            address: host
                .as_deref()
                .or(Some(hostname).filter(|name| !name.is_empty()))
                .map(named),
            flows: backends.into_iter().filter_map(flow).collect(),
        })
    }

    fn route(place: Place<Settings>, routing: Routing) -> Result<(), Failure> {
        let settings = &place.settings;
        let mut backends = Vec::new();
        let mut previewed = None;
        for share in &routing.shares {
            for backend in &share.backends {
                let address: Address = backend.address.parse().map_err(Failure::invalid)?;
                let backend = Backend {
                    service: address.service,
                    port: address.port,
                    weight: share.weight,
                };
                if routing.preview.as_ref() == Some(&share.revision) {
                    previewed = Some(backend.clone());
                }
                // What no user is sent to may be gone soon.
                if share.weight > 0 {
                    backends.push(backend);
                }
            }
        }
        if backends.is_empty() {
            backends.push(Backend {
                service: settings.service.clone(),
                port: port_of(&place)?,
                weight: 0,
            });
        }
        let users = routing.shares.iter().filter(|share| share.weight > 0);
        let users: Vec<_> = users.map(|share| share.revision.as_str()).collect();
        let routes = resource("HTTPRoute")?;
        let there = preview::found(&place, &routes)?;
        // Users come by the route: whoever comes by a Service is another part of the software.
        let whose = (place.service.as_str(), place.environment.as_str());
        choose_along(whose, &settings.namespace, None, &users)?;
        let route = send(&place, &backends)?;
        preview::show(&place, (&routes, there.as_ref()), &route, previewed.as_ref())
    }

    /// Counts what has not taken notice yet: how many requests are under way nobody tells.
    fn drain(place: Place<Settings>, _instance: &str) -> Result<u64, Failure> {
        let Some(route) = get(&path(&place)?)? else {
            return Ok(0);
        };
        let now = number(&route, "/metadata/generation");
        let conditions = items(&route, "/status/parents").flat_map(|parent| items(parent, "/conditions"));
        let accepted = conditions.filter(|condition| text(condition, "/type") == "Accepted");
        Ok(accepted
            .filter(|condition| number(condition, "/observedGeneration") < now)
            .count() as u64)
    }

    /// Whoever serves the Gateway keeps them.
    fn logs(_place: Place<Settings>, cursor: &str) -> Result<LogChunk, Failure> {
        Ok(LogChunk {
            content: Vec::new(),
            next: cursor.to_owned(),
            end: true,
        })
    }

    /// Whoever serves the Gateway has them.
    fn metrics(_place: Place<Settings>) -> Result<String, Failure> {
        Ok(String::new())
    }

    fn remove(place: Place<Settings>) -> Result<(), Failure> {
        if get(&path(&place)?)?.is_none() {
            return Ok(());
        }
        let nobody = Backend {
            service: place.settings.service.clone(),
            port: port_of(&place)?,
            weight: 0,
        };
        let route = send(&place, &[nobody])?;
        let routes = resource("HTTPRoute")?;
        let there = preview::found(&place, &routes)?;
        preview::show(&place, (&routes, there.as_ref()), &route, None)
    }
}

fn resource(kind: &str) -> Result<Resource, Failure> {
    Resource::known(GROUP, kind).ok_or_else(|| Failure::failed(format!("nothing is known of {kind}")))
}

fn path(place: &Place<Settings>) -> Result<String, Failure> {
    Ok(resource("HTTPRoute")?.one(Some(&place.settings.namespace), &place.settings.route))
}

/// Changes the rules and nothing else, and not over a change of somebody else's.
fn send(place: &Place<Settings>, backends: &[Backend]) -> Result<Value, Failure> {
    let Settings {
        route: name,
        service,
        namespace,
        ..
    } = &place.settings;
    let path = path(place)?;
    let doing = format!("sending users by HTTPRoute/{name}");
    for _ in 0..TURNS {
        let route = get(&path)?.ok_or_else(|| {
            Failure::unavailable(format!("there is no HTTPRoute/{name} in namespace {namespace}")).hint(
                "make it, or put it among the artifact's objects; the cluster needs the Gateway API for it",
            )
        })?;
        let rules = rules::sent(&route["spec"]["rules"], service, backends).ok_or_else(|| {
            Failure::invalid(format!("no rule of HTTPRoute/{name} names Service/{service}"))
                .hint("name the Service as a backend of the rules that this service's users come by")
        })?;
        if rules == route["spec"]["rules"] {
            return Ok(route);
        }
        let change = json!({
            "metadata": { "resourceVersion": text(&route, "/metadata/resourceVersion") },
            "spec": { "rules": rules }
        });
        let answer = ask(Ask::merge(&path, ROUTER_MANAGER, &change))?;
        if answer.status != 409 {
            return answer.success(&doing);
        }
        clock::sleep(TURN_MS);
    }
    Err(Failure::unavailable(format!(
        "{doing}: it is changed by others all the time"
    )))
}

fn port_of(place: &Place<Settings>) -> Result<u16, Failure> {
    let Some(route) = get(&path(place)?)? else {
        return Ok(80);
    };
    let now = rules::now(&route["spec"]["rules"], &place.settings.service);
    Ok(now.first().map_or(80, |backend| backend.port))
}

/// Where the Gateway lets users in, as far as it says.
fn entrance(place: &Place<Settings>, route: &Value) -> Result<(Option<String>, i64), Failure> {
    let parent = items(route, "/spec/parentRefs")
        .next()
        .cloned()
        .unwrap_or_default();
    let namespace = match text(&parent, "/namespace") {
        "" => place.settings.namespace.as_str(),
        namespace => namespace,
    };
    let gateway =
        get(&resource("Gateway")?.one(Some(namespace), text(&parent, "/name")))?.unwrap_or_default();
    let section = text(&parent, "/sectionName");
    let mut listeners =
        items(&gateway, "/spec/listeners").filter(|one| section.is_empty() || text(one, "/name") == section);
    let port = listeners
        .next()
        .and_then(|listener| number(listener, "/port"))
        .unwrap_or(80);
    let address = items(&gateway, "/status/addresses")
        .next()
        .map(|address| text(address, "/value").to_owned());
    Ok((address, port))
}
