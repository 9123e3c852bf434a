//! A task as a Job: the pods of one of an artifact's workloads, with another program, that run once. What these pods read of
//! the artifact goes with it under names of its own, because nothing of the revision need be there yet. Pure.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use slipway_kubernetes_api::{Id, LABEL_LIMIT, NAME_LIMIT, fitting, items, labels, short, suffixed, text};
use slipway_sdk::{Failure, Place, Task};

use crate::{
    document::Object,
    kinds::{is_workload, put, template},
    labels::{ARTIFACT, REVISION, TASK},
    revise::visit,
    secrets,
};

/// What only those that go on have, of a container.
const OF_INSTANCES: [&str; 6] = [
    "args",
    "ports",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "lifecycle",
];

/// A Job, and what it reads.
#[derive(Debug, PartialEq)]
pub(crate) struct Made {
    pub(crate) job: Object,
    /// ConfigMaps and Secrets.
    pub(crate) files: Vec<Object>,
}

/// What its Job is called.
pub(crate) fn name(task: &Task) -> String {
    fitting(&task.name, LABEL_LIMIT)
}

pub(crate) fn make<S>(place: &Place<S>, task: &Task, objects: &[Object]) -> Result<Made, Failure> {
    let (workload, container) = choose(task, objects)?;
    let pods = template(&workload.id).unwrap_or_default();
    let mut spec = workload
        .body
        .pointer(&format!("{pods}/spec"))
        .cloned()
        .unwrap_or_default();
    let container = with_program(task, &container)?;
    has_its_volumes(&workload.id, &spec, &container)?;
    put(&mut spec, &["containers"], json!([container]));
    put(&mut spec, &["restartPolicy"], json!("Never"));
    let files = renamed(place, task, &workload.id, &mut spec, objects);
    let mut pod = json!({ "spec": spec });
    // Without labels: no Service sends users there, and nothing takes its pods for those of an instance.
    if let Some(notes) = workload.body.pointer(&format!("{pods}/metadata/annotations")) {
        put(&mut pod, &["metadata", "annotations"], notes.clone());
    }
    let body = json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": { "name": name(task), "labels": marks(place, task) },
        "spec": {
            "backoffLimit": 0,
            "activeDeadlineSeconds": task.timeout_ms.div_ceil(1000).max(1),
            "template": pod,
        }
    });
    let id = Id {
        kind: "Job".to_owned(),
        group: "batch".to_owned(),
        ..workload.id.named(name(task))
    };
    let job = Object { id, body, own: true };
    Ok(Made { job, files })
}

/// `web` or `web/app`: a workload, and one of its containers. What is not said is the only one, or the first container.
fn choose<'a>(task: &Task, objects: &'a [Object]) -> Result<(&'a Object, Value), Failure> {
    let (part, named) = match task.part.split_once('/') {
        Some((workload, container)) => (workload, Some(container)),
        None => (task.part.as_str(), None),
    };
    let all: Vec<_> = objects.iter().filter(|object| is_workload(&object.id)).collect();
    let mut fits = all
        .iter()
        .filter(|object| part.is_empty() || object.id.name == part);
    let known = |names: Vec<&str>| match names.as_slice() {
        [] => "none".to_owned(),
        names => names.join(", "),
    };
    let names = || known(all.iter().map(|object| object.id.name.as_str()).collect());
    let workload = match (fits.next(), fits.next()) {
        (Some(one), None) => *one,
        (None, _) => {
            return Err(Failure::invalid(format!(
                "artifact `{}` has no workload `{part}` to run a task as; it has {}",
                task.artifact,
                names()
            ))
            .hint("name one of them with the hook's `part`"));
        }
        (Some(_), Some(_)) => {
            return Err(Failure::invalid(format!(
                "artifact `{}` has more than one workload to run a task as: {}",
                task.artifact,
                names()
            ))
            .hint("name one of them with the hook's `part`"));
        }
    };
    let pods = template(&workload.id).unwrap_or_default();
    let containers: Vec<_> = items(&workload.body, &format!("{pods}/spec/containers")).collect();
    let mut found = containers
        .iter()
        .filter(|container| named.is_none_or(|name| text(container, "/name") == name));
    match found.next() {
        Some(container) => Ok((workload, (*container).clone())),
        None => Err(Failure::invalid(format!(
            "{} has no container `{}`; it has {}",
            workload.id,
            named.unwrap_or_default(),
            known(
                containers
                    .iter()
                    .map(|container| text(container, "/name"))
                    .collect()
            )
        ))
        .hint("the hook's `part` names it after the workload's name and a `/`")),
    }
}

fn with_program(task: &Task, container: &Value) -> Result<Value, Failure> {
    let mut container = container.as_object().cloned().unwrap_or_default();
    OF_INSTANCES.iter().for_each(|key| drop(container.remove(*key)));
    container.insert("command".to_owned(), json!(task.run));
    let own: BTreeMap<_, _> = task.variables.iter().map(|(name, text)| (name, text)).collect();
    let mut env: Vec<Value> = match container.remove("env") {
        Some(Value::Array(env)) => env,
        _ => Vec::new(),
    };
    env.retain(|variable| !own.keys().any(|name| text(variable, "/name") == name.as_str()));
    env.extend(
        own.iter()
            .map(|(name, text)| json!({ "name": name, "value": plain(text) })),
    );
    container.insert("env".to_owned(), Value::Array(env));
    Ok(Value::Object(container))
}

/// Neither the kubelet nor the host is to fill anything in.
fn plain(text: &str) -> String {
    text.replace("$(", "$$(").replace("${secret.", "$ {secret.")
}

/// A StatefulSet makes volumes for each of its pods; a task has none of these.
fn has_its_volumes(workload: &Id, spec: &Value, container: &Value) -> Result<(), Failure> {
    let there = |name: &str| items(spec, "/volumes").any(|volume| text(volume, "/name") == name);
    let missing = items(container, "/volumeMounts")
        .map(|mount| text(mount, "/name"))
        .find(|name| !there(name));
    missing.map_or(Ok(()), |name| {
        Err(Failure::unsupported(format!(
            "a task cannot run as {workload}: its volume `{name}` belongs to each of its pods alone"
        ))
        .hint("name a workload without such volumes with the hook's `part`"))
    })
}

/// Copies of the ConfigMaps and Secrets that the pods mention, which from now on mention the copies.
fn renamed<S>(
    place: &Place<S>,
    task: &Task,
    workload: &Id,
    spec: &mut Value,
    objects: &[Object],
) -> Vec<Object> {
    let mark = task.name.rsplit('-').next().unwrap_or_default();
    let mut files: BTreeMap<Id, Object> = BTreeMap::new();
    visit(spec, &mut |(kind, name)| {
        let id = Id {
            kind: kind.to_owned(),
            group: String::new(),
            ..workload.named(name.as_str().unwrap_or_default())
        };
        // What the artifact does not bring is there, or is not.
        let Some(object) = objects.iter().find(|object| object.id == id) else {
            return;
        };
        let own = suffixed(&id.name, mark, NAME_LIMIT);
        *name = json!(own);
        files.entry(id).or_insert_with_key(|id| {
            let mut body = object.body.clone();
            put(&mut body, &["metadata", "name"], json!(own));
            put(&mut body, &["metadata", "labels"], marks(place, task));
            if id.is("", "Secret") {
                secrets::sort(&mut body);
            }
            Object {
                id: id.named(own),
                body,
                own: true,
            }
        });
    });
    files.into_values().collect()
}

/// Whose it is, and that it is of a task.
fn marks<S>(place: &Place<S>, task: &Task) -> Value {
    let mut marks = match labels::owner(&place.service, &place.environment) {
        Value::Object(marks) => marks,
        _ => Map::new(),
    };
    for (key, value) in [
        (ARTIFACT, fitting(&task.artifact, LABEL_LIMIT)),
        (REVISION, short(&task.revision).to_owned()),
        (TASK, "true".to_owned()),
    ] {
        marks.insert(key.to_owned(), json!(value));
    }
    Value::Object(marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(part: &str) -> Task {
        let [name, revision, artifact, blob, workload] = [
            "shop-prod-1a2b3c4d-task-99887766",
            "sha256:1a2b3c4d5e",
            "app",
            "sha256:1",
            "f",
        ]
        .map(str::to_owned);
        Task {
            name,
            revision,
            artifact,
            blob,
            workload,
            part: part.to_owned(),
            run: ["migrate", "up"].map(str::to_owned).to_vec(),
            variables: vec![("CAUSE".to_owned(), "said $(A) ${secret.b}".to_owned())],
            timeout_ms: 1500,
        }
    }

    fn object(key: &str, body: Value) -> Object {
        let id: Id = key.parse().unwrap();
        let mut body = body;
        put(&mut body, &["metadata", "name"], json!(id.name));
        Object { id, body, own: false }
    }

    fn web() -> Object {
        let pod = json!({
            "metadata": { "labels": { "app": "web" }, "annotations": { "a": "b" } },
            "spec": {
                "serviceAccountName": "web",
                "volumes": [{ "name": "files", "configMap": { "name": "files" } }],
                "containers": [
                    {
                        "name": "app", "image": "i", "args": ["serve"], "ports": [{ "containerPort": 80 }],
                        "readinessProbe": {}, "lifecycle": {},
                        "volumeMounts": [{ "name": "files", "mountPath": "/etc/app" }],
                        "env": [
                            { "name": "CAUSE", "value": "none" },
                            { "name": "KEY", "valueFrom": { "secretKeyRef": { "name": "keys", "key": "k" } } },
                            { "name": "DB", "valueFrom": { "secretKeyRef": { "name": "others", "key": "k" } } }
                        ]
                    },
                    { "name": "proxy", "image": "p" }
                ]
            }
        });
        object(
            "Deployment.apps/web",
            json!({ "spec": { "replicas": 3, "template": pod } }),
        )
    }

    fn made(part: &str, objects: &[Object]) -> Result<Made, String> {
        let place = Place {
            service: "shop".to_owned(),
            environment: "prod".to_owned(),
            settings: (),
        };
        make(&place, &task(part), objects).map_err(|failure| failure.message)
    }

    #[test]
    fn the_pods_of_a_workload_with_another_program() {
        let files = object("ConfigMap/files", json!({ "data": { "a": "1" } }));
        let keys = object("Secret/keys", json!({ "stringData": { "k": "${secret.k}" } }));
        let made = made("", &[web(), files, keys]).unwrap();
        assert_eq!(
            made.job.id.to_string(),
            "Job.batch/shop-prod-1a2b3c4d-task-99887766"
        );
        let expected = json!({
            "backoffLimit": 0,
            "activeDeadlineSeconds": 2,
            "template": {
                "metadata": { "annotations": { "a": "b" } },
                "spec": {
                    "restartPolicy": "Never",
                    "serviceAccountName": "web",
                    "volumes": [{ "name": "files", "configMap": { "name": "files-99887766" } }],
                    "containers": [{
                        "name": "app", "image": "i", "command": ["migrate", "up"],
                        "volumeMounts": [{ "name": "files", "mountPath": "/etc/app" }],
                        "env": [
                            { "name": "KEY", "valueFrom": { "secretKeyRef": { "name": "keys-99887766", "key": "k" } } },
                            { "name": "DB", "valueFrom": { "secretKeyRef": { "name": "others", "key": "k" } } },
                            { "name": "CAUSE", "value": "said $$(A) $ {secret.b}" }
                        ]
                    }]
                }
            }
        });
        assert_eq!(made.job.body["spec"], expected);
        let names: Vec<_> = made.files.iter().map(|file| file.id.to_string()).collect();
        assert_eq!(names, ["ConfigMap/files-99887766", "Secret/keys-99887766"]);
        assert_eq!(made.files[1].body["stringData"]["k"], "${secret.k}");
        assert_eq!(made.files[0].body["metadata"]["labels"][TASK], "true");
    }

    #[test]
    fn which_is_said_or_the_only_one() {
        let worker = object(
            "StatefulSet.apps/worker",
            json!({ "spec": { "template": { "spec": { "containers": [
                { "name": "w", "image": "w", "volumeMounts": [{ "name": "data", "mountPath": "/data" }] }
            ] } } } }),
        );
        let image = |part: &str, objects: &[Object]| {
            let made = made(part, objects)?;
            Ok::<_, String>(text(&made.job.body, "/spec/template/spec/containers/0/image").to_owned())
        };
        let both = [web(), worker];
        assert_eq!(image("web/proxy", &both).as_deref(), Ok("p"));
        assert_eq!(image("web", &both).as_deref(), Ok("i"));
        let wrong = |part: &str, objects: &[Object]| image(part, objects).unwrap_err();
        assert_eq!(
            wrong("", &both),
            "artifact `app` has more than one workload to run a task as: web, worker"
        );
        assert_eq!(
            wrong("cart", &both),
            "artifact `app` has no workload `cart` to run a task as; it has web, worker"
        );
        assert_eq!(
            wrong("", &[]),
            "artifact `app` has no workload `` to run a task as; it has none"
        );
        assert_eq!(
            wrong("web/none", &both),
            "Deployment.apps/web has no container `none`; it has app, proxy"
        );
        assert_eq!(
            wrong("worker", &both),
            "a task cannot run as StatefulSet.apps/worker: its volume `data` belongs to each of its pods alone"
        );
    }
}
