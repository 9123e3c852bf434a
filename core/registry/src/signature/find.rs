//! Where signatures are: under cosign's tag, and among what names the manifest as its subject. Whoever may write to the
//! repository may put anything there: what cannot be read is noted and hides no other, and only so many are looked at.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use slipway_model::Digest;

use super::{Content, Form, Signature, bundle, simple};
use crate::{
    descriptor::Descriptor,
    error::Result,
    manifest::Manifest,
    referrers::{Referrer, referrers},
    repository::Repository,
};

/// Payloads and bundles of one image that are looked at.
const MOST: usize = 128;

/// What is beside a manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signatures {
    pub found: Vec<Signature>,
    /// What looks like one and cannot be used, by its manifest, and why.
    pub unusable: Vec<(Digest, String)>,
    /// There are more than were looked at.
    pub more: bool,
}

/// All signatures of this manifest, none of them verified.
pub async fn signatures(repository: &Repository, digest: &Digest) -> Result<Signatures> {
    let mut signatures = Signatures::default();
    let mut beside = referrers(repository, digest).await?;
    // cosign's own tag first: there is one, and a list of others may be long.
    beside.sort_by_key(|referrer| referrer.tag.is_none());
    let mut left = MOST;
    for Referrer { descriptor, .. } in beside {
        let manifest = repository.manifest(&descriptor.digest).await;
        match manifest.and_then(|manifest| manifest.parse()) {
            Ok(manifest) => {
                let of = (descriptor.digest, &manifest);
                signatures.read(repository, of, &mut left).await;
            }
            Err(error) => signatures.unusable.push((descriptor.digest, error.to_string())),
        }
        if signatures.more {
            break;
        }
    }
    Ok(signatures)
}

impl Signatures {
    async fn read(
        &mut self,
        repository: &Repository,
        (manifest, parsed): (Digest, &Manifest),
        left: &mut usize,
    ) {
        if bundle::is_about_something_else(&parsed.annotations) {
            return;
        }
        for layer in &parsed.layers {
            if ![simple::LAYER, bundle::LAYER].contains(&layer.media_type.as_str()) {
                continue;
            }
            if *left == 0 {
                self.more = true;
                return;
            }
            *left -= 1;
            let read = match layer.media_type.as_str() {
                simple::LAYER => signed_payload(repository, layer).await.map(Some),
                _ => opened(repository, layer).await,
            };
            match read {
                Ok(None) => {}
                Ok(Some(content)) => self.found.push(Signature::new(manifest, content)),
                Err(why) => self.unusable.push((manifest, why)),
            }
        }
    }
}

async fn signed_payload(repository: &Repository, layer: &Descriptor) -> Result<Content, String> {
    let annotation = |name: &str| layer.annotations.get(name).filter(|text| !text.is_empty());
    if annotation(simple::CERTIFICATE).is_some() {
        return Err("it is made with a certificate, and only key pairs are trusted".to_owned());
    }
    let signature = annotation(simple::SIGNATURE).ok_or("its signature is not there")?;
    let signature = STANDARD.decode(signature).map_err(|error| error.to_string())?;
    let payload = repository.blob_bytes(layer, simple::PAYLOAD_LIMIT).await;
    let payload = payload.map_err(|error| error.to_string())?;
    Ok(Content {
        form: Form::SimpleSigning,
        payload: payload.into(),
        signature,
    })
}

async fn opened(repository: &Repository, layer: &Descriptor) -> Result<Option<Content>, String> {
    let bytes = repository.blob_bytes(layer, bundle::BUNDLE_LIMIT).await;
    bundle::open(&bytes.map_err(|error| error.to_string())?)
}
