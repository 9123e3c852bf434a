//! An image index with fewer images: those for some platforms, under an index that names no others.

use std::collections::BTreeSet;

use serde_json::Value;
use slipway_model::Digest;

use super::{
    all::copy,
    below::{CopyOptions, CopyReport},
};
use crate::{
    descriptor::Platform,
    error::{Cause, Error, Result},
    manifest::ManifestKind,
    platform::platform,
    repository::Repository,
};

/// By which a builder says what its attestation is about.
const ABOUT: &str = "/annotations/vnd.docker.reference.digest";

/// What was copied, under a digest of its own where anything was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrowed {
    pub report: CopyReport,
    pub left_out: Vec<Platform>,
}

/// Copies the images of an index that serve these platforms, with what belongs to them. Each must be there. What refers
/// to the index as a whole is about another index, and stays.
pub async fn copy_platforms(
    from: &Repository,
    digest: &Digest,
    to: &Repository,
    wanted: &[Platform],
    options: &CopyOptions,
) -> Result<Narrowed> {
    let stored = from.manifest(digest).await?;
    let manifest = stored.parse()?;
    let mut chosen = BTreeSet::new();
    for wanted in wanted {
        chosen.insert(platform(from, digest, wanted).await?.digest);
    }
    let whole = |report| Narrowed {
        report,
        left_out: Vec::new(),
    };
    if manifest.kind != ManifestKind::Index {
        return Ok(whole(copy(from, digest, to, None, options).await?));
    }
    let wrong = |why: String| Error::new("narrow", format_args!("{from}@{digest}"), Cause::Malformed(why));
    let mut index: Value = serde_json::from_slice(&stored.bytes).map_err(|error| wrong(error.to_string()))?;
    let children = index.get_mut("manifests").and_then(Value::as_array_mut);
    let children = children.ok_or_else(|| wrong("it has no manifests".to_owned()))?;
    let named = |value: Option<&Value>| {
        let digest = value.and_then(Value::as_str);
        let digest = digest.and_then(|digest| digest.parse().ok());
        digest.is_some_and(|digest: Digest| chosen.contains(&digest))
    };
    let before = children.len();
    children.retain(|child| named(child.get("digest")) || named(child.pointer(ABOUT)));
    if children.len() == before {
        return Ok(whole(copy(from, digest, to, None, options).await?));
    }
    let kept: BTreeSet<Digest> = children
        .iter()
        .filter_map(|child| child.get("digest")?.as_str()?.parse().ok())
        .collect();
    let bytes = serde_json::to_vec(&index).map_err(|error| wrong(error.to_string()))?;
    let (mut moved, mut there, mut bytes_moved, mut referrers) = (0, 0, 0, 0);
    for child in &kept {
        let report = copy(from, child, to, None, options).await?;
        moved += report.blobs_moved;
        there += report.blobs_already_there;
        bytes_moved += report.bytes_moved;
        referrers += report.referrers;
    }
    let left_out = manifest
        .manifests
        .iter()
        .filter(|child| !kept.contains(&child.digest))
        .filter_map(|child| child.platform.clone())
        // Attestations stand beside images, with a platform that is none.
        .filter(|platform| platform.os != "unknown")
        .collect();
    Ok(Narrowed {
        report: CopyReport {
            descriptor: to.put_manifest(None, bytes.into()).await?,
            blobs_moved: moved,
            bytes_moved,
            blobs_already_there: there,
            referrers,
        },
        left_out,
    })
}
