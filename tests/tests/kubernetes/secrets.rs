//! Secrets on their way to the cluster.

use serde_json::{Value, json};
use slipway_plugin::{ChangeKind, Secret};
use slipway_tests::{Site, objects};

use super::{cluster, none};

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
