//! Objects that are made at a moment of a deployment, one after another, and waited for: how Helm charts say what has to
//! be done before and after. Of its moments those of installing and upgrading are known here.

use serde_json::Value;
use slipway_kubernetes_api::{Ask, Id, ask, text};
use slipway_sdk::{Failure, Place, log};

use super::{
    prepare::{Map, Prepared},
    wait::{self, Unsettled},
};
use crate::{
    MANAGER,
    document::{Hook, Object},
    inventory::Item,
    labels,
    order::group,
    secrets,
    settings::Settings,
    status::Standing,
};

const BEFORE: &str = "before-hook-creation";
const SUCCEEDED: &str = "hook-succeeded";
const FAILED: &str = "hook-failed";

/// Runs those of a moment, such as `pre-install`, by weight.
pub(super) fn run(
    place: &Place<Settings>,
    map: &Map,
    prepared: &Prepared,
    moment: &str,
) -> Result<(), Failure> {
    let mut due = Vec::new();
    for hook in prepared
        .hooks
        .iter()
        .filter(|hook| hook.when.iter().any(|when| when == moment))
    {
        let mut object = hook.object(&place.settings.namespace)?;
        prepared.stamp.put_on(&mut object, false);
        if object.id.is("", "Secret") {
            secrets::sort(&mut object.body);
        }
        due.push((hook, object));
    }
    due.sort_by(|(one, a), (other, b)| {
        (one.weight, group(&a.id), &a.id).cmp(&(other.weight, group(&b.id), &b.id))
    });
    for (hook, object) in &due {
        log::emit(log::Level::Info, &format!("{moment}: {}", object.id));
        perform(hook, object, &map.item(object)?, place, moment)?;
    }
    // Like Helm: what succeeded is removed when all have, so that later ones may use it.
    for (hook, object) in due.iter().filter(|(hook, _)| removed(hook, SUCCEEDED)) {
        remove(&object.id, &map.item(object)?, hook)?;
    }
    Ok(())
}

fn perform(
    hook: &Hook,
    object: &Object,
    item: &Item,
    place: &Place<Settings>,
    moment: &str,
) -> Result<(), Failure> {
    if hook.delete.is_empty() || removed(hook, BEFORE) {
        let live = ask(Ask::get(item.path()).metadata_only())?.found(&format!("reading {}", object.id))?;
        if let Some(other) = live
            .as_ref()
            .and_then(|live| labels::of_another(live, &place.service, &place.environment))
        {
            return Err(Failure::refused(format!(
                "{moment}: {} is there already and belongs to {other}",
                object.id
            )));
        }
        if live.is_some() {
            remove(&object.id, item, hook)?;
            wait::gone(&[(object.id.clone(), item.path())])?;
        }
    }
    let made = ask(Ask::apply(&item.path(), MANAGER, true, &object.body).metadata_only())?;
    made.success(&format!("{moment}: making {}", object.id))?;
    let done = |id: &Id, live: &Value| done(place, id, live);
    match wait::settled(place, &[(object.id.clone(), item)], &done)? {
        Ok(()) => Ok(()),
        Err(Unsettled { id, why }) => {
            if removed(hook, FAILED) {
                remove(&object.id, item, hook)?;
            }
            Err(Failure::failed(format!("{moment}: {id} has failed: {why}"))
                .hint("nothing that comes after it was done; put it right and deploy again"))
        }
    }
}

fn removed(hook: &Hook, policy: &str) -> bool {
    hook.delete.iter().any(|said| said == policy)
}

fn remove(id: &Id, item: &Item, _hook: &Hook) -> Result<(), Failure> {
    ask(Ask::delete(&item.path(), None, "Foreground"))?
        .found(&format!("removing {id}"))
        .map(drop)
}

/// A Job has to complete and a Pod to end well; anything else is done when it is there.
fn done(place: &Place<Settings>, id: &Id, live: &Value) -> Standing {
    let standing = |id, live| place.settings.ready.standing(id, live);
    if id.is("", "Pod") {
        return match text(live, "/status/phase") {
            "Succeeded" => Standing::Current,
            "Failed" => standing(id, live),
            _ => Standing::waits("the pod has not ended"),
        };
    }
    if id.is("batch", "Job") {
        standing(id, live)
    } else {
        Standing::Current
    }
}
