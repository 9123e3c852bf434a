//! Revisions that run beside each other.

use serde_json::json;
use slipway_tests::{Site, objects};

use super::{cluster, none};

#[tokio::test(flavor = "multi_thread")]
async fn two_revisions_beside_each_other() {
    let (cluster, image) = cluster();
    let site = Site::new(cluster, "beside", json!({ "mode": "side-by-side" })).await;
    let claim = json!({ "PersistentVolumeClaim/data": {
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": { "name": "data" },
        "spec": { "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "1Mi" } }, "storageClassName": "none" }
    } });
    let one = site.revision(&objects(image, "1", 2, claim.clone()), &none());
    let two = site.revision(&objects(image, "2", 2, json!({})), &none());
    let first = site.up(&one).await;
    let selected = |site: &Site<'_>| {
        site.get("service/web").unwrap()["spec"]["selector"]["slipway.dev/revision"].clone()
    };
    assert_eq!(selected(&site), one.revision.short());
    let second = site.up(&two).await;
    // Users have not moved, and both are there.
    assert_eq!(selected(&site), one.revision.short());
    assert_eq!(
        [&first, &second].map(|instance| site.ask(instance, "web", "/version")),
        ["1", "2"]
    );
    assert_eq!(site.ask(&second, "web", "/env?GREETING"), "from 2");
    assert_eq!(site.observe().await.len(), 2);

    let router = json!({ "service": "web", "preview": "web-next" });
    let flows = |route: slipway_plugin::ObservedRoute| {
        route
            .flows
            .into_iter()
            .map(|flow| (flow.revision, flow.weight))
            .collect::<Vec<_>>()
    };
    site.route(
        "kubernetes-service",
        &router,
        &[(&first, 100), (&second, 0)],
        Some(&second),
    )
    .await;
    assert_eq!(
        flows(site.routed("kubernetes-service", &router).await),
        [(one.revision, 100)]
    );
    assert_eq!(
        site.get("service/web-next").unwrap()["spec"]["selector"]["slipway.dev/revision"],
        two.revision.short()
    );
    site.route(
        "kubernetes-service",
        &router,
        &[(&second, 100), (&first, 0)],
        None,
    )
    .await;
    assert_eq!(
        flows(site.routed("kubernetes-service", &router).await),
        [(two.revision, 100)]
    );
    assert_eq!(
        (selected(&site), site.get("service/web-next")),
        (json!(two.revision.short()), None)
    );
    site.drained("kubernetes-service", &router, &first).await;
    // A start of what is there changes nothing of where users are.
    site.up(&one).await;
    assert_eq!(selected(&site), two.revision.short());

    site.stop(&one).await;
    let left = site.names("deployments,services,configmaps,pvc");
    let short = two.revision.short();
    let expected = [
        format!("deployment.apps/web-{short}"),
        "service/web".to_owned(),
        format!("service/web-{short}"),
        format!("configmap/settings-{short}"),
        "configmap/slipway-shop-beside".to_owned(),
        // It may hold data, and removing it has not been allowed.
        "persistentvolumeclaim/data".to_owned(),
    ];
    assert_eq!(left, expected);
    site.stop(&two).await;
    assert_eq!(
        site.names("deployments,services,configmaps,pods,replicasets"),
        [""; 0]
    );
}
