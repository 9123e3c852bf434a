//! Copying a manifest with all that it refers to: bit for bit, in constant memory, several blobs at a time.
//!
//! What is there is not moved again, and manifests come after what they name, the tag last: a copy that was interrupted
//! leaves nothing half-visible and goes on with what is missing.

use slipway_model::Digest;

use super::{
    attached,
    below::{CopyOptions, CopyReport, copy_closure},
    closure::Closure,
};
use crate::{error::Result, reference::Tag, repository::Repository};

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
