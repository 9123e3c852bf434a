//! What is below a manifest: the manifests from the root on and their blobs. Bounded in depth and number, because
//! whoever wrote the index may mean harm.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use slipway_model::Digest;

use crate::{
    descriptor::Descriptor,
    error::{Cause, Error, Result},
    manifest::StoredManifest,
    repository::Repository,
};

/// An index may hold manifests, one of which may be an index again; deeper is not meant by anybody.
const DEPTH: usize = 4;
const MANIFESTS: usize = 1000;

pub(crate) struct Closure {
    /// Parents first.
    pub(crate) manifests: Vec<StoredManifest>,
    /// Each once.
    pub(crate) blobs: BTreeMap<Digest, Descriptor>,
}

impl Closure {
    pub(crate) async fn of(from: &Repository, root: StoredManifest) -> Result<Self> {
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
                manifests
                    .retain(|known: &StoredManifest| known.descriptor.digest != manifest.descriptor.digest);
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
        Ok(Self { manifests, blobs })
    }

    pub(crate) fn digests(&self) -> Vec<Digest> {
        self.manifests
            .iter()
            .map(|manifest| manifest.descriptor.digest)
            .collect()
    }
}
