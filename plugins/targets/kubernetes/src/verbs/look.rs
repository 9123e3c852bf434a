//! How instances stand: their objects, their pods and who answers for their Services, all asked for at once. Only for
//! what is not well more is asked: what is warned about, and the last lines of what crashed.

use serde_json::Value;
use slipway_kubernetes_api::{Ask, Id, Watching, ask, short};
use slipway_sdk::{Failure, Instance, Place, http::escape};

use super::{crowd::name, lists};
use crate::{
    chosen::runs,
    diagnosis::{Finding, Log, examine},
    inventory::{Entry, Item, State},
    kinds::is_workload,
    labels,
    partition::leaves_others,
    settings::Settings,
    sight::{Sight, instance},
};

/// Of a log that explains a failure.
const LINES: usize = 10;
/// How often its pods may fail a Job decides itself.
pub(super) const JOB: i64 = i64::MAX;

/// Answers what it has watched, too: what of it changes, changes how they stand.
pub(super) fn look(
    place: &Place<Settings>,
    entries: &[&Entry],
) -> Result<(Vec<Instance>, Watching), Failure> {
    let mut watching = Watching::default();
    for entry in entries {
        for path in first(place, entry)? {
            watching.want(&path, false);
        }
    }
    watching.list()?;
    let mut sights = Vec::new();
    for entry in entries {
        sights.push(sight(place, entry, &watching)?);
    }
    let mut instances = Vec::new();
    for (entry, sight) in entries.iter().zip(&sights) {
        let (mut findings, mut lines) = (Vec::new(), Vec::new());
        if !sight.well() {
            findings = closer(place, entry, sight, &mut watching)?;
            lines = last_lines(&findings)?;
        }
        instances.push(instance(entry, sight, &findings, &lines));
    }
    Ok((instances, watching))
}

/// What is listed of an instance in any case.
fn first(place: &Place<Settings>, entry: &Entry) -> Result<Vec<String>, Failure> {
    let watched = entry.objects.iter().filter(|item| is_watched(item, place));
    let mut paths: Vec<_> = watched.map(|item| lists::alone(&item.path())).collect();
    paths.extend(pods(place, entry)?);
    for (namespace, service) in services(entry) {
        paths.push(lists::endpoints(namespace, service)?);
    }
    Ok(paths)
}

/// Those of all revisions: one of another may still answer where this one should.
fn pods(place: &Place<Settings>, entry: &Entry) -> Result<Vec<String>, Failure> {
    let mut paths = Vec::new();
    for namespace in lists::namespaces(place, entry) {
        paths.push(lists::of_artifact(place, entry, namespace)?);
        if entry.adopted.is_some() {
            paths.push(lists::unmarked(namespace)?);
        }
    }
    Ok(paths)
}

fn sight(place: &Place<Settings>, entry: &Entry, watching: &Watching) -> Result<Sight, Failure> {
    let mut sight = Sight {
        ready: place.settings.ready.clone(),
        ..Sight::default()
    };
    for item in entry.objects.iter().filter(|item| is_watched(item, place)) {
        let live = watching.objects(&lists::alone(&item.path())).next().cloned();
        sight.objects.push((item.id(&place.settings.namespace), live));
    }
    let lives = sight.objects.iter().filter_map(|(_, live)| live.as_ref());
    sight.mixed = entry.state == State::Partial || lives.into_iter().any(leaves_others);
    for path in pods(place, entry)? {
        sort(watching.objects(&path), entry, &mut sight);
    }
    for (namespace, service) in services(entry) {
        let slices = watching.objects(&lists::endpoints(namespace, service)?);
        sight
            .services
            .push((service.to_owned(), slices.cloned().collect()));
    }
    Ok(sight)
}

/// What is wrong with it.
fn closer(
    place: &Place<Settings>,
    entry: &Entry,
    sight: &Sight,
    watching: &mut Watching,
) -> Result<Vec<Finding>, Failure> {
    let (jobs, mut told) = (lists::of_jobs(place, entry)?, Vec::new());
    for namespace in lists::namespaces(place, entry) {
        told.push(lists::warnings(namespace)?);
    }
    let all = jobs.iter().chain(&told);
    all.for_each(|path| watching.want(path, false));
    watching.list()?;
    let every = |paths: &[String]| -> Vec<Value> {
        let each = paths.iter().flat_map(|path| watching.objects(path));
        each.cloned().collect()
    };
    let (jobs, warnings) = (every(&jobs), every(&told));
    let owners: Vec<_> = sight.objects.iter().map(|(id, _)| id.name.clone()).collect();
    let mut findings = examine(&sight.pods, &warnings, &owners, place.settings.restarts);
    findings.extend(examine(&jobs, &warnings, &[], JOB));
    Ok(findings)
}

/// Whose pods are these?
fn sort<'a>(pods: impl Iterator<Item = &'a Value>, entry: &Entry, sight: &mut Sight) {
    for pod in pods {
        let revision = labels::revision_of(pod);
        let ours = if revision.is_empty() {
            let by = |(id, live): &(Id, Option<Value>)| {
                is_workload(id) && live.as_ref().is_some_and(|live| runs(id, live, pod))
            };
            if !sight.objects.iter().any(by) {
                continue;
            }
            entry.unmarked()
        } else {
            revision == short(&entry.revision)
        };
        if ours {
            sight.pods.push(pod.clone());
        } else {
            sight.others.push(name(pod).to_owned());
        }
    }
}

fn is_watched(item: &Item, place: &Place<Settings>) -> bool {
    place.settings.ready.watched(&item.id(&place.settings.namespace))
}

fn services(entry: &Entry) -> Vec<(&str, &str)> {
    let mut found: Vec<_> = entry
        .ports
        .iter()
        .map(|port| (port.namespace.as_str(), port.service.as_str()))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Of the log of the gravest finding that has one.
pub(super) fn last_lines(findings: &[Finding]) -> Result<Vec<String>, Failure> {
    let mut sorted: Vec<_> = findings.iter().collect();
    sorted.sort_by_key(|finding| finding.rank());
    let Some(log) = sorted.into_iter().find_map(|finding| finding.log.as_ref()) else {
        return Ok(Vec::new());
    };
    let Log {
        namespace,
        pod,
        container,
        previous,
    } = log;
    let path = format!(
        "{}/{}/log?container={}&tailLines={LINES}&previous={previous}",
        lists::pods(namespace)?,
        escape(pod),
        escape(container)
    );
    // It may be gone by now, and is no reason to say nothing.
    let answer = ask(Ask::get(path))?;
    if answer.status != 200 {
        return Ok(Vec::new());
    }
    let text = String::from_utf8_lossy(&answer.bytes("reading the log")?).into_owned();
    Ok(text.lines().map(str::to_owned).collect())
}
