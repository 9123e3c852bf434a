//! When objects count as ready, and how soon it is told that they never will.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use slipway_plugin::InstanceState;
use slipway_tests::{Site, objects};

use super::{cluster, none};

/// What a service that cannot be ready is given before it is told.
const SOON: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread")]
async fn the_manifest_says_when_a_kind_is_ready() {
    let (cluster, image) = cluster();
    let group = "ready.example.com";
    let settings = json!({ "ready": {
        "Database.ready.example.com": { "when": "status.phase == 'Ready' && status.nodes >= spec.nodes", "failed": "status.phase == 'Broken'" },
        "Ingress.networking.k8s.io": "status.loadBalancer.ingress"
    } });
    let site = Site::new(cluster, "ready", settings).await;
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": { "name": format!("databases.{group}") },
        "spec": { "group": group, "scope": "Namespaced", "names": { "kind": "Database", "plural": "databases" }, "versions": [{
            "name": "v1", "served": true, "storage": true, "subresources": { "status": {} },
            "schema": { "openAPIV3Schema": { "type": "object", "x-kubernetes-preserve-unknown-fields": true } }
        }] }
    });
    let mut changes = json!({});
    changes[format!("CustomResourceDefinition.apiextensions.k8s.io/databases.{group}")] = definition;
    changes[format!("Database.{group}/db")] = json!({ "apiVersion": format!("{group}/v1"), "kind": "Database", "metadata": { "name": "db" }, "spec": { "nodes": 2 } });
    let backend = json!({ "service": { "name": "web", "port": { "number": 80 } } });
    changes["Ingress.networking.k8s.io/web"] = json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": { "name": "web" }, "spec": { "defaultBackend": backend }
    });
    let one = site.revision(&objects(image, "1", 1, changes), &none());
    site.start(&one).await.unwrap();
    let says = async |words: &str| {
        site.until(&one, words, |instance| {
            instance.state == InstanceState::Starting && instance.detail.contains(words)
        })
        .await
    };
    let status = |what: &str, status: Value| {
        let patch = json!({ "status": status }).to_string();
        site.kubectl(&[
            "patch",
            what,
            "--subresource=status",
            "--type=merge",
            "-p",
            &patch,
        ]);
    };
    says("Database.ready.example.com/db: `status.phase == 'Ready'` does not hold: status.phase is not there")
        .await;
    status("database/db", json!({ "phase": "Ready", "nodes": 1 }));
    says("`status.nodes >= spec.nodes` does not hold: status.nodes is 1, spec.nodes is 2").await;
    status("database/db", json!({ "nodes": 2 }));
    says("Ingress.networking.k8s.io/web: `status.loadBalancer.ingress` does not hold").await;
    status(
        "ingress/web",
        json!({ "loadBalancer": { "ingress": [{ "ip": "192.0.2.1" }] } }),
    );
    site.until(&one, "healthy", |instance| {
        instance.state == InstanceState::Healthy
    })
    .await;
    status("database/db", json!({ "phase": "Broken" }));
    let broken = site
        .until(&one, "failed", |instance| instance.state == InstanceState::Failed)
        .await;
    assert!(
        broken.detail.contains("`status.phase == 'Broken'` holds"),
        "{broken:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_again_and_again_is_told_at_once() {
    let (cluster, image) = cluster();
    let mut site = Site::new(cluster, "soon", json!({})).await;
    let mut crashing = objects(image, "1", 1, json!({}));
    crashing["Deployment.apps/web"]["spec"]["template"]["spec"]["containers"][0]["env"] =
        json!([{ "name": "CRASH", "value": "no database" }]);
    let one = site.revision(&crashing, &none());
    let began = Instant::now();
    site.start(&one).await.unwrap();
    let failed = site
        .until(&one, "failed", |instance| instance.state == InstanceState::Failed)
        .await;
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    assert!(
        failed.detail.starts_with("container web ended with exit code 7"),
        "{failed:?}"
    );
    assert!(failed.detail.ends_with("ERROR no database"), "{failed:?}");
    println!("a crash loop is told after {:?}", began.elapsed());

    // So is one that others of the same start wait for.
    let mut waves = crashing.clone();
    waves["Deployment.apps/late"] = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": "late", "annotations": { "slipway.dev/wave": "1" } },
        "spec": { "selector": { "matchLabels": { "app": "late" } }, "template": {
            "metadata": { "labels": { "app": "late" } }, "spec": { "containers": [{ "name": "late", "image": image }] }
        } }
    });
    let two = site.revision(&waves, &none());
    let began = Instant::now();
    let error = site.start(&two).await.unwrap_err().to_string();
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    let words = "Deployment.apps/web does not come about: container web ended with exit code 7";
    assert!(error.contains(words), "{error}");

    // Where more restarts are borne, they are waited for.
    site.set(json!({ "restarts": 100 }));
    let seen = site
        .until(&one, "crashed", |instance| {
            instance.detail.contains("exit code 7")
        })
        .await;
    assert_ne!(seen.state, InstanceState::Failed, "{seen:?}");
}
