//! In place, and not all at once: StatefulSets step by step, Deployments held in the midst of it.

use std::time::Duration;

use serde_json::{Value, json};
use slipway_plugin::{InstanceSpec, InstanceState};
use slipway_tests::{Site, objects};

use super::{cluster, none};

/// A web server as a StatefulSet, with a ConfigMap that only this version has.
fn database(image: &str, version: &str, replicas: u32, strategy: Value) -> Value {
    let mut given = objects(image, version, replicas, json!({}));
    let mut set = given["Deployment.apps/web"].take();
    set["kind"] = json!("StatefulSet");
    set["metadata"]["name"] = json!("db");
    set["spec"]["serviceName"] = json!("web");
    set["spec"]["updateStrategy"] = strategy;
    let settings = format!("settings-{version}");
    set["spec"]["template"]["spec"]["containers"][0]["envFrom"][0]["configMapRef"]["name"] = json!(settings);
    let mut map = given["ConfigMap/settings"].take();
    map["metadata"]["name"] = json!(settings);
    given[format!("ConfigMap/{settings}")] = map;
    given["StatefulSet.apps/db"] = set;
    let given = given.as_object_mut().expect("objects");
    given.retain(|_, object| !object.is_null());
    json!(given)
}

/// Which version each pod is of, by name.
fn versions(site: &Site<'_>) -> Vec<(String, String)> {
    let list: Value = serde_json::from_str(&site.kubectl(&["get", "pods", "-o", "json"])).expect("JSON");
    let pods = list["items"].as_array().expect("a list").iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    pods.filter(|pod| pod["metadata"]["deletionTimestamp"].is_null())
        .map(|pod| {
            let version = &pod["spec"]["containers"][0]["env"][0]["value"];
            (text(&pod["metadata"]["name"]), text(version))
        })
        .collect()
}

fn of(versions: &[(String, String)]) -> Vec<&str> {
    versions.iter().map(|(_, version)| version.as_str()).collect()
}

async fn until(site: &Site<'_>, spec: &InstanceSpec, state: InstanceState) {
    site.until(spec, &format!("{state:?}"), |instance| instance.state == state)
        .await;
}

fn partition(site: &Site<'_>) -> Value {
    site.get("statefulset/db").expect("it is there")["spec"]["updateStrategy"]["rollingUpdate"]["partition"]
        .clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stateful_set_goes_one_pod_a_step_and_back_from_any_of_them() {
    let (cluster, image) = cluster();
    let site = Site::new(cluster, "steps", json!({})).await;
    let one = site.revision(&database(image, "1", 3, json!({})), &none());
    let two = site.revision(&database(image, "2", 3, json!({})), &none());
    site.up(&one).await;
    for (step, expected) in [(2, ["1", "1", "2"]), (1, ["1", "2", "2"])] {
        site.start(&two).await.unwrap();
        until(&site, &two, InstanceState::Partial).await;
        assert_eq!(
            (of(&versions(&site)), partition(&site)),
            (expected.to_vec(), json!(step))
        );
        // What the revision before needs stays for as long as it runs.
        assert!(
            site.names("configmaps")
                .contains(&"configmap/settings-1".to_owned())
        );
    }
    // Back from the midst of it.
    let back = InstanceSpec {
        back: true,
        ..one.clone()
    };
    site.start(&back).await.unwrap();
    until(&site, &one, InstanceState::Healthy).await;
    assert_eq!((of(&versions(&site)), partition(&site)), (vec!["1"; 3], json!(0)));
    assert!(
        !site
            .names("configmaps")
            .contains(&"configmap/settings-2".to_owned())
    );

    for _ in 0..3 {
        site.start(&two).await.unwrap();
        site.until(&two, "a step further", |instance| {
            matches!(instance.state, InstanceState::Partial | InstanceState::Healthy)
        })
        .await;
    }
    until(&site, &two, InstanceState::Healthy).await;
    assert_eq!((of(&versions(&site)), partition(&site)), (vec!["2"; 3], json!(0)));
    assert!(
        !site
            .names("configmaps")
            .contains(&"configmap/settings-1".to_owned())
    );
    // Starting it once more changes nothing.
    site.start(&two).await.unwrap();
    until(&site, &two, InstanceState::Healthy).await;
    assert_eq!(site.observe().await.len(), 1);

    // One that never gets well takes one pod, and would keep the StatefulSet from going back.
    let mut broken = database(image, "3", 3, json!({}));
    broken["StatefulSet.apps/db"]["spec"]["template"]["spec"]["containers"][0]["image"] =
        json!("127.0.0.1:1/none:1");
    let three = site.revision(&broken, &none());
    site.start(&three).await.unwrap();
    site.until(&three, "failed", |instance| {
        !matches!(instance.state, InstanceState::Starting)
    })
    .await;
    assert_eq!(of(&versions(&site)), ["2", "2", "3"]);
    site.start(&InstanceSpec {
        back: true,
        ..two.clone()
    })
    .await
    .unwrap();
    until(&site, &two, InstanceState::Healthy).await;
    assert_eq!(of(&versions(&site)), ["2"; 3]);
    site.stop(&two).await;
    assert_eq!(site.names("pods,statefulsets"), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_manifest_says_of_its_update_counts() {
    let (cluster, image) = cluster();
    let site = Site::new(cluster, "decided", json!({})).await;
    let strategy =
        |partition: u32| json!({ "type": "RollingUpdate", "rollingUpdate": { "partition": partition } });
    let one = site.revision(&database(image, "1", 3, strategy(0)), &none());
    site.up(&one).await;
    let two = site.revision(&database(image, "2", 3, strategy(1)), &none());
    site.up(&two).await;
    assert_eq!(
        (of(&versions(&site)), partition(&site)),
        (vec!["1", "2", "2"], json!(1))
    );
    let three = site.revision(&database(image, "3", 3, json!({ "type": "OnDelete" })), &none());
    site.up(&three).await;
    assert_eq!(of(&versions(&site)), ["1", "2", "2"]);
}

/// A Deployment that replaces one pod after another, each of which takes some seconds.
fn slow(image: &str, version: &str) -> Value {
    let mut given = objects(image, version, 4, json!({}));
    let spec = &mut given["Deployment.apps/web"]["spec"];
    spec["strategy"] = json!({ "rollingUpdate": { "maxSurge": 1, "maxUnavailable": 0 } });
    spec["template"]["spec"]["containers"][0]["readinessProbe"]["initialDelaySeconds"] = json!(3);
    given
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_is_held_where_it_is_and_goes_on_or_back() {
    let (cluster, image) = cluster();
    let site = Site::new(cluster, "held", json!({})).await;
    let specs = ["1", "2", "3"].map(|version| site.revision(&slow(image, version), &none()));
    let [one, two, three] = &specs;
    site.up(one).await;
    let new = |version: &str| versions(&site).iter().filter(|(_, of)| of == version).count();
    let begun = async |spec: &InstanceSpec, version: &str| {
        site.start(spec).await.unwrap();
        cluster.until("the first pod is replaced", || new(version) >= 2);
        site.hold(spec, true).await;
        cluster.until("the controller has seen it", || {
            let live = site.get("deployment/web").unwrap();
            live["status"]["observedGeneration"] == live["metadata"]["generation"]
        });
        // Whoever was under way arrives.
        tokio::time::sleep(Duration::from_secs(5)).await;
        let held = versions(&site);
        tokio::time::sleep(Duration::from_secs(8)).await;
        assert_eq!(versions(&site), held);
        assert!((2..4).contains(&new(version)), "{held:?}");
        site.until(spec, "held", |instance| {
            instance.detail.contains("it is held while the run is paused")
        })
        .await;
    };
    begun(two, "2").await;
    // Holding it twice is holding it once.
    site.hold(two, true).await;
    site.hold(two, false).await;
    until(&site, two, InstanceState::Healthy).await;
    assert_eq!(new("2"), 4);
    assert_eq!(site.get("deployment/web").unwrap()["spec"]["paused"], Value::Null);

    begun(three, "3").await;
    let back = InstanceSpec {
        back: true,
        ..two.clone()
    };
    site.start(&back).await.unwrap();
    until(&site, two, InstanceState::Healthy).await;
    assert_eq!(new("2"), 4);
    assert_eq!(site.get("deployment/web").unwrap()["spec"]["paused"], Value::Null);

    // What somebody else has paused is theirs to let go of, and told.
    site.kubectl(&["rollout", "pause", "deployment/web"]);
    site.start(three).await.unwrap();
    let paused = site
        .until(three, "paused", |instance| {
            instance.detail.contains("it is paused by")
        })
        .await;
    assert!(paused.detail.contains("kubectl"), "{}", paused.detail);
    assert!(site.effects.text().contains("none of its pods is replaced until"));
    site.hold(three, true).await;
    site.hold(three, false).await;
    assert_eq!(new("3"), 0);
    site.kubectl(&["rollout", "resume", "deployment/web"]);
    until(&site, three, InstanceState::Healthy).await;
}
