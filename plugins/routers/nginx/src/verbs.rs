//! The verbs of the contract, and the only place that decides what is asked of the cluster.

use serde_json::Value;
use slipway_kubernetes_api::{
    Address, Ask, Resource, RevisionService, ask, choose, choose_along, endpoints, get, labels, leads_to,
    revisions, selector, text,
};
use slipway_sdk::{
    About, Failure, Flow, LogChunk, ObservedRoute, Place, Router, RouterAbilities, Routing, Share, clock,
};

use crate::{
    canary,
    division::{Canary, Division, divide},
    settings::Settings,
};

pub(crate) struct Nginx;

impl Router for Nginx {
    const ABOUT: About = About {
        name: "nginx",
        version: env!("CARGO_PKG_VERSION"),
        summary: "An Ingress of Kubernetes that ingress-nginx serves, with weights by its canary annotations.",
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
        let Some(main) = get(&ingress(&place, &settings.ingress)?)? else {
            return Ok(ObservedRoute {
                address: None,
                preview_address: None,
                flows: Vec::new(),
            });
        };
        let known = known(&place)?;
        let canary = own_canary(&place)?;
        let canary = canary.as_ref().map(canary::read);
        let (share, all) = canary.map_or((0, 100), |(_, weight, total)| (weight, total));
        let mut flows = Vec::new();
        let mut flow = |revision: Option<&RevisionService>, weight: u32| {
            flows.extend(revision.filter(|_| weight > 0).map(|revision| Flow {
                revision: revision.digest.clone(),
                instance: revision.instance.clone(),
                weight,
                in_flight: 0,
            }));
        };
        if let Some(stable) = get(&service(&place)?)? {
            flow(led_to(&stable, &known), all.saturating_sub(share));
        }
        if let Some((service, weight, _)) = canary {
            flow(known.iter().find(|known| known.name == service), weight);
        }
        let address = canary::entrance(&main);
        Ok(ObservedRoute {
            preview_address: address.clone().filter(|_| settings.preview.is_some()),
            address,
            flows,
        })
    }

    fn route(place: Place<Settings>, routing: Routing) -> Result<(), Failure> {
        let settings = &place.settings;
        let main = get(&ingress(&place, &settings.ingress)?)?
            .ok_or_else(|| missing("Ingress", &settings.ingress, settings))?;
        let stable =
            get(&service(&place)?)?.ok_or_else(|| missing("Service", &settings.service, settings))?;
        let known = known(&place)?;
        let (mut users, mut digests) = (Vec::new(), Vec::new());
        for share in routing.shares.iter().filter(|share| share.weight > 0) {
            for name in services(share)? {
                users.push((name, share.weight));
            }
            digests.push(share.revision.as_str());
        }
        // Where revisions take each other's place, the Service leads to whatever is there.
        if users.iter().any(|(name, _)| *name == settings.service) {
            return drop_canary(&place).map(|changed| settle(changed, settings));
        }
        let names: Vec<_> = users
            .iter()
            .map(|(name, weight)| (name.as_str(), *weight))
            .collect();
        let of = |digest: &String| known.iter().find(|known| known.digest == *digest);
        let preview = routing.preview.as_ref().filter(|_| settings.preview.is_some());
        let Division {
            stable: leads,
            canary,
        } = divide(
            &names,
            led_to(&stable, &known).map(|now| now.name.as_str()),
            preview.and_then(of).map(|shown| shown.name.as_str()),
        )
        .map_err(Failure::unsupported)?;

        let wanted = wanted(leads, &known)?;
        // Users come to one Service; the others lead from one part of the software to another.
        let whose = (place.service.as_str(), place.environment.as_str());
        choose_along(whose, &settings.namespace, Some(&settings.service), &digests)?;
        // In this order nobody who has left a revision is sent back to it.
        let chosen = stable["spec"]["selector"] != wanted;
        if chosen {
            choose(&settings.namespace, &settings.service, &wanted)?;
        }
        let moved = match canary {
            Some(canary) => make_canary(&place, &main, &canary)?,
            None => drop_canary(&place)?,
        };
        settle(chosen || moved, settings);
        Ok(())
    }

    /// Pods that users may still be sent to: how many requests are under way nobody counts here.
    fn drain(place: Place<Settings>, instance: &str) -> Result<u64, Failure> {
        let settings = &place.settings;
        let known = known(&place)?;
        let own = known
            .iter()
            .find(|known| known.instance == instance && known.name != settings.service);
        let Some(own) = own else { return Ok(0) };
        let mut left = endpoints::in_common(&settings.namespace, &settings.service, &own.name)?;
        let canary = own_canary(&place)?;
        if canary.is_some_and(|live| matches!(canary::read(&live), (service, 1.., _) if service == own.name))
        {
            let pods = endpoints::ready(&settings.namespace, &[&own.name])?;
            left += pods.into_iter().sum::<usize>();
        }
        Ok(left as u64)
    }

    /// The controller keeps them, for all whom it serves.
    fn logs(_place: Place<Settings>, cursor: &str) -> Result<LogChunk, Failure> {
        Ok(LogChunk {
            content: Vec::new(),
            next: cursor.to_owned(),
            end: true,
        })
    }

    /// The controller has them, for all whom it serves.
    fn metrics(_place: Place<Settings>) -> Result<String, Failure> {
        Ok(String::new())
    }

    fn remove(place: Place<Settings>) -> Result<(), Failure> {
        let settings = &place.settings;
        if get(&service(&place)?)?.is_some() {
            choose(&settings.namespace, &settings.service, &selector(&[])?)?;
        }
        drop_canary(&place).map(drop)
    }
}

fn missing(kind: &str, name: &str, settings: &Settings) -> Failure {
    let text = format!("there is no {kind}/{name} in namespace {}", settings.namespace);
    Failure::unavailable(text).hint("make it, or put it among the artifact's objects")
}

fn known(place: &Place<Settings>) -> Result<Vec<RevisionService>, Failure> {
    let Settings {
        namespace, service, ..
    } = &place.settings;
    revisions(&place.service, &place.environment, namespace, service)
}

/// The revisions' own Services that a share's instances are reached by.
fn services(share: &Share) -> Result<Vec<String>, Failure> {
    let one = |address: &str| Ok(address.parse::<Address>().map_err(Failure::invalid)?.service);
    share
        .backends
        .iter()
        .map(|backend| one(&backend.address))
        .collect()
}

/// The revision that the Service leads to.
fn led_to<'a>(stable: &Value, known: &'a [RevisionService]) -> Option<&'a RevisionService> {
    let chosen = stable.pointer("/spec/selector")?;
    known.iter().find(|known| leads_to(chosen, &known.selector))
}

/// What the Service has to choose.
fn wanted(leads: Option<&str>, known: &[RevisionService]) -> Result<Value, Failure> {
    let Some(name) = leads else { return selector(&[]) };
    let own = known.iter().find(|known| known.name == name);
    let own = own.ok_or_else(|| Failure::failed(format!("Service/{name} is not there")))?;
    selector(&[&own.selector])
}

fn ingress(place: &Place<Settings>, name: &str) -> Result<String, Failure> {
    let ingresses = Resource::known("networking.k8s.io", "Ingress");
    let ingresses = ingresses.ok_or_else(|| Failure::failed("nothing is known of Ingress"))?;
    Ok(ingresses.one(Some(&place.settings.namespace), name))
}

fn service(place: &Place<Settings>) -> Result<String, Failure> {
    Ok(Resource::services()?.one(Some(&place.settings.namespace), &place.settings.service))
}

/// As it is now; one of its name that somebody else has made is left alone.
fn own_canary(place: &Place<Settings>) -> Result<Option<Value>, Failure> {
    let live = get(&ingress(place, &canary::name(&place.settings))?)?;
    Ok(live.filter(|live| canary::is_ours(place, live)))
}

/// Answers whether anything is another now.
fn make_canary(place: &Place<Settings>, main: &Value, wanted: &Canary<'_>) -> Result<bool, Failure> {
    let Settings {
        ingress: users,
        service,
        ..
    } = &place.settings;
    let object = canary::object(place, main, wanted).ok_or_else(|| {
        Failure::invalid(format!("no path of Ingress/{users} names Service/{service}"))
            .hint("name the Service as the backend of the paths that this service's users come by")
    })?;
    let name = canary::name(&place.settings);
    let path = ingress(place, &name)?;
    let live = get(&path)?;
    if live.as_ref().is_some_and(|live| !canary::is_ours(place, live)) {
        return Err(Failure::refused(format!(
            "Ingress/{name} is there already and was not made by this service in this environment"
        ))
        .hint("rename it: the router makes one of this name beside the one that users come by"));
    }
    let made = ask(Ask::apply(&path, labels::ROUTER_MANAGER, true, &object).metadata_only())?;
    let made = made.success(&format!("making Ingress/{name}"))?;
    let version = |object: &Value| text(object, "/metadata/resourceVersion").to_owned();
    Ok(live.is_none_or(|live| version(&live) != version(&made)))
}

/// Answers whether there was one.
fn drop_canary(place: &Place<Settings>) -> Result<bool, Failure> {
    let Some(live) = own_canary(place)? else {
        return Ok(false);
    };
    let name = canary::name(&place.settings);
    let uid = text(&live, "/metadata/uid");
    ask(Ask::delete(&ingress(place, &name)?, Some(uid), "Background"))?
        .found(&format!("removing Ingress/{name}"))?;
    Ok(true)
}

/// The controller says nowhere what it has taken notice of.
fn settle(changed: bool, settings: &Settings) {
    if changed && settings.settle > 0 {
        clock::sleep(u64::from(settings.settle) * 1000);
    }
}
