//! An OCI layout in an archive: what its `index.json` names, and its blobs.

use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;

use super::{
    packed::{Blob, Blobs, Packed},
    scan::Entry,
    table::{Table, blocking},
};
use crate::{
    descriptor::Descriptor,
    error::{Cause, OrFail as _, Result},
};

pub(crate) const MARKER: &str = "oci-layout";
pub(crate) const INDEX: &str = "index.json";
pub(crate) const BLOBS: &str = "blobs/sha256/";
const ROOTS: usize = 1000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Marker {
    image_layout_version: String,
}

#[derive(Deserialize)]
struct Index {
    manifests: Vec<Descriptor>,
}

/// What the index names, in its order, and the archive to read it from.
pub(crate) async fn roots(table: &Arc<Table>) -> Result<(Vec<Descriptor>, Packed)> {
    let documents = Arc::clone(table);
    let (marker, index) =
        blocking(move || Ok((documents.document(MARKER)?, documents.document(INDEX)?))).await?;
    check(&marker).or_fail("read", table.place(MARKER))?;
    let index = parse(&index).or_fail("read", table.place(INDEX))?;
    let mut blobs = Blobs::new();
    for (name, entry) in table.entries() {
        let digest = name
            .strip_prefix(BLOBS)
            .and_then(|hex| format!("sha256:{hex}").parse().ok());
        if let (Some(digest), Entry::File(span)) = (digest, entry) {
            let (name, span) = (name.clone(), *span);
            blobs.insert(digest, Blob::At { name, span });
        }
    }
    Ok((index.manifests, Packed::new(Arc::clone(table), blobs)))
}

fn check(marker: &Bytes) -> Result<(), Cause> {
    let marker: Marker = serde_json::from_slice(marker).map_err(|error| Cause::Archive(error.to_string()))?;
    if marker.image_layout_version.starts_with("1.") {
        Ok(())
    } else {
        let version = crate::reference::shown(&marker.image_layout_version);
        Err(Cause::Unsupported(format!(
            "an OCI layout of version {version} is not read, only 1.x"
        )))
    }
}

fn parse(index: &Bytes) -> Result<Index, Cause> {
    let index: Index = serde_json::from_slice(index).map_err(|error| Cause::Archive(error.to_string()))?;
    if index.manifests.len() > ROOTS {
        return Err(Cause::Archive(format!(
            "it names more than {ROOTS} manifests, which is refused"
        )));
    }
    Ok(index)
}
