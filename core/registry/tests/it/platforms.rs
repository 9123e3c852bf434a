//! Which image of an index is for a machine, in a real registry.

use bytes::Bytes;
use serde_json::json;
use slipway_registry::{
    CopyOptions, Descriptor, ManifestBuilder, Repository, copy_platforms, media, platform,
};

use crate::{
    registry::{Auth, Server},
    support::{client, deployer, push, repository, tag},
};

async fn image(to: &Repository, os: &str, architecture: &str) -> Descriptor {
    let config = json!({ "os": os, "architecture": architecture, "rootfs": { "diff_ids": [] } });
    let config = to
        .push_bytes(media::IMAGE_CONFIG, config.to_string())
        .await
        .unwrap();
    let image = ManifestBuilder::image(config).bytes();
    to.put_manifest(None, image).await.unwrap()
}

#[tokio::test]
async fn the_image_for_a_machine() {
    let (server, client) = (Server::start(Auth::Nobody), client(deployer));
    let repository = repository(&server.url(), "web", &client);
    let mut children = Vec::new();
    let mut images = Vec::new();
    for (os, architecture, variant) in [
        ("linux", "amd64", None),
        ("linux", "arm64", Some("v8")),
        ("linux", "arm", Some("v6")),
        ("unknown", "unknown", None),
    ] {
        let image = image(&repository, os, architecture).await;
        let mut child = serde_json::to_value(&image).unwrap();
        child["platform"] = json!({ "os": os, "architecture": architecture });
        if let Some(variant) = variant {
            child["platform"]["variant"] = json!(variant);
        }
        children.push(child);
        images.push(image);
    }
    let index = json!({ "schemaVersion": 2, "mediaType": media::INDEX, "manifests": children });
    let index = Bytes::from(index.to_string());
    let index = repository.put_manifest(Some(&tag("1")), index).await.unwrap();
    let artifact = push(&repository, "2", &[]).await;
    let chosen = async |of: &Descriptor, wanted: &str| {
        let chosen = platform(&repository, &of.digest, &wanted.parse().unwrap()).await;
        chosen
            .map(|chosen| {
                images
                    .iter()
                    .position(|image| image.digest == chosen.digest)
                    .unwrap()
            })
            .map_err(|error| error.to_string().split_once(": ").unwrap().1.to_owned())
    };
    assert_eq!(chosen(&index, "linux/amd64").await, Ok(0));
    assert_eq!(chosen(&index, "linux/arm64").await, Ok(1));
    assert_eq!(chosen(&index, "linux/arm/v7").await, Ok(2));
    assert_eq!(
        chosen(&index, "linux/s390x").await,
        Err(
            "not found: nothing for linux/s390x; it has linux/amd64, linux/arm/v6, linux/arm64/v8".to_owned()
        )
    );
    assert_eq!(chosen(&images[0], "linux/amd64").await, Ok(0));
    assert_eq!(
        chosen(&images[0], "linux/arm64").await,
        Err("not found: nothing for linux/arm64; it has linux/amd64".to_owned())
    );
    assert_eq!(
        chosen(&artifact, "linux/amd64").await,
        Err("it is an artifact, which is for no platform".to_owned())
    );
}

#[tokio::test]
async fn an_index_with_fewer_images() {
    let (server, client) = (Server::start(Auth::Nobody), client(deployer));
    let (from, to) = (
        repository(&server.url(), "web", &client),
        repository(&server.url(), "narrow", &client),
    );
    let mut children = Vec::new();
    for (os, architecture) in [("linux", "amd64"), ("linux", "arm64"), ("windows", "amd64")] {
        let mut child = serde_json::to_value(image(&from, os, architecture).await).unwrap();
        child["platform"] = json!({ "os": os, "architecture": architecture });
        children.push(child);
    }
    // What a builder attests of the first two.
    for about in 0..2 {
        let mut child = serde_json::to_value(image(&from, "unknown", &about.to_string()).await).unwrap();
        child["platform"] = json!({ "os": "unknown", "architecture": "unknown" });
        child["annotations"] = json!({ "vnd.docker.reference.digest": children[about]["digest"] });
        children.push(child);
    }
    let index = |children: &[serde_json::Value]| {
        let index = json!({ "schemaVersion": 2, "mediaType": media::INDEX, "manifests": children, "annotations": { "a": "b" } });
        Bytes::from(index.to_string())
    };
    let whole = from
        .put_manifest(Some(&tag("1")), index(&children))
        .await
        .unwrap();
    let narrow = async |wanted: &[&str]| {
        let wanted: Vec<_> = wanted.iter().map(|text| text.parse().unwrap()).collect();
        let options = CopyOptions::default();
        copy_platforms(&from, &whole.digest, &to, &wanted, &options).await
    };

    let found = narrow(&["linux/amd64"]).await.unwrap();
    let left: Vec<_> = found.left_out.iter().map(ToString::to_string).collect();
    assert_eq!(left, ["linux/arm64", "windows/amd64"]);
    let stored = to.manifest(&found.report.descriptor.digest).await.unwrap();
    let kept: serde_json::Value = serde_json::from_slice(&stored.bytes).unwrap();
    assert_eq!(kept["manifests"], json!([children[0], children[3]]));
    assert_eq!(kept["annotations"], json!({ "a": "b" }));
    let digest = |child: &serde_json::Value| child["digest"].as_str().unwrap().parse().unwrap();
    for (child, there) in children.iter().zip([true, false, false, true, false]) {
        assert_eq!(to.manifest(&digest(child)).await.is_ok(), there, "{child}");
    }
    // The same choice is the same index.
    assert_eq!(
        narrow(&["linux/amd64"]).await.unwrap().report.descriptor,
        found.report.descriptor
    );

    let error = narrow(&["linux/amd64", "linux/s390x"])
        .await
        .unwrap_err()
        .to_string();
    let there = "nothing for linux/s390x; it has linux/amd64, linux/arm64, windows/amd64";
    assert!(error.contains(there), "{error}");
    let all = narrow(&["linux/amd64", "linux/arm64", "windows/amd64"])
        .await
        .unwrap();
    assert_eq!(all.report.descriptor.digest, whole.digest);
    assert_eq!(all.left_out, []);
}
