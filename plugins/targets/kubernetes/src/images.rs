//! An image that runs already under another name is left as it is called: nothing is restarted for a name. Pure.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use slipway_kubernetes_api::{items, text};

use crate::{document::Object, kinds::template};

/// Where a pod's spec lists containers, and its status what they run.
const LISTS: [(&str, &str); 2] = [
    ("/spec/containers", "/status/containerStatuses"),
    ("/spec/initContainers", "/status/initContainerStatuses"),
];

/// Takes the names of images over from a live object, as far as its pods run what is wanted.
pub(crate) fn keep(object: &mut Object, live: &Value, pods: &[&Value]) {
    let Some(pod) = template(&object.id) else { return };
    for (list, statuses) in LISTS {
        let Some(wanted) = object
            .body
            .pointer_mut(&format!("{pod}{list}"))
            .and_then(Value::as_array_mut)
        else {
            continue;
        };
        for container in wanted {
            let name = text(container, "/name").to_owned();
            let now = items(live, &format!("{pod}{list}")).find(|now| text(now, "/name") == name);
            let image = now.map_or("", |now| text(now, "/image")).to_owned();
            if !image.is_empty()
                && image != text(container, "/image")
                && runs(pods, statuses, &name, container)
            {
                container["image"] = json!(image);
            }
        }
    }
}

/// Is there a container whose image is called otherwise than it shall be?
pub(crate) fn renamed(object: &Object, live: &Value) -> bool {
    let Some(pod) = template(&object.id) else {
        return false;
    };
    let all = |body: &Value| {
        let mut found = BTreeSet::new();
        for (list, _) in LISTS {
            let list = format!("{pod}{list}");
            let images =
                items(body, &list).map(|one| (text(one, "/name").to_owned(), text(one, "/image").to_owned()));
            found.extend(images);
        }
        found
    };
    all(&object.body) != all(live)
}

/// Whether every pod that has such a container runs the very image.
fn runs(pods: &[&Value], statuses: &str, name: &str, wanted: &Value) -> bool {
    let Some((_, digest)) = text(wanted, "/image").split_once('@') else {
        return false;
    };
    let seen: Vec<_> = pods
        .iter()
        .flat_map(|pod| items(pod, statuses))
        .filter(|status| text(status, "/name") == name)
        .map(|status| text(status, "/imageID"))
        .collect();
    !seen.is_empty() && seen.iter().all(|id| id.ends_with(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_is_not_renamed() {
        let template = |image: &str| json!({ "spec": { "template": { "spec": { "containers": [{ "name": "web", "image": image }] } } } });
        let pod = |digest: &str| json!({ "status": { "containerStatuses": [{ "name": "web", "imageID": format!("dev/web@sha256:{digest}") }] } });
        let check = |pods: &[&str], expected: &str| {
            let (live, wanted) = (template("dev/web:1"), template("deploy/web@sha256:aa"));
            let mut object = Object {
                id: "Deployment.apps/web".parse().unwrap(),
                body: wanted,
                own: false,
            };
            assert!(renamed(&object, &live));
            let pods: Vec<_> = pods.iter().map(|digest| pod(digest)).collect();
            keep(&mut object, &live, &pods.iter().collect::<Vec<_>>());
            assert_eq!(object.body, template(expected), "{pods:?}");
        };
        check(&["aa", "aa"], "dev/web:1");
        check(&["aa", "bb"], "deploy/web@sha256:aa");
        check(&[], "deploy/web@sha256:aa");
    }
}
