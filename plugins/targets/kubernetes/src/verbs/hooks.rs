//! Objects that are made at a moment of a deployment, one after another, and waited for: how Helm charts say what has to
//! be done before and after, and what tests a release. Nothing is ever uninstalled here, so what is to be done around that
//! has no moment; the format says so.

use serde_json::Value;
use slipway_kubernetes_api::{Ask, Id, ask, text};
use slipway_sdk::{Failure, Place, log};

use super::{
    hook_output,
    prepare::{Map, Prepared},
    wait::{self, Unsettled},
    workloads::workloads,
};
use crate::{
    MANAGER,
    document::{Hook, Object},
    inventory::{Entry, Item},
    labels,
    order::group,
    secrets,
    settings::{Mode, Settings},
    status::Standing,
};

const BEFORE: &str = "before-hook-creation";
const SUCCEEDED: &str = "hook-succeeded";
const FAILED: &str = "hook-failed";

const TEST: &str = "test";

/// The moments around making the objects of a revision.
pub(super) fn moments(first: bool, back: bool) -> (&'static str, &'static str) {
    match (first, back) {
        (true, _) => ("pre-install", "post-install"),
        (false, true) => ("pre-rollback", "post-rollback"),
        (false, false) => ("pre-upgrade", "post-upgrade"),
    }
}

/// Says that a hook has a moment here at all.
pub(super) fn comes_about(hook: &Hook, mode: Mode) -> bool {
    hook.when.iter().any(|when| match when.as_str() {
        TEST => mode == Mode::InPlace,
        "pre-delete" | "post-delete" => false,
        _ => true,
    })
}

/// Runs the tests of what has just been made, once it is well. Beside another revision the Services that they would ask
/// still lead to that one, and they would test what is not meant.
pub(super) fn test(
    place: &Place<Settings>,
    map: &Map,
    prepared: &Prepared,
    entry: &Entry,
) -> Result<(), Failure> {
    let tests = |hook: &Hook| hook.when.iter().any(|when| when == TEST);
    if place.settings.mode != Mode::InPlace || !prepared.hooks.iter().any(tests) {
        return Ok(());
    }
    let watched = workloads(entry, &place.settings.namespace);
    let standing = |id: &Id, live: &Value| place.settings.ready.standing(id, live);
    wait::settled(place, &watched, &standing)?
        .map_err(|Unsettled { id, why }| Failure::failed(format!("{id} does not come about: {why}")))?;
    run(place, map, prepared, TEST)
}

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
        if object.id.name.is_empty() {
            // A name that the server would choose is chosen here, so that the object is found again.
            let prefix = text(&object.body, "/metadata/generateName");
            object.id.name = format!("{prefix}{}", prepared.stamp.revision());
            let name = Value::from(object.id.name.as_str());
            crate::kinds::put(&mut object.body, &["metadata", "name"], name);
        }
        prepared.stamp.put_on(&mut object, false);
        if object.id.is("", "Secret") {
            secrets::sort(&mut object.body);
        }
        due.push((hook, object));
    }
    due.sort_by(|(one, a), (other, b)| {
        (one.weight, group(&a.id), &a.id).cmp(&(other.weight, group(&b.id), &b.id))
    });
    let mut succeeded = 0;
    let mut ended = Ok(());
    for (hook, object) in &due {
        log::emit(log::Level::Info, &format!("{moment}: {}", object.id));
        ended = perform(hook, object, &map.item(object)?, place, moment);
        if ended.is_err() {
            break;
        }
        succeeded += 1;
    }
    // Like Helm: what succeeded is removed when all have, or one has not, so that later ones may use it; the last first.
    let mut leaving = Vec::new();
    for (_, object) in due[..succeeded]
        .iter()
        .rev()
        .filter(|(hook, _)| removed(hook, SUCCEEDED))
    {
        leaving.extend(remove(object, &map.item(object)?)?);
    }
    ended.and_then(|()| wait::gone(&leaving))
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
            let leaving: Vec<_> = remove(object, item)?.into_iter().collect();
            wait::gone(&leaving)?;
        }
    }
    let made = ask(Ask::apply(&item.path(), MANAGER, true, &object.body).metadata_only())?;
    made.success(&format!("{moment}: making {}", object.id))?;
    let done = |id: &Id, live: &Value| done(place, id, live);
    let said = |end: &str| hook.logs.iter().any(|said| said == end);
    match wait::settled(place, &[(object.id.clone(), item)], &done)? {
        Ok(()) if said(SUCCEEDED) => hook_output::tell(place, object, item, moment),
        Ok(()) => Ok(()),
        Err(Unsettled { id, why }) => {
            if said(FAILED) {
                hook_output::tell(place, object, item, moment)?;
            }
            if removed(hook, FAILED) {
                remove(object, item)?;
            }
            Err(Failure::failed(format!("{moment}: {id} has failed: {why}"))
                .hint("nothing that comes after it was done; put it right and deploy again"))
        }
    }
}

fn removed(hook: &Hook, policy: &str) -> bool {
    hook.delete.iter().any(|said| said == policy)
}

/// Answers what is on its way out. A definition is never removed: with it would go all that it defines.
fn remove(object: &Object, item: &Item) -> Result<Option<(Id, String)>, Failure> {
    if object.id.kind == "CustomResourceDefinition" {
        return Ok(None);
    }
    ask(Ask::delete(&item.path(), None, "Foreground"))?.found(&format!("removing {}", object.id))?;
    Ok(Some((object.id.clone(), item.path())))
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
