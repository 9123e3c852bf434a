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
    // Another environment's of that name stays what it is.
    let of = |environment: &str| {
        let label = format!("slipway.dev/environment={environment}");
        site.kubectl(&["label", "--overwrite", "httproute/shop-preview", &label])
    };
    of("other");
    let shares = [(&first, 0), (&second, 100)];
    let refused = site
        .try_route("gateway", &router, &shares)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("was not made by this service in this environment"),
        "{refused}"
    );
    assert_eq!(backends("httproute/shop-preview"), [(named(&two), None)]);
    of(&site.namespace);
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

/// What an Ingress does is decided by a controller; here the objects are held against what it heeds.
#[tokio::test(flavor = "multi_thread")]
async fn a_canary_is_an_ingress_of_its_own() {
    let (cluster, image) = cluster();
    let site = Site::new(cluster, "nginx", json!({ "mode": "side-by-side" })).await;
    let path = |path: &str, service: &str| {
        let backend = json!({ "service": { "name": service, "port": { "number": 80 } } });
        json!({ "path": path, "pathType": "Prefix", "backend": backend })
    };
    let ingress = json!({ "Ingress.networking.k8s.io/shop": {
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
        "metadata": { "name": "shop", "annotations": {
            "nginx.ingress.kubernetes.io/affinity": "cookie", "nginx.ingress.kubernetes.io/rewrite-target": "/"
        } },
        "spec": { "ingressClassName": "nginx", "tls": [{ "hosts": ["shop.example"], "secretName": "tls" }], "rules": [
            { "host": "shop.example", "http": { "paths": [path("/", "web"), path("/other", "other")] } }
        ] }
    } });
    let one = site.revision(&objects(image, "1", 1, ingress.clone()), &none());
    let two = site.revision(&objects(image, "2", 1, ingress), &none());
    let router = json!({ "ingress": "shop", "service": "web", "settle": 0, "preview": { "header": "x-next", "value": "yes" } });
    let chosen = || site.get("service/web").unwrap()["spec"]["selector"]["slipway.dev/revision"].clone();
    let digits = |spec: &slipway_plugin::InstanceSpec| json!(spec.revision.short());
    let annotations = |canary: serde_json::Value| {
        let mut all = json!({ "nginx.ingress.kubernetes.io/affinity": "cookie", "nginx.ingress.kubernetes.io/canary": "true" });
        for (name, value) in canary.as_object().unwrap() {
            all[format!("nginx.ingress.kubernetes.io/canary-{name}")] = value.clone();
        }
        all
    };
    let canary = || site.get("ingress/shop-canary").unwrap();
    let flows = async || {
        let flows = site.routed("nginx", &router).await.flows;
        flows
            .iter()
            .map(|flow| (flow.revision, flow.weight))
            .collect::<Vec<_>>()
    };

    let first = site.up(&one).await;
    site.route("nginx", &router, &[(&first, 100)], None).await;
    assert_eq!((chosen(), site.get("ingress/shop-canary")), (digits(&one), None));
    let users_come_by = site.get("ingress/shop").unwrap();
    let second = site.up(&two).await;
    assert_eq!(flows().await, [(one.revision, 100)]);

    // Shown before it has users.
    site.route("nginx", &router, &[(&first, 100), (&second, 0)], Some(&second))
        .await;
    let shown = canary();
    assert_eq!(
        shown["metadata"]["annotations"],
        annotations(json!({ "weight": "0", "by-header": "x-next", "by-header-value": "yes" }))
    );
    let mut spec = users_come_by["spec"].clone();
    spec["rules"][0]["http"]["paths"] = json!([path("/", &format!("web-{}", two.revision.short()))]);
    assert_eq!(shown["spec"], spec);
    assert_eq!(flows().await, [(one.revision, 100)]);

    // Its way up. Whoever begins again after a kill finds it as it is.
    for weight in [10, 50] {
        let shares = [(&first, 100 - weight), (&second, weight)];
        site.route("nginx", &router, &shares, None).await;
        let made = canary();
        assert_eq!(
            made["metadata"]["annotations"],
            annotations(json!({ "weight": weight.to_string() }))
        );
        assert_eq!(chosen(), digits(&one));
        assert_eq!(
            flows().await,
            [(one.revision, 100 - weight), (two.revision, weight)]
        );
        site.route("nginx", &router, &shares, None).await;
        assert_eq!(
            canary()["metadata"]["resourceVersion"],
            made["metadata"]["resourceVersion"]
        );
    }

    // Back, and another time up to the end.
    site.route("nginx", &router, &[(&first, 100), (&second, 0)], None)
        .await;
    assert_eq!((chosen(), site.get("ingress/shop-canary")), (digits(&one), None));
    site.drained("nginx", &router, &second).await;
    site.route("nginx", &router, &[(&first, 10), (&second, 90)], None)
        .await;
    site.route("nginx", &router, &[(&second, 100), (&first, 0)], None)
        .await;
    assert_eq!((chosen(), site.get("ingress/shop-canary")), (digits(&two), None));
    assert_eq!(flows().await, [(two.revision, 100)]);
    site.drained("nginx", &router, &first).await;
    let spec = |ingress: &serde_json::Value| {
        (
            ingress["spec"].clone(),
            ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/affinity"].clone(),
        )
    };
    assert_eq!(spec(&site.get("ingress/shop").unwrap()), spec(&users_come_by));

    // What somebody else has made is not touched.
    site.kubectl(&["create", "ingress", "shop-canary", "--rule=a.example/=web:80"]);
    let refused = site
        .try_route("nginx", &router, &[(&first, 50), (&second, 50)])
        .await;
    let said = refused.unwrap_err().to_string();
    assert!(said.contains("Ingress/shop-canary is there already"), "{said}");
    site.route("nginx", &router, &[(&first, 0), (&second, 100)], None)
        .await;
    assert!(site.get("ingress/shop-canary").is_some());
    site.stop(&one).await;
    site.stop(&two).await;
}
