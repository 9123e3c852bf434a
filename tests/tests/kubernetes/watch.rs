//! What is waited for is watched, and not asked for again and again.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use slipway_plugin::InstanceState;
use slipway_tests::{Site, objects};

use super::{cluster, none};

/// How often a list was asked for that way.
fn asked(site: &Site<'_>, what: &str, watched: bool) -> usize {
    let record = site.effects.text();
    let paths = record.split("\"path\": String(\"").skip(1);
    let paths = paths.filter_map(|rest| rest.split('"').next());
    paths
        .filter(|path| path.contains(what) && path.contains("watch=1") == watched)
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wave_that_takes_its_time_is_listed_once_and_watched() {
    let (cluster, image) = cluster();
    let site = Site::new(cluster, "waves", json!({})).await;
    let mut given = objects(image, "1", 2, json!({}));
    let web = &mut given["Deployment.apps/web"];
    web["spec"]["template"]["spec"]["containers"][0]["readinessProbe"]["initialDelaySeconds"] = json!(4);
    let mut late = web.clone();
    web["metadata"]["annotations"] = json!({ "slipway.dev/wave": "-1" });
    late["metadata"]["name"] = json!("late");
    late["spec"]["selector"]["matchLabels"]["app"] = json!("late");
    late["spec"]["template"]["metadata"]["labels"]["app"] = json!("late");
    given["Deployment.apps/late"] = late;
    let one = site.revision(&given, &none());
    let began = Instant::now();
    site.start(&one).await.unwrap();
    assert!(began.elapsed() > Duration::from_secs(4));
    assert!(site.get("deployment/late").is_some());
    let alone = "deployments?fieldSelector=metadata.name%3Dweb";
    assert_eq!(asked(&site, alone, false), 1);
    let watched = asked(&site, alone, true);
    assert!((1..15).contains(&watched), "{watched}");
    assert_eq!(
        (asked(&site, "/pods?", false), asked(&site, "/events?", false)),
        (1, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_waits_for_a_change() {
    let (cluster, image) = cluster();
    let site = Site::new(cluster, "watched", json!({})).await;
    let one = site.revision(&objects(image, "1", 1, json!({})), &none());
    site.up(&one).await;
    // Endpoints and conditions follow within moments.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let first = site
        .probe_since(&one.name, String::new(), Duration::ZERO)
        .await
        .unwrap();
    assert_eq!(
        first.instance.map(|instance| instance.state),
        Some(InstanceState::Healthy)
    );
    let lists = asked(&site, "deployments?", false);
    let waited = async |since: &str, wait: u64| {
        let began = Instant::now();
        let seen = site
            .probe_since(&one.name, since.to_owned(), Duration::from_secs(wait))
            .await;
        (seen, began.elapsed())
    };
    let (seen, took) = waited(&first.next, 1).await;
    assert_eq!(seen, None);
    assert!(took >= Duration::from_millis(900), "{took:?}");
    assert_eq!(asked(&site, "deployments?", false), lists);

    let scale = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let scale = || site.kubectl(&["scale", "deployment/web", "--replicas=0"]);
        drop(tokio::task::block_in_place(scale));
    };
    let ((seen, took), ()) = tokio::join!(waited(&first.next, 20), scale);
    let seen = seen.unwrap();
    assert_ne!(seen.next, first.next);
    assert!(took < Duration::from_secs(5), "{took:?}");

    // A server that does not remember so far back is asked anew.
    let mut old: Value = serde_json::from_str(&seen.next).unwrap();
    old.as_object_mut()
        .unwrap()
        .values_mut()
        .for_each(|version| *version = json!("1"));
    let (seen, took) = waited(&old.to_string(), 20).await;
    assert!(
        seen.is_some() && took < Duration::from_secs(5),
        "{seen:?} {took:?}"
    );
}
