//! One closure on its way: blobs several at a time, then manifests, children before parents.

use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::closure::Closure;
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
