//! Reading a bundle: a stranger may have written it. It holds an OCI layout and nothing else, none of its names becomes
//! a path, and every byte that is taken from it is verified.

use std::{path::Path, sync::Arc};

use slipway_model::Digest;

use crate::{
    archive::{Entry, INDEX, MARKER, Table, roots},
    copy::{CopyOptions, copy},
    descriptor::{Descriptor, media},
    error::{Cause, Error, Result},
    progress::Progress,
    reference::{Tag, shown},
    repository::Repository,
};

/// Brings all of a bundle into a repository, with its tags. Answers its roots in their order; their annotation
/// `org.opencontainers.image.ref.name` has the tag.
pub async fn read_bundle(
    file: &Path,
    to: &Repository,
    progress: Arc<dyn Progress>,
) -> Result<Vec<Descriptor>> {
    let table = Table::open(file, u64::MAX).await?;
    if table.is_compressed() {
        let cause = "a bundle is not compressed; unpack it first".to_owned();
        return Err(Error::new("read", file.display(), Cause::Unsupported(cause)));
    }
    for (name, entry) in table.entries() {
        if !belongs(name, entry) {
            let cause = Cause::Archive("it does not belong into a bundle".to_owned());
            return Err(Error::new("read", table.place(name), cause));
        }
    }
    let (found, packed) = roots(&table).await?;
    // All of what is said is looked at before anything is written.
    let mut tagged = Vec::new();
    for root in &found {
        let tag = root
            .annotations
            .get(media::REF_NAME)
            .map(|name| tag(name).map_err(|cause| Error::new("read", table.place(INDEX), cause)))
            .transpose()?;
        if tag.is_some() && tagged.iter().any(|(_, earlier)| *earlier == tag) {
            let cause = Cause::Archive("two of its manifests have the same tag".to_owned());
            return Err(Error::new("read", table.place(INDEX), cause));
        }
        tagged.push((root.digest, tag));
    }
    let from = Repository::packed(packed);
    let options = CopyOptions {
        progress,
        ..CopyOptions::default()
    };
    let mut read = Vec::new();
    for (digest, tag) in tagged {
        let mut root = copy(&from, &digest, to, tag.as_ref(), &options).await?.descriptor;
        if let Some(tag) = tag {
            root.annotations
                .insert(media::REF_NAME.to_owned(), tag.to_string());
        }
        read.push(root);
    }
    Ok(read)
}

fn belongs(name: &str, entry: &Entry) -> bool {
    let blob = || {
        name.strip_prefix("blobs/sha256/")
            .is_some_and(|hex| format!("sha256:{hex}").parse::<Digest>().is_ok())
    };
    match entry {
        Entry::File(_) => [MARKER, INDEX].contains(&name) || blob(),
        Entry::Folder => ["blobs", "blobs/sha256"].contains(&name),
        Entry::Link(_) => false,
    }
}

/// A tag alone, or with its repository before it.
fn tag(name: &str) -> Result<Tag, Cause> {
    let tag = name.rsplit_once(':').map_or(name, |(_, tag)| tag);
    tag.parse()
        .map_err(|_| Cause::Archive(format!("`{}` is not a tag", shown(name))))
}
