//! Who sends users to which revision.

use serde_json::json;
use slipway_tests::{Site, objects};

use super::{cluster, none};

#[tokio::test(flavor = "multi_thread")]
async fn weights_of_a_route_are_the_router_s() {
    let (cluster, image) = cluster();
    let site = Site::new(cluster, "gateway", json!({ "mode": "side-by-side" })).await;
    let group = "gateway.networking.k8s.io";
    // What the routes are made of is enough here: nobody serves them.
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": { "name": format!("httproutes.{group}"), "annotations": { "api-approved.kubernetes.io": "unapproved, for tests" } },
        "spec": { "group": group, "scope": "Namespaced", "names": { "kind": "HTTPRoute", "plural": "httproutes" }, "versions": [
            { "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": { "type": "object", "x-kubernetes-preserve-unknown-fields": true } } }
        ] }
    });
    let file = cluster.path("route.json");
    std::fs::write(&file, definition.to_string()).unwrap();
    site.kubectl(&["apply", "-f", file.to_str().unwrap()]);
    site.kubectl(&[
        "wait",
        "--for=condition=Established",
        &format!("crd/httproutes.{group}"),
    ]);
    let route = |path: &str| {
        let mut changes = json!({});
        changes[format!("HTTPRoute.{group}/shop")] = json!({
            "apiVersion": format!("{group}/v1"), "kind": "HTTPRoute", "metadata": { "name": "shop" },
            "spec": { "parentRefs": [{ "name": "gate" }], "hostnames": ["shop.example"], "rules": [
                { "matches": [{ "path": { "value": path } }], "backendRefs": [{ "name": "web", "port": 80 }] }
            ] }
        });
        changes
    };
    let one = site.revision(&objects(image, "1", 1, route("/one")), &none());
    let two = site.revision(&objects(image, "2", 1, route("/two")), &none());
    let first = site.up(&one).await;
    let router = json!({ "route": "shop", "service": "web", "preview": { "headers": { "x-next": "yes" } } });
    let backends = |what: &str| {
        let route = site.get(what).unwrap();
        let references = route["spec"]["rules"][0]["backendRefs"]
            .as_array()
            .unwrap()
            .clone();
        references
            .iter()
            .map(|one| (one["name"].as_str().unwrap().to_owned(), one["weight"].as_u64()))
            .collect::<Vec<_>>()
    };
    let named = |spec: &slipway_plugin::InstanceSpec| format!("web-{}", spec.revision.short());
    site.route("gateway", &router, &[(&first, 100)], None).await;
    assert_eq!(backends("httproute/shop"), [(named(&one), Some(100))]);
    let second = site.up(&two).await;
    // The rules are the new revision's, the weights are not.
    assert_eq!(
        site.get("httproute/shop").unwrap()["spec"]["rules"][0]["matches"][0]["path"]["value"],
        "/two"
    );
    assert_eq!(backends("httproute/shop"), [(named(&one), Some(100))]);
    site.route("gateway", &router, &[(&first, 90), (&second, 10)], Some(&second))
        .await;
    assert_eq!(
        backends("httproute/shop"),
        [(named(&one), Some(90)), (named(&two), Some(10))]
    );
    assert_eq!(backends("httproute/shop-preview"), [(named(&two), None)]);
    let flows = site.routed("gateway", &router).await.flows;
    assert_eq!(
        flows
            .iter()
            .map(|flow| (flow.revision, flow.weight))
            .collect::<Vec<_>>(),
        [(one.revision, 90), (two.revision, 10)]
    );
    site.route("gateway", &router, &[(&second, 100), (&first, 0)], None)
        .await;
    assert_eq!(
        (backends("httproute/shop"), site.get("httproute/shop-preview")),
        (vec![(named(&two), Some(100))], None)
    );
    site.drained("gateway", &router, &first).await;
    site.stop(&one).await;
    assert!(site.get("httproute/shop").is_some());
    site.stop(&two).await;
    assert_eq!(site.get("httproute/shop"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn shares_are_shares_of_pods() {
    let (cluster, image) = cluster();
    let site = Site::new(cluster, "shares", json!({ "mode": "side-by-side" })).await;
    let one = site.revision(&objects(image, "1", 4, json!({})), &none());
    let two = site.revision(&objects(image, "2", 4, json!({})), &none());
    let (first, second) = (site.up(&one).await, site.up(&two).await);
    let router = json!({ "service": "web", "shares": "pods" });
    let replicas = || {
        [&one, &two].map(|spec| {
            let name = format!("deployment/web-{}", spec.revision.short());
            site.get(&name).unwrap()["spec"]["replicas"].as_u64().unwrap()
        })
    };
    site.route(
        "kubernetes-service",
        &router,
        &[(&first, 100), (&second, 0)],
        None,
    )
    .await;
    assert_eq!(replicas(), [4, 4]);
    site.route(
        "kubernetes-service",
        &router,
        &[(&first, 75), (&second, 25)],
        None,
    )
    .await;
    assert_eq!(replicas(), [3, 1]);
    assert_eq!(
        site.get("service/web").unwrap()["spec"]["selector"],
        json!({ "app": "web" })
    );
    let began = std::time::Instant::now();
    loop {
        let flows = site.routed("kubernetes-service", &router).await.flows;
        let mut weights: Vec<_> = flows.iter().map(|flow| flow.weight).collect();
        weights.sort_unstable();
        if weights == [25, 75] {
            break;
        }
        assert!(began.elapsed().as_secs() < 30, "{flows:?}");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    // What the router has scaled stays so when it is started again.
    site.up(&two).await;
    assert_eq!(replicas(), [3, 1]);
    site.route(
        "kubernetes-service",
        &router,
        &[(&second, 100), (&first, 0)],
        None,
    )
    .await;
    assert_eq!(replicas(), [3, 4]);
    site.stop(&one).await;
    site.stop(&two).await;
}
