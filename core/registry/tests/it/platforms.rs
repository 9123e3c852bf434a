//! Which image of an index is for a machine, in a real registry.

use bytes::Bytes;
use serde_json::json;
use slipway_registry::{Descriptor, ManifestBuilder, Repository, media, platform};

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
