//! What kubectl or Helm has deployed becomes a revision, as it runs.

use serde_json::{Value, json};
use slipway_plugin::{ChangeKind, InstanceState};
use slipway_tests::{Site, objects};

use super::{cluster, none};

/// The pods that run, each with how often its containers were started again.
fn pods(site: &Site<'_>) -> Vec<String> {
    let list: Value = serde_json::from_str(&site.kubectl(&["get", "pods", "-o", "json"])).expect("JSON");
    let mut found: Vec<_> = list["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|pod| {
            let restarts = &pod["status"]["containerStatuses"][0]["restartCount"];
            format!("{} {restarts}", pod["metadata"]["uid"])
        })
        .collect();
    found.sort();
    found
}

/// Who has set fields of an object, but for how it stands.
fn managers(site: &Site<'_>, what: &str) -> Vec<String> {
    let text = site.kubectl(&["get", what, "-o", "json", "--show-managed-fields"]);
    let live: Value = serde_json::from_str(&text).expect("JSON");
    let entries = live["metadata"]["managedFields"].as_array().expect("a list");
    let set = entries.iter().filter(|entry| entry["subresource"] != "status");
    let mut found: Vec<_> = set
        .map(|entry| entry["manager"].as_str().expect("a name").to_owned())
        .collect();
    found.sort();
    found
}

/// As a person would: with kubectl's own annotation and name.
fn apply(site: &Site<'_>, objects: &Value) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let items: Vec<_> = objects.as_object().expect("objects").values().collect();
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": items });
    std::fs::write(file.path(), list.to_string()).expect("it is written");
    site.kubectl(&["apply", "-f", file.path().to_str().expect("a path")]);
    site.kubectl(&["rollout", "status", "deployment/web", "--timeout=60s"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_kubectl_has_deployed_is_taken_over_without_a_restart() {
    let (cluster, image) = cluster();
    let site = Site::new(cluster, "adopted", json!({})).await;
    let secret = json!({ "Secret/token": { "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "token" }, "data": { "a": "MQ==" } } });
    let given = objects(image, "1", 2, secret);
    let mut more = given.clone();
    more["ConfigMap/settings"]["data"]["FORGOTTEN"] = json!("x");
    apply(&site, &more);
    let before = pods(&site);

    // What differs is said, and nothing is touched.
    let mut other = given.clone();
    other["Deployment.apps/web"]["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"] = json!("2");
    other["Secret/token"]["data"]["a"] = json!("Mg==");
    other["ConfigMap/new"] =
        json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "new" } });
    let refused = site
        .adopt(&site.revision(&other, &none()), false)
        .await
        .unwrap_err();
    let refused = refused.to_string();
    for expected in [
        "3 objects would change, so nothing is taken over",
        "Deployment.apps/web: spec.template.spec.containers[web].env[VERSION].value: \"1\" -> \"2\" (set by kubectl-client-side-apply)",
        "Secret/token: data.a: *** -> *** (set by kubectl-client-side-apply)",
        "ConfigMap/new: it is not there",
    ] {
        assert!(refused.contains(expected), "{refused}");
    }
    assert!(!refused.contains("Mg=="), "{refused}");
    assert_eq!(managers(&site, "deployment/web"), ["kubectl-client-side-apply"]);

    let one = site.revision(&given, &none());
    let told = site.adopt(&one, false).await.unwrap();
    let told: Vec<_> = told
        .iter()
        .map(|change| format!("{}: {}", change.subject, change.detail))
        .collect();
    assert_eq!(
        told,
        ["ConfigMap/settings: not in the package, and left as it is: data.FORGOTTEN"]
    );
    let adopted = site
        .until(&one, "healthy", |instance| {
            instance.state == InstanceState::Healthy
        })
        .await;
    assert_eq!((adopted.restarts, pods(&site)), (0, before.clone()));
    assert_eq!(site.ask(&adopted, "web", "/version"), "1");
    let (log, _) = site.logs(&one, String::new()).await;
    assert_eq!(log.matches("version 1 listens on 8080").count(), 2, "{log}");
    for what in [
        "deployment/web",
        "configmap/settings",
        "service/web",
        "secret/token",
    ] {
        let set: Vec<_> = managers(&site, what);
        assert!(
            !set.iter().any(|manager| manager.starts_with("kubectl")),
            "{what}: {set:?}"
        );
        let annotations = &site.get(what).unwrap()["metadata"]["annotations"];
        assert!(
            annotations
                .get("kubectl.kubernetes.io/last-applied-configuration")
                .is_none(),
            "{annotations}"
        );
    }
    // Nothing is different from what was taken over; starting or adopting it again restarts nothing either.
    let plan = site.plan(&one).await;
    assert!(
        plan.iter().all(|change| change.kind == ChangeKind::Keep),
        "{plan:#?}"
    );
    site.adopt(&one, false).await.unwrap();
    site.up(&one).await;
    assert_eq!(pods(&site), before);

    // The next revision takes its place, one that never gets well leaves it as it runs, and back it goes.
    let mut bad = objects(image, "2", 2, json!({}));
    bad["Deployment.apps/web"]["spec"]["template"]["spec"]["containers"][0]["image"] =
        json!("127.0.0.1:1/none:1");
    let bad = site.revision(&bad, &none());
    site.start(&bad).await.unwrap();
    site.until(&bad, "failed", |instance| {
        instance.state != InstanceState::Starting
    })
    .await;
    site.up(&one).await;
    cluster.until("the pods of the bad one are gone", || pods(&site) == before);
    let two = site.revision(&objects(image, "2", 2, json!({})), &none());
    let second = site.up(&two).await;
    assert_eq!(site.ask(&second, "web", "/version"), "2");
    let back = site.up(&one).await;
    assert_eq!(site.ask(&back, "web", "/version"), "1");
    // When it is kept no longer, it is like any other.
    site.up(&two).await;
    site.cleanup(&one).await.unwrap();
    let inventory = site.get("configmap/slipway-shop-adopted").unwrap();
    assert!(
        !inventory["data"].to_string().contains("adopted\\\":"),
        "{inventory}"
    );
    let third = site
        .up(&site.revision(&objects(image, "3", 1, json!({})), &none()))
        .await;
    assert_eq!(site.ask(&third, "web", "/version"), "3");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_helm_has_deployed_is_taken_over_and_helm_is_told_of() {
    let (cluster, image) = cluster();
    let mut site = Site::new(cluster, "helmed", json!({})).await;
    let given = objects(image, "1", 1, json!({}));
    // As Helm 3 does it: plain requests in its name, with its marks beside what the chart says.
    for (key, object) in given.as_object().unwrap() {
        let mut object = object.clone();
        object["metadata"]["namespace"] = json!("helmed");
        object["metadata"]["labels"] = json!({ "app.kubernetes.io/managed-by": "Helm" });
        object["metadata"]["annotations"] =
            json!({ "meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "helmed" });
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), object.to_string()).unwrap();
        let made = site.kubectl(&[
            "create",
            "--field-manager=helm",
            "-f",
            file.path().to_str().unwrap(),
        ]);
        assert!(made.contains("created"), "{key}: {made}");
    }
    site.kubectl(&["rollout", "status", "deployment/web", "--timeout=60s"]);
    let before = pods(&site);
    let one = site.revision(&given, &none());
    let told = site.adopt(&one, false).await.unwrap();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!(told[0].subject, "Helm release shop");
    assert!(
        told[0]
            .detail
            .contains("kubectl delete secret -n helmed -l owner=helm,name=shop"),
        "{told:?}"
    );
    site.until(&one, "healthy", |instance| {
        instance.state == InstanceState::Healthy
    })
    .await;
    assert_eq!(pods(&site), before);
    assert_eq!(managers(&site, "service/web"), ["slipway"]);
    let live = site.get("deployment/web").unwrap();
    assert_eq!(
        live["metadata"]["labels"]["app.kubernetes.io/managed-by"],
        "slipway"
    );
    // Side by side it would take the pods of both: not before it has been deployed once.
    site.set(json!({ "mode": "side-by-side" }));
    let two = site.revision(&objects(image, "2", 1, json!({})), &none());
    let refused = site.start(&two).await.unwrap_err().to_string();
    assert!(refused.contains("was taken over as it runs"), "{refused}");
    let refused = site.adopt(&two, false).await.unwrap_err().to_string();
    assert!(refused.contains("cannot be one of them"), "{refused}");
    assert_eq!(pods(&site), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_that_are_allowed_are_made() {
    let (cluster, image) = cluster();
    let site = Site::new(cluster, "changed", json!({})).await;
    apply(&site, &objects(image, "1", 1, json!({})));
    let more = json!({ "ConfigMap/new": { "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "new" } } });
    let two = site.revision(&objects(image, "2", 1, more), &none());
    let told = site.adopt(&two, true).await.unwrap();
    assert_eq!(told.len(), 3, "{told:#?}");
    let second = site
        .until(&two, "healthy", |instance| {
            instance.state == InstanceState::Healthy
        })
        .await;
    assert_eq!(site.ask(&second, "web", "/version"), "2");
    let three = site.revision(&objects(image, "3", 1, json!({})), &none());
    let refused = site.adopt(&three, true).await;
    assert!(
        refused.is_ok(),
        "what was taken over and never deployed is in nobody's way: {refused:?}"
    );
    site.up(&three).await;
    let four = site.revision(&objects(image, "4", 1, json!({})), &none());
    site.up(&four).await;
    let refused = site.adopt(&three, true).await.unwrap_err().to_string();
    assert!(refused.contains("nothing is left to take over"), "{refused}");
}
