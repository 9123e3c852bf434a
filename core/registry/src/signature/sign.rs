//! A signature of our own, in the older form, which every version of `cosign` verifies: with an Ed25519 key, and so the same
//! for the same manifest.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use rustls_pki_types::{PrivatePkcs8KeyDer, pem::PemObject as _};
use serde_json::json;
use slipway_model::Digest;

use super::{PublicKey, simple};
use crate::{
    descriptor::{Descriptor, media},
    error::Result,
    manifest::Manifest,
    reference::Tag,
    referrers::cosign_tag,
    repository::Repository,
};

/// A private key.
pub struct Signer {
    key: Ed25519KeyPair,
    public: PublicKey,
}

impl Signer {
    /// From the text of a file, as `openssl genpkey -algorithm ed25519` writes it.
    pub fn from_pem(pem: &[u8]) -> Result<Self, String> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem)
            .map_err(|_| "there is no `-----BEGIN PRIVATE KEY-----` in it".to_owned())?;
        let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_pkcs8_der())
            .map_err(|error| format!("it is no Ed25519 key: {error}"))?;
        let public = PublicKey::ed25519(key.public_key().as_ref());
        Ok(Self { key, public })
    }

    pub fn public(&self) -> &PublicKey {
        &self.public
    }
}

/// Signs a manifest of this repository, beside what others have signed of it. Nothing changes where this key has.
pub async fn sign(repository: &Repository, digest: &Digest, signer: &Signer) -> Result<()> {
    let place = repository.to_string();
    let place = place.split_once("://").map_or(place.as_str(), |(_, place)| place);
    let payload = json!({
        "critical": {
            "identity": { "docker-reference": place },
            "image": { "docker-manifest-digest": digest },
            "type": simple::TYPE,
        },
        "optional": null,
    });
    let payload = payload.to_string().into_bytes();
    // Not over a hash (Ed25519ph), as `cosign` 3.1 signs: it verifies only this.
    let signature = STANDARD.encode(signer.key.sign(&payload));
    let tag = cosign_tag(digest, "sig");
    let mut layers = there(repository, &tag).await?;
    if layers
        .iter()
        .any(|layer| layer.annotations.get(simple::SIGNATURE) == Some(&signature))
    {
        return Ok(());
    }
    let mut layer = repository.push_bytes(simple::LAYER, payload).await?;
    layer.annotations = BTreeMap::from([(simple::SIGNATURE.to_owned(), signature)]);
    layers.push(layer);
    // Readers take it for an image.
    let files: Vec<_> = layers.iter().map(|layer| layer.digest).collect();
    let config = json!({
        "architecture": "", "os": "", "config": {}, "rootfs": { "type": "layers", "diff_ids": files },
    });
    let config = repository.push_bytes(media::IMAGE_CONFIG, config.to_string().into_bytes());
    let manifest = json!({
        "schemaVersion": 2, "mediaType": media::MANIFEST, "config": config.await?, "layers": layers,
    });
    let manifest = manifest.to_string().into_bytes();
    repository.put_manifest(Some(&tag), manifest.into()).await?;
    Ok(())
}

/// What others have put under the tag.
async fn there(repository: &Repository, tag: &Tag) -> Result<Vec<Descriptor>> {
    let Some(found) = repository.resolve(tag).await? else {
        return Ok(Vec::new());
    };
    let Manifest { layers, .. } = repository.manifest(&found.digest).await?.parse()?;
    Ok(layers)
}
