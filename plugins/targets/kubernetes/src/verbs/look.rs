//! How instances stand: their objects, their pods and who answers for their Services, all asked for at once. Only for
//! what is not well more is asked: what is warned about, and the last lines of what crashed.

use serde_json::Value;
use slipway_kubernetes_api::{Ask, Id, LABEL_LIMIT, Resource, ask, ask_all, fitting, list_of, short, text};
use slipway_sdk::{Failure, Instance, Place, http::escape};

use super::workloads::workloads;
use crate::{
    chosen::runs,
    diagnosis::{Finding, Log, causes, examine},
    inventory::{Entry, Item},
    kinds::{is_job, is_workload, pod_labels},
    labels,
    settings::Settings,
    sight::{Sight, instance},
};

/// Of a log that explains a failure.
const LINES: usize = 10;
/// How often its pods may fail a Job decides itself.
const JOB: i64 = i64::MAX;

pub(super) fn look(place: &Place<Settings>, entries: &[&Entry]) -> Result<Vec<Instance>, Failure> {
    let mut asks = Vec::new();
    for entry in entries {
        asks.extend(first_asks(place, entry)?);
    }
    let mut answers = ask_all(asks)?.into_iter();
    let mut sights = Vec::new();
    for entry in entries {
        let mut sight = Sight {
            ready: place.settings.ready.clone(),
            ..Sight::default()
        };
        for item in entry.objects.iter().filter(|item| is_watched(item, place)) {
            let id = item.id(&place.settings.namespace);
            let found = answers
                .next()
                .map(|answer| answer.found(&format!("reading {id}")))
                .transpose()?;
            sight.objects.push((id, found.flatten()));
        }
        for _ in pod_asks(place, entry)? {
            let found = answers
                .next()
                .map(|answer| answer.success("listing the pods"))
                .transpose()?;
            let pods = list_of(found.as_ref().and_then(|list| list.get("items")));
            sort(pods, entry, &mut sight);
        }
        for service in services(entry) {
            let found = answers
                .next()
                .map(|answer| answer.success("listing the endpoints"))
                .transpose()?;
            let slices = list_of(found.as_ref().and_then(|list| list.get("items"))).to_vec();
            sight.services.push((service.1.to_owned(), slices));
        }
        sights.push(sight);
    }
    let mut instances = Vec::new();
    for (entry, sight) in entries.iter().zip(&sights) {
        let owners: Vec<_> = sight.objects.iter().map(|(id, _)| id.name.clone()).collect();
        let (mut findings, mut lines) = (Vec::new(), Vec::new());
        if !sight.well() {
            let jobs = jobs(place, entry)?;
            let warnings = warnings(place, entry)?;
            findings = examine(&sight.pods, &warnings, &owners, place.settings.restarts);
            findings.extend(examine(&jobs, &warnings, &[], JOB));
            lines = last_lines(&findings)?;
        }
        instances.push(instance(entry, sight, &findings, &lines));
    }
    Ok(instances)
}

/// Why one object does not come about.
#[derive(Default)]
pub(super) struct Closer {
    /// In lines; empty if nobody says.
    pub(super) words: String,
    /// It does not get better by waiting.
    pub(super) hopeless: bool,
}

pub(super) fn at_one(item: &Item, place: &Place<Settings>) -> Result<Closer, Failure> {
    let own = place.settings.namespace.as_str();
    let namespace = item.namespace.as_deref().unwrap_or(own);
    let id = item.id(own);
    let pods = if is_job(&id) {
        pods_of_job(namespace, &item.name)?
    } else if id.is("", "Pod") {
        ask(Ask::get(item.path()))?
            .found("reading the pod")?
            .into_iter()
            .collect()
    } else if is_workload(&id) {
        let live = ask(Ask::get(item.path()))?
            .found("reading what runs the pods")?
            .unwrap_or_default();
        let marks = pod_labels(&id, &live).is_some_and(|labels| labels.contains_key(labels::REVISION));
        if marks {
            let revision = labels::revision_of(&live);
            let selector = format!("{},{}={revision}", labels::selector(place), labels::REVISION);
            let path = format!("{}?labelSelector={}", pods(namespace)?, escape(&selector));
            let found = slipway_kubernetes_api::list(&path)?;
            // A pod is called after what runs it.
            found
                .into_iter()
                .filter(|pod| name(pod).starts_with(&item.name))
                .collect()
        } else {
            unmarked_of(&[namespace], &[(id.clone(), &live)])?
        }
    } else {
        return Ok(Closer::default());
    };
    let borne = if is_job(&id) { JOB } else { place.settings.restarts };
    let findings = examine(
        &pods,
        &warnings_in(namespace)?,
        std::slice::from_ref(&item.name),
        borne,
    );
    let mut lines = causes(&findings);
    lines.extend(last_lines(&findings)?);
    let hopeless = findings.iter().any(|finding| finding.hopeless);
    Ok(Closer {
        words: lines.join("\n"),
        hopeless,
    })
}

fn first_asks(place: &Place<Settings>, entry: &Entry) -> Result<Vec<Ask>, Failure> {
    let mut asks: Vec<_> = entry
        .objects
        .iter()
        .filter(|item| is_watched(item, place))
        .map(|item| Ask::get(item.path()))
        .collect();
    asks.extend(pod_asks(place, entry)?);
    for (namespace, service) in services(entry) {
        let slices = known("discovery.k8s.io", "EndpointSlice")?.list(Some(namespace));
        let selector = format!("kubernetes.io/service-name={service}");
        asks.push(Ask::get(format!("{slices}?labelSelector={}", escape(&selector))));
    }
    Ok(asks)
}

/// Those of all revisions: one of another may still answer where this one should.
fn pod_asks(place: &Place<Settings>, entry: &Entry) -> Result<Vec<Ask>, Failure> {
    let mut asks = Vec::new();
    for namespace in namespaces(place, entry) {
        let selector = escape(&artifact_selector(place, entry));
        asks.push(Ask::get(format!("{}?labelSelector={selector}", pods(namespace)?)));
        if entry.adopted.is_some() {
            asks.push(Ask::get(unmarked_pods(namespace)?));
        }
    }
    Ok(asks)
}

/// Whose pods are these?
fn sort(pods: &[Value], entry: &Entry, sight: &mut Sight) {
    for pod in pods {
        let revision = labels::revision_of(pod);
        let ours = if revision.is_empty() {
            let mut workloads = sight.objects.iter().filter(|(id, _)| is_workload(id));
            if !workloads.any(|(id, live)| live.as_ref().is_some_and(|live| runs(id, live, pod))) {
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

/// Where those are listed that no start has marked.
fn unmarked_pods(namespace: &str) -> Result<String, Failure> {
    let selector = escape(&format!("!{}", labels::REVISION));
    Ok(format!("{}?labelSelector={selector}", pods(namespace)?))
}

/// The pods that no start has marked, of these live objects.
pub(super) fn unmarked_of(namespaces: &[&str], objects: &[(Id, &Value)]) -> Result<Vec<Value>, Failure> {
    let mut found = Vec::new();
    for namespace in namespaces {
        found.extend(slipway_kubernetes_api::list(&unmarked_pods(namespace)?)?);
    }
    found.retain(|pod| objects.iter().any(|(id, live)| runs(id, live, pod)));
    Ok(found)
}

/// The pods of an instance.
pub(super) fn pods_of(place: &Place<Settings>, entry: &Entry) -> Result<Vec<Value>, Failure> {
    let (own, namespaces) = (&place.settings.namespace, namespaces(place, entry));
    if entry.unmarked() {
        let workloads = workloads(entry, own);
        let asks = workloads.iter().map(|(_, item)| Ask::get(item.path()));
        let mut live = Vec::new();
        for ((id, _), answer) in workloads.iter().zip(ask_all(asks.collect())?) {
            let found = answer.found(&format!("reading {id}"))?;
            live.extend(found.map(|found| (id.clone(), found)));
        }
        let live: Vec<_> = live.iter().map(|(id, live)| (id.clone(), live)).collect();
        return unmarked_of(&namespaces, &live);
    }
    let selector = format!(
        "{},{}={}",
        artifact_selector(place, entry),
        labels::REVISION,
        short(&entry.revision)
    );
    let mut found = Vec::new();
    for namespace in namespaces {
        let path = format!("{}?labelSelector={}", pods(namespace)?, escape(&selector));
        found.extend(slipway_kubernetes_api::list(&path)?);
    }
    Ok(found)
}

fn is_watched(item: &Item, place: &Place<Settings>) -> bool {
    place.settings.ready.watched(&item.id(&place.settings.namespace))
}

fn artifact_selector(place: &Place<Settings>, entry: &Entry) -> String {
    format!(
        "{},{}={}",
        labels::selector(place),
        labels::ARTIFACT,
        fitting(&entry.artifact, LABEL_LIMIT)
    )
}

/// Those in which an instance runs pods.
pub(super) fn namespaces<'a>(place: &'a Place<Settings>, entry: &'a Entry) -> Vec<&'a str> {
    let own = place.settings.namespace.as_str();
    let mut found: Vec<_> = workloads(entry, own)
        .into_iter()
        .map(|(_, item)| item.namespace.as_deref().unwrap_or(own))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
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

/// The pods of an instance's Jobs, which bear no revision.
pub(super) fn jobs(place: &Place<Settings>, entry: &Entry) -> Result<Vec<Value>, Failure> {
    let own = place.settings.namespace.as_str();
    let mut found = Vec::new();
    for item in entry
        .objects
        .iter()
        .filter(|item| item.id(own).is("batch", "Job"))
    {
        found.extend(pods_of_job(item.namespace.as_deref().unwrap_or(own), &item.name)?);
    }
    Ok(found)
}

fn pods_of_job(namespace: &str, name: &str) -> Result<Vec<Value>, Failure> {
    let selector = format!("batch.kubernetes.io/job-name={name}");
    slipway_kubernetes_api::list(&format!(
        "{}?labelSelector={}",
        pods(namespace)?,
        escape(&selector)
    ))
}

fn warnings(place: &Place<Settings>, entry: &Entry) -> Result<Vec<Value>, Failure> {
    let mut found = Vec::new();
    for namespace in namespaces(place, entry) {
        found.extend(warnings_in(namespace)?);
    }
    Ok(found)
}

fn warnings_in(namespace: &str) -> Result<Vec<Value>, Failure> {
    let events = known("", "Event")?.list(Some(namespace));
    slipway_kubernetes_api::list(&format!(
        "{events}?fieldSelector={}&limit=500",
        escape("type=Warning")
    ))
}

/// Of the log of the gravest finding that has one.
fn last_lines(findings: &[Finding]) -> Result<Vec<String>, Failure> {
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
        pods(namespace)?,
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

pub(super) fn pods(namespace: &str) -> Result<String, Failure> {
    Ok(known("", "Pod")?.list(Some(namespace)))
}

fn known(group: &str, kind: &str) -> Result<Resource, Failure> {
    Resource::known(group, kind).ok_or_else(|| Failure::failed(format!("nothing is known of {kind}")))
}

/// Of a pod.
pub(super) fn name(pod: &Value) -> &str {
    text(pod, "/metadata/name")
}
