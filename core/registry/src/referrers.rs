//! What refers to an image or artifact: signatures, SBOMs, attestations. Found the way OCI has it, by the `subject` of
//! their manifests, and the way cosign has it, by tags made of the digest. Nothing is judged: whether a signature is
//! good is for others.

use std::collections::BTreeSet;

use slipway_model::Digest;

use crate::{
    descriptor::Descriptor,
    error::{Cause, Result},
    reference::Tag,
    repository::Repository,
};

/// Of one manifest, and of one copy; more are refused.
pub(crate) const REFERRERS: usize = 1000;

/// What cosign appends to the digest.
const COSIGN: [&str; 3] = ["sig", "att", "sbom"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referrer {
    /// With the type of the artifact and its annotations, where the registry says them.
    pub descriptor: Descriptor,
    /// It is found by this tag. Without one it names its subject itself.
    pub tag: Option<Tag>,
}

/// All that refers to this manifest itself, each once; what refers to that in turn is asked for by its digest.
///
/// The referrers API is asked, the list under the tag `sha256-<hex>` where a registry has no such API, `index.json` in
/// a folder, and cosign's tags everywhere.
pub async fn referrers(repository: &Repository, digest: &Digest) -> Result<Vec<Referrer>> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for descriptor in repository.subject_of(digest).await? {
        if seen.insert(descriptor.digest) {
            found.push(Referrer {
                descriptor,
                tag: None,
            });
        }
    }
    for suffix in COSIGN {
        let tag = cosign_tag(digest, suffix);
        if let Some(descriptor) = repository.resolve(&tag).await? {
            // Where it names its subject as well, the tag is kept all the same: tools look for it.
            found.retain(|known: &Referrer| known.descriptor.digest != descriptor.digest);
            found.push(Referrer {
                descriptor,
                tag: Some(tag),
            });
        }
    }
    Ok(found)
}

/// Where cosign keeps what it has to say of a manifest.
pub(crate) fn cosign_tag(subject: &Digest, suffix: &str) -> Tag {
    tag(&format!("sha256-{}.{suffix}", subject.hex()))
}

/// Under which clients keep the list where the registry does not.
pub(crate) fn fallback_tag(subject: &Digest) -> Tag {
    tag(&format!("sha256-{}", subject.hex()))
}

pub(crate) fn too_many() -> Cause {
    Cause::Unsupported(format!(
        "more than {REFERRERS} manifests refer to it, which is refused"
    ))
}

fn tag(text: &str) -> Tag {
    text.parse()
        .expect("letters, digits, `-` and `.`, fewer than 128, are a tag")
}
