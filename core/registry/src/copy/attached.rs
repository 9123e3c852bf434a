//! What refers to the manifests of a copy goes with them, and what refers to that: signatures of attestations, say.
//!
//! At the destination it is found by the same means. Signatures that were made there are not lost: cosign keeps all of
//! one image under one tag, and that tag is moved only where nothing under it goes away.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use slipway_model::Digest;

use super::{
    below::{CopyOptions, CopyReport, copy_closure},
    closure::Closure,
};
use crate::{
    error::{Cause, Error, Result},
    manifest::StoredManifest,
    reference::Tag,
    referrers::{REFERRERS, Referrer, referrers, too_many},
    repository::Repository,
};

/// A signature of an attestation of an image is two; deeper than this is not meant by anybody.
const DEPTH: usize = 4;

/// Copies all that refers to these manifests, which have been copied.
pub(super) async fn copy(
    from: &Repository,
    copied: Vec<Digest>,
    to: &Repository,
    options: &CopyOptions,
    report: &mut CopyReport,
) -> Result<()> {
    let fail = |cause| Error::new("copy what refers to the image from", from, cause);
    let mut seen: BTreeSet<Digest> = copied.iter().copied().collect();
    let mut level = copied;
    for depth in 0.. {
        let found: Vec<(Digest, Vec<Referrer>)> = stream::iter(level)
            .map(|subject| async move { Ok((subject, referrers(from, &subject).await?)) })
            .buffered(4)
            .try_collect()
            .await?;
        level = Vec::new();
        for (subject, referrer) in found
            .into_iter()
            .flat_map(|(subject, found)| found.into_iter().map(move |found| (subject, found)))
        {
            let digest = referrer.descriptor.digest;
            if !seen.insert(digest) {
                continue;
            }
            if depth == DEPTH {
                let cause =
                    "what refers to it is referred to in turn, too deeply, which is refused".to_owned();
                return Err(fail(Cause::Unsupported(cause)));
            }
            let Some(manifest) = stated(from, &subject, &referrer).await? else {
                continue;
            };
            report.referrers += 1;
            if report.referrers > REFERRERS as u64 {
                return Err(fail(too_many()));
            }
            let closure = Closure::of(from, manifest.clone()).await?;
            level.extend(closure.digests());
            seen.extend(closure.digests());
            let tag = match &referrer.tag {
                Some(tag) if !may_move(to, tag, &manifest).await? => None,
                tag => tag.as_ref(),
            };
            copy_closure(from, closure, to, tag, options, report).await?;
        }
        if level.is_empty() {
            break;
        }
    }
    Ok(())
}

/// The manifest of what was found. None where the list was not true: it is gone, or is about something else.
async fn stated(from: &Repository, subject: &Digest, referrer: &Referrer) -> Result<Option<StoredManifest>> {
    let digest = referrer.descriptor.digest;
    let manifest = match from.manifest(&digest).await {
        Ok(manifest) => manifest,
        Err(error) if referrer.tag.is_none() && matches!(error.cause(), Cause::NotFound { .. }) => {
            tracing::warn!(%subject, %digest, "listed as referring to it, and gone");
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let about = manifest.parse()?.subject.map(|subject| subject.digest);
    if referrer.tag.is_none() && about != Some(*subject) {
        tracing::warn!(%subject, %digest, "listed as referring to it, and does not");
        return Ok(None);
    }
    Ok(Some(manifest))
}

/// Whether the tag is to be pointed at this manifest. Where the destination has all of it and more, it stays.
async fn may_move(to: &Repository, tag: &Tag, manifest: &StoredManifest) -> Result<bool> {
    let Some(there) = to.resolve(tag).await? else {
        return Ok(true);
    };
    if there.digest == manifest.descriptor.digest {
        return Ok(true);
    }
    let layers = |manifest: &StoredManifest| -> Result<BTreeSet<Digest>> {
        Ok(manifest
            .parse()?
            .layers
            .iter()
            .map(|layer| layer.digest)
            .collect())
    };
    let there = layers(&to.manifest(&there.digest).await?)?;
    let ours = layers(manifest)?;
    if there.is_subset(&ours) {
        Ok(true)
    } else if ours.is_subset(&there) {
        Ok(false)
    } else {
        let cause = "the destination has signatures or attestations that the source has not, and the other way round; \
                     copy the missing ones to the source first";
        Err(Error::new(
            "move the tag",
            format_args!("{to}:{tag}"),
            Cause::Unsupported(cause.to_owned()),
        ))
    }
}
