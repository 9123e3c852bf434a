//! Tasks: Jobs that are made once, waited for, and removed with what they read.

use serde_json::Value;
use slipway_kubernetes_api::{Ask, Id, Resource, Watching, ask, ask_all, items, list, number, short, text};
use slipway_sdk::{Ended, Failure, Place, Task, clock, files, http::escape};

use super::{apply::apply, closer, hook_output, lease, lists, prepare::DEPLOYMENT, record, wait};
use crate::{
    document::{Document, Object},
    inventory::Item,
    labels,
    settings::Settings,
    task::{self, Made},
};

/// Of the time to wait; less is not worth another request.
const REST_MS: u64 = 50;

pub(super) fn execute(
    place: &Place<Settings>,
    task: &Task,
    begun: bool,
    wait_ms: u32,
) -> Result<Option<Ended>, Failure> {
    let objects = objects(place, task)?;
    let Made { job, files } = task::make(place, task, &objects)?;
    let item = item(place, &job)?;
    let there = ask(Ask::get(item.path()).metadata_only())?.found(&format!("reading {}", job.id))?;
    if there.is_none() && begun {
        return Err(gone(&job.id));
    }
    if there.is_none() {
        let namespace =
            |object: &Object| object.id.is("", "Namespace") && object.id.name == place.settings.namespace;
        record::ensure_namespace(place, objects.iter().any(namespace))?;
        lease::held(place, || {
            let placed = files.iter().map(|file| Ok((file, self::item(place, file)?)));
            let placed = placed.collect::<Result<Vec<_>, Failure>>()?;
            apply(
                place,
                &placed.iter().map(|(file, item)| (*file, item)).collect(),
                &|_| false,
            )?;
            apply(place, &vec![(&job, &item)], &|_| false)
        })?;
    }
    wait_for(place, task, (&job.id, &item), wait_ms.into())
}

pub(super) fn dismiss(place: &Place<Settings>, task: &Task) -> Result<(), Failure> {
    // What could not be made is not there.
    let made = objects(place, task).and_then(|objects| task::make(place, task, &objects));
    let Ok(Made { job, files }) = made else {
        return Ok(());
    };
    lease::held(place, || {
        remove(place, &[job])?;
        remove(place, &files)
    })
}

/// What is left of those of a revision that could not be dismissed.
pub(super) fn cleanup(place: &Place<Settings>, revision: &str) -> Result<(), Failure> {
    let own = Some(place.settings.namespace.as_str());
    let selector = format!(
        "{},{}=true,{}={}",
        labels::selector(place),
        labels::TASK,
        labels::REVISION,
        short(revision)
    );
    for (group, kind) in [("batch", "Job"), ("", "ConfigMap"), ("", "Secret")] {
        let path = known(group, kind)?.list(own);
        let left = list(&format!("{path}?labelSelector={}", escape(&selector)))?;
        let object = |live: &Value| Object {
            id: Id {
                kind: kind.to_owned(),
                group: group.to_owned(),
                namespace: None,
                name: text(live, "/metadata/name").to_owned(),
            },
            body: Value::Null,
            own: true,
        };
        remove(place, &left.iter().map(object).collect::<Vec<_>>())?;
    }
    Ok(())
}

fn wait_for(
    place: &Place<Settings>,
    task: &Task,
    (id, item): (&Id, &Item),
    wait_ms: u64,
) -> Result<Option<Ended>, Failure> {
    let path = lists::alone(&item.path());
    let (mut watching, until) = (Watching::default(), clock::now() + wait_ms);
    watching.want(&path, false);
    closer::want(place, (id, item), &mut watching)?;
    watching.list()?;
    loop {
        let live = watching.objects(&path).next().ok_or_else(|| gone(id))?;
        if let Some(why) = over(live) {
            return ended(place, task, item, why).map(Some);
        }
        let found = closer::findings(place, (id, item), &watching)?;
        if found.iter().any(|finding| finding.hopeless) {
            return Ok(Some(Ended {
                code: None,
                why: format!("cannot run: {}", closer::words(&found)?),
                said: String::new(),
            }));
        }
        let left = until.saturating_sub(clock::now());
        if left <= REST_MS {
            return Ok(None);
        }
        watching.turn(left)?;
    }
}

/// Why it goes on no more: empty if it has completed.
fn over(job: &Value) -> Option<&str> {
    let said = |kind: &str| {
        items(job, "/status/conditions")
            .find(|said| text(said, "/type") == kind && text(said, "/status") == "True")
    };
    match (said("Complete"), said("Failed")) {
        (Some(_), _) => Some(""),
        (None, Some(failed)) => Some(text(failed, "/reason")),
        (None, None) => None,
    }
}

/// With what its pod says of it, as far as that is there.
fn ended(place: &Place<Settings>, task: &Task, item: &Item, why: &str) -> Result<Ended, Failure> {
    let namespace = lists::namespace(item, &place.settings.namespace);
    let pods = list(&lists::of_job(namespace, &item.name)?)?;
    let exit = |pod: &Value| {
        let container = items(pod, "/status/containerStatuses").next()?;
        let code = number(container, "/state/terminated/exitCode")?;
        i32::try_from(code).ok()
    };
    let code = match why {
        "" => Some(0),
        "DeadlineExceeded" => None,
        _ => pods.iter().find_map(exit).filter(|code| *code != 0),
    };
    let why = match (code, why) {
        (Some(_), _) => String::new(),
        (None, "DeadlineExceeded") => {
            format!(
                "did not end within {} s, and was ended",
                task.timeout_ms.div_ceil(1000)
            )
        }
        (None, why) => format!("was ended by the cluster: {why}"),
    };
    let said = pods.first().map(hook_output::said).transpose()?;
    Ok(Ended {
        code,
        why,
        said: said.unwrap_or_default(),
    })
}

/// Waits until nothing of them is there.
fn remove(place: &Place<Settings>, objects: &[Object]) -> Result<(), Failure> {
    let (mut leaving, mut asks) = (Vec::new(), Vec::new());
    for object in objects {
        let path = item(place, object)?.path();
        asks.push(Ask::delete(&path, None, "Foreground"));
        leaving.push((object.id.clone(), path));
    }
    for ((id, _), answer) in leaving.iter().zip(ask_all(asks)?) {
        answer.found(&format!("removing {id}"))?;
    }
    wait::gone(&leaving)
}

fn objects(place: &Place<Settings>, task: &Task) -> Result<Vec<Object>, Failure> {
    let bytes = files::read(DEPLOYMENT, &task.workload)?;
    let document = Document::read(&task.workload, &bytes, (&task.artifact, &task.blob))?;
    document.objects(&place.settings.namespace)
}

fn item(place: &Place<Settings>, object: &Object) -> Result<Item, Failure> {
    let resource = known(&object.id.group, &object.id.kind)?;
    let namespace = object.id.namespace.as_deref();
    let namespace = namespace.unwrap_or(&place.settings.namespace);
    Ok(Item::of(&resource, Some(namespace), &object.id.name, true))
}

fn known(group: &str, kind: &str) -> Result<Resource, Failure> {
    Resource::known(group, kind).ok_or_else(|| Failure::failed(format!("nothing is known of {kind}")))
}

fn gone(job: &Id) -> Failure {
    Failure::failed(format!(
        "{job} is not there any more, and nobody knows how it ended"
    ))
    .hint("look at what it has done: it is not run again")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_job_is_over_when_its_controller_says_so() {
        let job = |conditions: Value| json!({ "status": { "conditions": conditions } });
        assert_eq!(over(&json!({})), None);
        let criteria = job(json!([{ "type": "SuccessCriteriaMet", "status": "True" }]));
        assert_eq!(over(&criteria), None);
        let complete = job(json!([{ "type": "Complete", "status": "True" }]));
        assert_eq!(over(&complete), Some(""));
        let late = job(json!([{ "type": "Failed", "status": "True", "reason": "DeadlineExceeded" }]));
        assert_eq!(over(&late), Some("DeadlineExceeded"));
    }
}
