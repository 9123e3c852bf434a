//! Copying a manifest with all that it refers to: bit for bit, in constant memory, several blobs at a time.
//!
//! What is there is not moved again, and manifests come after what they name, the tag last: a copy that was interrupted
//! leaves nothing half-visible and goes on with what is missing.

use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use slipway_model::Digest;

use super::{attached, closure::Closure};
use crate::{
    descriptor::Descriptor,
    error::Result,
    progress::{Progress, Silent},
    reference::Tag,
    repository::{Repository, Source},
};

#[derive(Clone)]
pub struct CopyOptions {
    /// Blobs at a time.
    pub parallel: usize,
    pub progress: Arc<dyn Progress>,
    /// Also what refers to the manifests that are copied: signatures, SBOMs, attestations, and what refers to those.
    pub referrers: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyReport {
    /// What was copied; at the destination it has the same digest.
    pub descriptor: Descriptor,
    pub blobs_moved: u64,
    pub bytes_moved: u64,
    /// Were there, or could be mounted.
    pub blobs_already_there: u64,
    /// Manifests that refer to what was copied and came with it.
    pub referrers: u64,
}

impl Default for CopyOptions {
    fn default() -> Self {
        Self {
            parallel: 4,
            progress: Arc::new(Silent),
            referrers: false,
        }
    }
}

/// Copies one manifest and everything below it, and points `tag` at it.
pub async fn copy(
    from: &Repository,
    digest: &Digest,
    to: &Repository,
    tag: Option<&Tag>,
    options: &CopyOptions,
) -> Result<CopyReport> {
    let root = from.manifest(digest).await?;
    let mut report = CopyReport {
        descriptor: root.descriptor.clone(),
        blobs_moved: 0,
        bytes_moved: 0,
        blobs_already_there: 0,
        referrers: 0,
    };
    let closure = Closure::of(from, root.clone()).await?;
    if options.referrers {
        let copied = closure.digests();
        // The tag comes last: whoever finds the image by it finds its signatures too.
        copy_closure(from, closure, to, None, options, &mut report).await?;
        attached::copy(from, copied, to, options, &mut report).await?;
        if tag.is_some() {
            to.put_manifest(tag, root.bytes).await?;
        }
    } else {
        copy_closure(from, closure, to, tag, options, &mut report).await?;
    }
    Ok(report)
}

/// Copies one blob, unless it is there. Answers how many bytes had to be moved.
pub async fn copy_blob(
    from: &Repository,
    blob: &Descriptor,
    to: &Repository,
    progress: &Arc<dyn Progress>,
) -> Result<u64> {
    to.write_blob(blob, Source::Blob(from), Arc::clone(progress))
        .await
}

pub(super) async fn copy_closure(
    from: &Repository,
    closure: Closure,
    to: &Repository,
    tag: Option<&Tag>,
    options: &CopyOptions,
    report: &mut CopyReport,
) -> Result<()> {
    let Closure { manifests, blobs } = closure;
    let mut blobs: Vec<_> = blobs.into_values().collect();
    blobs.sort_by_key(|blob| from.position(&blob.digest));
    let moves = blobs.into_iter().map(|blob| async move {
        copy_blob(from, &blob, to, &options.progress)
            .await
            .map(|moved| (blob, moved))
    });
    let mut moves = stream::iter(moves).buffer_unordered(options.parallel.max(1));
    while let Some((blob, moved)) = moves.try_next().await? {
        report.bytes_moved += moved;
        if moved > 0 || blob.size == 0 {
            report.blobs_moved += 1;
        } else {
            report.blobs_already_there += 1;
        }
    }
    // Children before parents; the root is the first found.
    for (depth, manifest) in manifests.into_iter().enumerate().rev() {
        to.put_manifest(tag.filter(|_| depth == 0), manifest.bytes)
            .await?;
    }
    Ok(())
}
