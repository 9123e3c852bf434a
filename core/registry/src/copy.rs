//! Copying a manifest with all that it refers to: bit for bit, in constant memory, several blobs at a time.
//!
//! What is there is not moved again, and manifests come after what they name, the tag last: a copy that was interrupted
//! leaves nothing half-visible and goes on with what is missing.

use std::{collections::BTreeMap, sync::Arc};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use slipway_model::Digest;

use crate::{
    descriptor::Descriptor,
    error::{Cause, Error, Result},
    manifest::StoredManifest,
    progress::{Progress, Silent},
    reference::Tag,
    repository::{Repository, Source},
};

/// An index may hold manifests, one of which may be an index again; deeper is not meant by anybody.
const DEPTH: usize = 4;
const MANIFESTS: usize = 1000;

#[derive(Clone)]
pub struct CopyOptions {
    /// Blobs at a time.
    pub parallel: usize,
    pub progress: Arc<dyn Progress>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyReport {
    /// What was copied; at the destination it has the same digest.
    pub descriptor: Descriptor,
    pub blobs_moved: u64,
    pub bytes_moved: u64,
    /// Were there, or could be mounted.
    pub blobs_already_there: u64,
}

impl Default for CopyOptions {
    fn default() -> Self {
        Self {
            parallel: 4,
            progress: Arc::new(Silent),
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
    };
    let (manifests, blobs) = closure(from, root).await?;
    let moves = blobs.into_values().map(|blob| async move {
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

/// All manifests from the root on, parents first, and all blobs, each once.
async fn closure(
    from: &Repository,
    root: StoredManifest,
) -> Result<(Vec<StoredManifest>, BTreeMap<Digest, Descriptor>)> {
    let limit = |what: &str| {
        let cause = Cause::Unsupported(format!("the index {what}, which is refused"));
        Error::new(
            "read manifest",
            format_args!("{from}@{}", root.descriptor.digest),
            cause,
        )
    };
    let mut manifests = Vec::new();
    let mut blobs = BTreeMap::new();
    let mut level = vec![root.clone()];
    for depth in 0.. {
        let mut children = BTreeMap::new();
        for manifest in level {
            let parsed = manifest.parse()?;
            blobs.extend(parsed.blobs().map(|blob| (blob.digest, blob.clone())));
            children.extend(
                parsed
                    .manifests
                    .iter()
                    .map(|child| child.digest)
                    .map(|child| (child, ())),
            );
            // Found again deeper down: it must come before the deepest that names it.
            manifests.retain(|known: &StoredManifest| known.descriptor.digest != manifest.descriptor.digest);
            manifests.push(manifest);
        }
        if children.is_empty() {
            break;
        }
        if depth == DEPTH {
            return Err(limit("is nested too deeply"));
        }
        if manifests.len() + children.len() > MANIFESTS {
            return Err(limit("holds too many manifests"));
        }
        level = stream::iter(
            children
                .into_keys()
                .map(|child| async move { from.manifest(&child).await }),
        )
        .buffered(4)
        .try_collect()
        .await?;
    }
    Ok((manifests, blobs))
}
