//! A revision that takes the place of another.

use serde_json::json;
use slipway_plugin::ChangeKind;
use slipway_tests::{Site, objects};

use super::{cluster, none};

#[tokio::test(flavor = "multi_thread")]
async fn one_revision_takes_the_place_of_another() {
    let (cluster, image) = cluster();
    let site = Site::new(cluster, "in-place", json!({})).await;
    let one = site.revision(&objects(image, "1", 2, json!({})), &none());
    assert!(
        site.plan(&one)
            .await
            .iter()
            .all(|change| change.kind == ChangeKind::Create)
    );
    let first = site.up(&one).await;
    assert_eq!(site.ask(&first, "web", "/version"), "1");
    assert_eq!(site.ask(&first, "web", "/env?GREETING"), "from 1");
    assert_eq!(
        first.ports[0].address,
        "cluster:/api/v1/namespaces/in-place/services/web:80/proxy"
    );
    let kept = site.plan(&one).await;
    assert!(
        kept.iter().all(|change| change.kind == ChangeKind::Keep),
        "{kept:#?}"
    );

    // The configuration has another name: the old one is not needed any more.
    let named = json!({
        "ConfigMap/settings": null,
        "ConfigMap/other": { "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "other" }, "data": { "GREETING": "from 2" } },
        "Deployment.apps/web": { "spec": { "replicas": 3 } }
    });
    let mut changed = objects(image, "2", 2, named);
    changed["Deployment.apps/web"]["spec"]["template"]["spec"]["containers"][0]["envFrom"][0]["configMapRef"]
        ["name"] = json!("other");
    let two = site.revision(&changed, &none());
    let plan = site.plan(&two).await;
    let of = |subject: &str| plan.iter().find(|change| change.subject == subject).unwrap();
    assert_eq!(of("ConfigMap/settings").kind, ChangeKind::Remove);
    assert_eq!(of("ConfigMap/other").kind, ChangeKind::Create);
    assert_eq!(of("Service/web").kind, ChangeKind::Keep);
    let deployment = of("Deployment.apps/web");
    assert!(
        deployment.detail.contains("spec.replicas: 2 -> 3"),
        "{deployment:?}"
    );
    assert!(
        deployment
            .detail
            .contains("spec.template.spec.containers[web].env[VERSION].value: \"1\" -> \"2\""),
        "{deployment:?}"
    );
    assert!(!deployment.seen.is_empty());

    let second = site.up(&two).await;
    assert_eq!(
        (site.ask(&second, "web", "/version").as_str(), second.restarts),
        ("2", 0)
    );
    assert_eq!(
        site.observe()
            .await
            .iter()
            .map(|instance| &instance.name)
            .collect::<Vec<_>>(),
        [&two.name]
    );
    assert_eq!(
        site.names("configmaps"),
        ["configmap/other", "configmap/slipway-shop-in-place"]
    );
    let (log, cursor) = site.logs(&two, String::new()).await;
    assert_eq!(log.matches("version 2 listens on 8080").count(), 3, "{log}");
    site.ask(&second, "web", "/log?hello");
    cluster.until("the line is in the log", || {
        let read = async { site.logs(&two, cursor.clone()).await.0 };
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(read)).ends_with("hello\n")
    });

    // And back.
    let back = site.up(&one).await;
    assert_eq!(site.ask(&back, "web", "/version"), "1");
    site.stop(&one).await;
    assert_eq!(site.observe().await, []);
    assert_eq!(site.names("pods,deployments"), [""; 0]);
    assert_eq!(site.names("services"), ["service/web"]);
    site.cleanup(&one).await.unwrap();
    assert_eq!(site.names("configmaps,services,replicasets"), [""; 0]);
}
