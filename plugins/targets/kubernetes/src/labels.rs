//! What every object says of whom it belongs to. By these labels what is there is found again, and by them it is known
//! whether an object is this service's to change.

use serde_json::{Value, json};
use slipway_kubernetes_api::{LABEL_LIMIT, at, fitting, labels, short, text};
use slipway_sdk::{InstanceSpec, Place};

use crate::{
    document::Object,
    kinds::{is_workload, put, template},
};

pub(crate) use slipway_kubernetes_api::labels::{
    ARTIFACT, DIGEST, ENVIRONMENT, INSTANCE, MANAGED_BY, REVISION, SERVICE, STANDS_FOR,
};

/// Of what is there for a task alone.
pub(crate) const TASK: &str = "slipway.dev/task";

/// Whose objects these are.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stamp {
    pub(crate) service: String,
    pub(crate) environment: String,
    pub(crate) artifact: String,
    pub(crate) instance: String,
    pub(crate) digest: String,
    /// Pods that others have made bear no marks, because these would restart them.
    pub(crate) marks_pods: bool,
}

impl Stamp {
    pub(crate) fn of<S>(place: &Place<S>, instance: &InstanceSpec, marks_pods: bool) -> Self {
        Self {
            service: place.service.clone(),
            environment: place.environment.clone(),
            artifact: instance.artifact.clone(),
            instance: instance.name.clone(),
            digest: instance.revision.clone(),
            marks_pods,
        }
    }

    pub(crate) fn revision(&self) -> &str {
        short(&self.digest)
    }

    /// On an object; and on its pods, if it runs any.
    pub(crate) fn put_on(&self, object: &mut Object, in_place: bool) {
        let this_revision = object.own || (in_place && is_workload(&object.id));
        let body = &mut object.body;
        put(body, &["metadata", "labels", MANAGED_BY], json!("slipway"));
        self.labels(body, this_revision);
        // The router asks a Service whose it is, also where revisions share it.
        if this_revision || (in_place && object.id.is("", "Service")) {
            put(body, &["metadata", "annotations", DIGEST], json!(self.digest));
            put(body, &["metadata", "annotations", INSTANCE], json!(self.instance));
        }
        // A Job cannot be changed: one that is there already would be refused for these labels alone.
        let marked = self.marks_pods && is_workload(&object.id);
        if let Some(pods) = template(&object.id)
            .filter(|pods| marked && !pods.is_empty())
            .and_then(|at| body.pointer_mut(at))
        {
            self.labels(pods, true);
        }
    }

    fn labels(&self, body: &mut Value, this_revision: bool) {
        for (key, value) in [
            (SERVICE, &self.service),
            (ENVIRONMENT, &self.environment),
            (ARTIFACT, &self.artifact),
        ] {
            put(
                body,
                &["metadata", "labels", key],
                json!(fitting(value, LABEL_LIMIT)),
            );
        }
        if this_revision {
            put(body, &["metadata", "labels", REVISION], json!(self.revision()));
        }
    }
}

/// Chooses what belongs to a service in an environment.
pub(crate) fn selector<S>(place: &Place<S>) -> String {
    labels::selector(&place.service, &place.environment)
}

/// The service and environment that an object belongs to, if it is one of Slipway's.
pub(crate) fn owner(live: &Value) -> Option<(&str, &str)> {
    let label = |key| at(live, &["metadata", "labels", key]).and_then(Value::as_str);
    Some((label(SERVICE)?, label(ENVIRONMENT)?))
}

/// Is it another service's, or the same one's in another environment?
pub(crate) fn of_another(live: &Value, service: &str, environment: &str) -> Option<String> {
    let (other, elsewhere) = owner(live)?;
    let ours = other == fitting(service, LABEL_LIMIT) && elsewhere == fitting(environment, LABEL_LIMIT);
    (!ours).then(|| format!("service {other} in environment {elsewhere}"))
}

/// An object without what says whose it is, to be held against one that others have made.
pub(crate) fn without_marks(object: &Value) -> Value {
    let mut object = object.clone();
    for (field, keys) in [
        (
            "labels",
            &[MANAGED_BY, SERVICE, ENVIRONMENT, ARTIFACT, REVISION][..],
        ),
        ("annotations", &[DIGEST, INSTANCE][..]),
    ] {
        if let Some(map) = object["metadata"][field].as_object_mut() {
            keys.iter().for_each(|key| drop(map.remove(*key)));
        }
        if object["metadata"][field]
            .as_object()
            .is_none_or(serde_json::Map::is_empty)
            && let Some(metadata) = object["metadata"].as_object_mut()
        {
            metadata.remove(field);
        }
    }
    object
}

/// The revision that a live object says it is of.
pub(crate) fn revision_of(live: &Value) -> &str {
    at(live, &["metadata", "labels", REVISION])
        .and_then(Value::as_str)
        .unwrap_or_default()
}

pub(crate) fn uid(live: &Value) -> &str {
    text(live, "/metadata/uid")
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn stamp() -> Stamp {
        let [service, environment, artifact, instance, digest] =
            ["shop", "prod", "app", "shop-prod-1a2b3c4d-1", "sha256:1a2b3c4d5e"].map(str::to_owned);
        Stamp {
            service,
            environment,
            artifact,
            instance,
            digest,
            marks_pods: true,
        }
    }

    fn stamped(key: &str, body: Value, own: bool, in_place: bool) -> Value {
        let mut object = Object {
            id: key.parse().unwrap(),
            body,
            own,
        };
        stamp().put_on(&mut object, in_place);
        object.body
    }

    #[test]
    fn pods_are_found_by_revision_and_jobs_stay_the_same() {
        let body = json!({ "spec": { "template": { "metadata": { "labels": { "app": "web" } } } } });
        let web = stamped("Deployment.apps/web", body.clone(), false, true);
        assert_eq!(web["metadata"]["labels"][REVISION], "1a2b3c4d");
        assert_eq!(web["metadata"]["annotations"][DIGEST], "sha256:1a2b3c4d5e");
        let pods = &web["spec"]["template"]["metadata"]["labels"];
        assert_eq!(
            (&pods["app"], &pods[REVISION], &pods[SERVICE]),
            (&json!("web"), &json!("1a2b3c4d"), &json!("shop"))
        );
        let job = stamped("Job.batch/migrate", body.clone(), false, true);
        assert_eq!(
            (&job["spec"], &job["metadata"]["labels"][SERVICE]),
            (&body["spec"], &json!("shop"))
        );
        let mut adopted = Object {
            id: "Deployment.apps/web".parse().unwrap(),
            body: body.clone(),
            own: false,
        };
        let marks_none = Stamp {
            marks_pods: false,
            ..stamp()
        };
        marks_none.put_on(&mut adopted, true);
        assert_eq!(adopted.body["spec"], body["spec"]);
        assert_eq!(adopted.body["metadata"]["labels"][REVISION], "1a2b3c4d");
        assert_eq!(
            without_marks(&adopted.body),
            json!({ "metadata": {}, "spec": body["spec"] })
        );
        let shared = stamped("Ingress.networking.k8s.io/web", json!({}), false, false);
        assert_eq!(shared["metadata"]["labels"][MANAGED_BY], "slipway");
        assert_eq!(shared["metadata"].get("annotations"), None);
    }

    #[test]
    fn others_are_told_apart() {
        let live = stamped("ConfigMap/a", json!({}), false, true);
        assert_eq!(of_another(&live, "shop", "prod"), None);
        assert_eq!(
            of_another(&live, "shop", "test"),
            Some("service shop in environment prod".to_owned())
        );
        assert_eq!(of_another(&json!({}), "shop", "prod"), None);
    }
}
