//! Bringing the images of an archive into a repository. They get no tag here: their names are the archive's, and what
//! they are to be called is for the caller.

use std::{path::Path, sync::Arc};

use slipway_model::Digest;

use super::{
    docker,
    oci::{INDEX, MARKER, roots},
    packed::Packed,
    table::Table,
};
use crate::{
    copy::{CopyOptions, copy},
    descriptor::{Descriptor, media},
    error::{Cause, Error, Result},
    manifest::ManifestKind,
    progress::{Progress, Silent},
    repository::Repository,
};

/// How containerd and docker name an image in an `index.json`; OCI's own annotation has the tag alone there.
const IMAGE_NAME: &str = "io.containerd.image.name";

#[derive(Clone)]
pub struct ImportOptions {
    /// What a compressed archive, or a compressed layer, unpacks to; more is refused.
    pub limit: u64,
    pub progress: Arc<dyn Progress>,
}

/// One image of an archive, as it is in the repository now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// As the archive has them, such as `shop/web:1.4`; none where it has none.
    pub names: Vec<String>,
    pub descriptor: Descriptor,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self {
            limit: 64 * 1024 * 1024 * 1024,
            progress: Arc::new(Silent),
        }
    }
}

/// Brings everything in the archive, in its order: what is there already is not moved again.
pub async fn import(file: &Path, to: &Repository, options: &ImportOptions) -> Result<Vec<Imported>> {
    let table = Table::open(file, options.limit).await?;
    let (images, packed) = if table.find(INDEX).is_some() && table.find(MARKER).is_some() {
        oci(&table).await?
    } else if table.find(docker::MANIFEST).is_some() {
        let (images, blobs) = docker::images(&table).await?;
        let images = images.into_iter().map(|image| (image.names, image.digest));
        (images.collect(), Packed::new(Arc::clone(&table), blobs))
    } else {
        let cause = "there is neither an index.json nor a manifest.json in it; make it with `docker save` or `skopeo copy`";
        return Err(Error::new(
            "read",
            file.display(),
            Cause::Archive(cause.to_owned()),
        ));
    };
    let from = Repository::packed(packed);
    let copying = CopyOptions {
        // A compressed archive is read in one go.
        parallel: if table.is_compressed() { 1 } else { 4 },
        progress: Arc::clone(&options.progress),
        referrers: false,
    };
    let mut imported = Vec::new();
    for (names, digest) in images {
        let descriptor = copy(&from, &digest, to, None, &copying).await?.descriptor;
        imported.push(Imported { names, descriptor });
    }
    Ok(imported)
}

type Images = Vec<(Vec<String>, Digest)>;

/// Each image once, with all its names.
async fn oci(table: &Arc<Table>) -> Result<(Images, Packed)> {
    let (roots, packed) = roots(table).await?;
    let from = Repository::packed(packed.clone());
    let mut images = Images::new();
    for root in roots {
        let digest = complete(&from, &packed, root.digest).await?;
        let name = [IMAGE_NAME, media::REF_NAME]
            .iter()
            .find_map(|name| root.annotations.get(*name));
        let at = match images.iter().position(|image| image.1 == digest) {
            Some(known) => known,
            None => {
                images.push((Vec::new(), digest));
                images.len() - 1
            }
        };
        let names = &mut images[at].0;
        names.extend(
            name.filter(|name| !names.contains(name))
                .cloned()
                .into_iter()
                .collect::<Vec<_>>(),
        );
    }
    Ok((images, packed))
}

/// Docker saves the index of an image and one platform's part of it: the part is what there is, and it is complete.
async fn complete(from: &Repository, packed: &Packed, digest: Digest) -> Result<Digest> {
    let manifest = from.manifest(&digest).await?.parse()?;
    if manifest.kind == ManifestKind::Image
        || manifest.manifests.iter().all(|child| packed.has(&child.digest))
    {
        return Ok(digest);
    }
    let here: Vec<_> = manifest
        .manifests
        .iter()
        .filter(|child| packed.has(&child.digest))
        .filter(|child| {
            child
                .platform
                .as_ref()
                .is_none_or(|platform| platform.os != "unknown")
        })
        .collect();
    match here.as_slice() {
        [only] => Ok(only.digest),
        some => {
            let cause = format!(
                "it has {} of the {} manifests of this index; save all of them, or one platform",
                some.len(),
                manifest.manifests.len()
            );
            Err(Error::new("read", packed.place(&digest), Cause::Archive(cause)))
        }
    }
}
