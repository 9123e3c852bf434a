//! The plugins for clusters, against a real one.

use std::sync::OnceLock;

use serde_json::{Value, json};
use slipway_plugin::{ChangeKind, InstanceState, Secret};
use slipway_tests::{Cluster, Site, objects};

/// One for all tests of this file: each has a namespace of its own.
fn cluster() -> (&'static Cluster, &'static str) {
    static CLUSTER: OnceLock<(Cluster, String)> = OnceLock::new();
    let (cluster, image) = CLUSTER.get_or_init(|| {
        let cluster = Cluster::start();
        let image = cluster.server_image("server:1");
        (cluster, image)
    });
    (cluster, image)
}

fn none() -> Value {
    json!([])
}

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

#[tokio::test(flavor = "multi_thread")]
async fn what_others_have_set_is_theirs() {
    let (cluster, image) = cluster();
    let mut site = Site::new(cluster, "conflicts", json!({})).await;
    let one = site.revision(&objects(image, "1", 1, json!({})), &none());
    site.up(&one).await;
    site.kubectl(&[
        "patch",
        "deployment",
        "web",
        "--field-manager=somebody",
        "-p",
        r#"{"spec":{"replicas":2}}"#,
    ]);
    let two = site.revision(&objects(image, "2", 1, json!({})), &none());
    let plan = site.plan(&two).await;
    let deployment = plan
        .iter()
        .find(|change| change.subject == "Deployment.apps/web")
        .unwrap();
    assert!(
        deployment
            .detail
            .contains("spec.replicas: 2 -> 1 (set by somebody)"),
        "{deployment:?}"
    );
    let error = site.start(&two).await.unwrap_err().to_string();
    assert!(
        error.contains("applying Deployment.apps/web: others have set .spec.replicas (set by somebody)"),
        "{error}"
    );
    site.set(json!({ "conflicts": "take" }));
    site.up(&two).await;
    assert_eq!(site.get("deployment/web").unwrap()["spec"]["replicas"], 1);

    // A selector cannot be changed; a Deployment can be made anew if that is allowed.
    let labels = json!({ "Deployment.apps/web": { "spec": {
        "selector": { "matchLabels": { "app": "shop" } }, "template": { "metadata": { "labels": { "app": "shop" } } }
    } }, "Service/web": { "spec": { "selector": { "app": "shop" } } } });
    let three = site.revision(&objects(image, "3", 1, labels), &none());
    let error = site.start(&three).await.unwrap_err().to_string();
    assert!(error.contains("field is immutable"), "{error}");
    site.set(json!({ "allow": ["replace"] }));
    let third = site.up(&three).await;
    assert_eq!(site.ask(&third, "web", "/version"), "3");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cause_is_the_first_thing_said() {
    let (cluster, image) = cluster();
    let site = Site::new(cluster, "failures", json!({})).await;
    let container = |change: Value| {
        let mut objects = objects(image, "1", 1, json!({}));
        let container = &mut objects["Deployment.apps/web"]["spec"]["template"]["spec"]["containers"][0];
        for (key, value) in change.as_object().unwrap() {
            container[key] = value.clone();
        }
        objects
    };
    let missing = format!("{}/missing:1", cluster.registry());
    let env = |name: &str, value: &str| json!({ "env": [{ "name": name, "value": value }] });
    let cases: [(Value, InstanceState, String); 6] = [
        (
            container(json!({ "image": missing })),
            InstanceState::Failed,
            format!("image {missing} cannot be pulled: "),
        ),
        (
            container(env("CRASH", "no database")),
            InstanceState::Failed,
            "container web ended with exit code 7".to_owned(),
        ),
        (
            container(
                json!({ "env": [{ "name": "HUNGRY", "value": "yes" }], "resources": { "limits": { "memory": "32Mi" } } }),
            ),
            InstanceState::Failed,
            "container web was ended because it took more memory than its limit of 32Mi".to_owned(),
        ),
        (
            container(
                json!({ "readinessProbe": { "httpGet": { "path": "/none", "port": 8080 }, "periodSeconds": 1 } }),
            ),
            InstanceState::Unhealthy,
            "readiness probe failed: HTTP probe failed with statuscode: 404".to_owned(),
        ),
        (
            container(json!({ "resources": { "requests": { "cpu": "1000" } } })),
            InstanceState::Unhealthy,
            "no node can take the pod: 0/1 nodes are available: 1 Insufficient cpu".to_owned(),
        ),
        (
            container(json!({ "envFrom": [{ "secretRef": { "name": "nobody" } }] })),
            InstanceState::Failed,
            "container web cannot be started: secret \"nobody\" not found".to_owned(),
        ),
    ];
    for (objects, state, cause) in cases {
        let spec = site.revision(&objects, &none());
        site.start(&spec).await.unwrap();
        let seen = site
            .until(&spec, &cause, |instance| {
                instance.state == state && instance.detail.starts_with(&cause)
            })
            .await;
        if cause.contains("exit code 7") {
            assert!(
                seen.detail.ends_with("starting\nERROR no database"),
                "{}",
                seen.detail
            );
            let (log, _) = site.logs(&spec, String::new()).await;
            assert!(log.matches("ERROR no database").count() >= 1, "{log}");
        }
        site.stop(&spec).await;
    }
    site.kubectl(&["create", "quota", "small", "--hard=pods=0"]);
    let spec = site.revision(&objects(image, "quota", 1, json!({})), &none());
    site.start(&spec).await.unwrap();
    let cause = "no pod can be made: ";
    let seen = site
        .until(&spec, cause, |instance| instance.detail.starts_with(cause))
        .await;
    assert!(seen.detail.contains("exceeded quota: small"), "{}", seen.detail);
    site.stop(&spec).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_reach_the_cluster_and_nobody_else() {
    let (cluster, image) = cluster();
    let mut site = Site::new(cluster, "secrets", json!({})).await;
    // In base64 it would come back as this.
    let secret = "pa\"ss\\word-\u{fc}\n";
    site.secrets.insert("db".to_owned(), Secret::new(secret));
    let url = "cG9zdGdyZXM6Ly8ke3NlY3JldC5kYn1AZGI="; // postgres://${secret.db}@db
    let with = |data: Value| {
        let body =
            json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "db" }, "data": data });
        objects(image, "1", 1, json!({ "Secret/db": body }))
    };
    let one = site.revision(&with(json!({ "url": url, "plain": "eA==" })), &none());
    site.up(&one).await;
    let data = |site: &Site<'_>| site.get("secret/db").unwrap()["data"].clone();
    let encoded = data(&site)["url"].as_str().unwrap().to_owned();
    let decoded = site.kubectl(&[
        "get",
        "secret",
        "db",
        "-o",
        "go-template={{.data.url | base64decode}}",
    ]);
    assert_eq!(decoded, format!("postgres://{secret}@db"));
    let plan = site.plan(&one).await;
    let kept = plan.iter().find(|change| change.subject == "Secret/db").unwrap();
    assert_eq!(kept.kind, ChangeKind::Keep, "{kept:?}");

    let two = site.revision(&with(json!({ "plain": "eQ==" })), &none());
    let plan = site.plan(&two).await;
    let changed = plan.iter().find(|change| change.subject == "Secret/db").unwrap();
    assert_eq!(
        (changed.kind, changed.detail.as_str()),
        (ChangeKind::Replace, "data: *** -> ***")
    );
    site.up(&two).await;
    assert_eq!(data(&site), json!({ "plain": "eQ==" }));
    let record = site.effects.text();
    for form in [secret, &encoded, "pa\\\"ss", "password-"] {
        assert!(!record.contains(form), "{form}");
    }
    site.stop(&two).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn definitions_hooks_and_waves_come_in_order() {
    let (cluster, image) = cluster();
    let site = Site::new(cluster, "order", json!({ "allow": ["prune-crds"] })).await;
    let group = "order.example.com";
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": { "name": format!("widgets.{group}") },
        "spec": { "group": group, "scope": "Namespaced", "names": { "kind": "Widget", "plural": "widgets" }, "versions": [
            { "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": { "type": "object", "x-kubernetes-preserve-unknown-fields": true } } }
        ] }
    });
    let widget = json!({ "apiVersion": format!("{group}/v1"), "kind": "Widget", "metadata": { "name": "w" }, "spec": { "size": 1 } });
    let mut changes = json!({});
    changes[format!("CustomResourceDefinition.apiextensions.k8s.io/widgets.{group}")] = definition;
    changes[format!("Widget.{group}/w")] = widget;
    changes["Deployment.apps/web"] = json!({ "metadata": { "annotations": { "slipway.dev/wave": "1" } } });
    changes["Job.batch/early"] = job("early", image, json!([{ "name": "JOB", "value": "early work" }]));
    let hook = |name: &str, env: Value, policy: &[&str]| json!({ "object": job(name, image, env), "when": ["pre-install", "pre-upgrade"], "weight": 1, "delete": policy });
    let good = hook(
        "migrate",
        json!([{ "name": "JOB", "value": "migrated" }]),
        &["before-hook-creation", "hook-succeeded"],
    );
    let one = site.revision(&objects(image, "1", 1, changes.clone()), &json!([good]));
    site.up(&one).await;
    assert_eq!(site.names("jobs"), ["job.batch/early"]);
    let made = |what: &str| {
        site.get(what).unwrap()["metadata"]["creationTimestamp"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(made("job/early") <= made("deployment/web"));
    assert!(site.get("widgets/w").is_some());
    let (log, _) = site.logs(&one, String::new()).await;
    assert!(
        log.contains("early work") && log.contains("version 1 listens"),
        "{log}"
    );

    let bad = hook(
        "migrate",
        json!([{ "name": "CRASH", "value": "no such table" }]),
        &["hook-failed"],
    );
    let two = site.revision(&objects(image, "2", 1, changes.clone()), &json!([bad]));
    let error = site.start(&two).await.unwrap_err().to_string();
    assert!(
        error.contains("pre-upgrade: Job.batch/migrate has failed") && error.contains("exit code 7"),
        "{error}"
    );
    assert!(error.contains("ERROR no such table"), "{error}");
    // Nothing after it was done.
    assert_eq!(site.names("jobs"), ["job.batch/early"]);
    let running = site.get("deployment/web").unwrap();
    assert_eq!(
        running["spec"]["template"]["metadata"]["labels"]["slipway.dev/revision"],
        one.revision.short()
    );

    // What defines goes with what it defines, if that is allowed.
    let three = site.revision(&objects(image, "3", 1, json!({})), &none());
    site.up(&three).await;
    cluster.until("the definition is gone", || {
        site.get(&format!("crd/widgets.{group}")).is_none()
    });
}

fn job(name: &str, image: &str, env: Value) -> Value {
    json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": name },
        "spec": { "backoffLimit": 0, "template": { "spec": {
            "restartPolicy": "Never", "containers": [{ "name": "work", "image": image, "env": env }]
        } } }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_belongs_to_one_service() {
    let (cluster, image) = cluster();
    let site = Site::new(cluster, "owners", json!({})).await;
    site.kubectl(&["create", "configmap", "settings", "--from-literal=GREETING=mine"]);
    site.kubectl(&[
        "label",
        "configmap",
        "settings",
        "slipway.dev/service=other",
        "slipway.dev/environment=owners",
    ]);
    let one = site.revision(&objects(image, "1", 1, json!({})), &none());
    let error = site.start(&one).await.unwrap_err().to_string();
    assert!(
        error.contains("ConfigMap/settings is there already and belongs to service other"),
        "{error}"
    );
    assert_eq!(site.names("deployments,services"), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_one_writer() {
    let (cluster, image) = cluster();
    let site = Site::new(cluster, "writer", json!({})).await;
    let other = Site::again(cluster, "writer", json!({})).await;
    let slow = json!({ "object": job("slow", image, json!([{ "name": "START_MS", "value": "60000" }])), "when": ["pre-install"] });
    let one = site.revision(&objects(image, "1", 1, json!({})), &json!([slow]));
    let two = other.revision(&objects(image, "2", 1, json!({})), &none());
    let starting = site.start(&one);
    let refused = async {
        loop {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            if site.get("job/slow").is_some() {
                let refused = other.start(&two).await.unwrap_err().to_string();
                // It ends, and so does the waiting for it.
                site.kubectl(&["delete", "job", "slow", "--wait=false"]);
                return refused;
            }
        }
    };
    let refused = tokio::select! {
        started = starting => panic!("it waits for its hook: {started:?}"),
        refused = refused => refused,
    };
    assert!(
        refused.contains("another Slipway is deploying there now: slipway-"),
        "{refused}"
    );
}

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
