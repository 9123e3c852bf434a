//! Programs that run once in a cluster, as the pods of a revision would that is not there yet.

use std::time::{Duration, Instant};

use serde_json::json;
use slipway_plugin::{Ended, Secret, Task};
use slipway_tests::{Site, objects};

use super::{cluster, none};

const KEY: &str = "correct-horse-battery";

/// Asked as a run asks it.
async fn run(site: &Site<'_>, task: &Task) -> Ended {
    let began = Instant::now();
    let mut begun = false;
    loop {
        let told = site.execute(task, begun, Duration::from_secs(1)).await;
        if let Some(ended) = told.expect("it can be executed") {
            return ended;
        }
        assert!(began.elapsed() < Duration::from_secs(90), "it never ends");
        begun = true;
    }
}

/// What there is of tasks, by their marks.
fn left(site: &Site<'_>) -> Vec<String> {
    let kinds = "jobs,pods,configmaps,secrets";
    let listed = site.kubectl(&["get", kinds, "-o", "name"]);
    let ours = listed.lines().filter(|name| name.contains("0000000"));
    ours.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_runs_once_with_what_its_revision_has() {
    let (cluster, image) = cluster();
    let mut site = Site::new(cluster, "tasks", json!({})).await;
    site.secrets.insert("key".to_owned(), Secret::new(KEY));
    let mut wanted = objects(image, "1", 1, json!({}));
    let container = &mut wanted["Deployment.apps/web"]["spec"]["template"]["spec"]["containers"][0];
    container["env"] = json!([
        { "name": "VERSION", "value": "1" },
        { "name": "KEY", "valueFrom": { "secretKeyRef": { "name": "keys", "key": "key" } } }
    ]);
    wanted["Secret/keys"] = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "keys" }, "stringData": { "key": "${secret.key}" }
    });
    let spec = site.revision(&wanted, &none());

    // Nothing of the revision is in the cluster yet.
    let says = ["/bin/server", "say", "GREETING", "KEY", "VERSION", "SLIPWAY_AT"];
    let task = site.task(&spec, "00000001", &says);
    let ended = run(&site, &task).await;
    assert_eq!((ended.code, ended.why.as_str()), (Some(0), ""), "{ended:?}");
    assert_eq!(
        ended.said,
        "GREETING is from 1\nKEY is ${secret.key}\nVERSION is 1\nSLIPWAY_AT is before-run"
    );
    assert_eq!(site.names("deployments"), Vec::<String>::new());
    // Whoever asks again, as one that was interrupted or goes on, finds the same.
    for begun in [false, true] {
        let again = site.execute(&task, begun, Duration::ZERO).await;
        assert_eq!(again.expect("it is known"), Some(ended.clone()));
    }
    assert_eq!(site.names("pods").len(), 1);
    site.dismiss(&task).await;
    assert_eq!(left(&site), Vec::<String>::new());
    let gone = site.execute(&task, true, Duration::ZERO).await;
    let gone = gone.expect_err("it is not run again").to_string();
    assert!(gone.contains("is not there any more"), "{gone}");
    assert_eq!(left(&site), Vec::<String>::new());

    // Beside the instance: neither users nor anybody who looks take it for one of its pods.
    let instance = site.up(&spec).await;
    let long = site.task(&spec, "00000002", &["/bin/server", "end", "600000", "0"]);
    assert_eq!(
        site.execute(&long, false, Duration::from_secs(3))
            .await
            .expect("it runs"),
        None
    );
    assert_eq!(site.names("pods").len(), 2);
    let slices = site.kubectl(&[
        "get",
        "endpointslices",
        "-o",
        "jsonpath={.items[*].endpoints[*].targetRef.name}",
    ]);
    assert_eq!(slices.split_whitespace().count(), 1, "{slices}");
    let seen = site.probe(&spec.name).await.expect("it is there");
    assert_eq!((seen.state, seen.detail), (instance.state, String::new()));
    site.dismiss(&long).await;
    assert_eq!((left(&site), site.names("pods").len()), (vec![], 1));

    // One that fails, one that takes too long, and one that nobody has dismissed.
    let fails = site.task(&spec, "00000003", &["/bin/server", "end", "0", "3"]);
    let ended = run(&site, &fails).await;
    assert_eq!(
        (ended.code, ended.said.as_str()),
        (Some(3), "it ends"),
        "{ended:?}"
    );
    let late = Task {
        timeout: slipway_model::Duration::from_secs(2),
        ..site.task(&spec, "00000004", &["/bin/server", "end", "600000", "0"])
    };
    let ended = run(&site, &late).await;
    assert_eq!(
        (ended.code, ended.why.as_str()),
        (None, "did not end within 2 s, and was ended")
    );
    assert!(!left(&site).is_empty());
    site.stop(&spec).await;
    site.cleanup(&spec).await.expect("nothing runs of it");
    assert_eq!(left(&site), Vec::<String>::new());
}
