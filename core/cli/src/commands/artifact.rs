//! `slipway artifact`: bytes between registries, OCI layouts and files, whether or not there is a service.

use std::{fs, io::Read as _, path::Path};

use clap::{Args, Subcommand};
use serde::Serialize;
use slipway_engine::dependencies::needed_by;
use slipway_model::Digest;
use slipway_registry::{
    Client, CopyOptions, ImportOptions, ManifestBuilder, Repository, Tag, copy, import, inspect, media,
};

use super::{
    Done,
    place::{Place, digest_of, meant},
    verify::Verify,
};
use crate::{context::Context, error::CommandError};

/// Copy and inspect artifacts between any two registries, OCI layouts and files
#[derive(Debug, Args)]
pub(crate) struct Artifact {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Copy an artifact with everything that it refers to, a package with those that it depends on; what is there already
    /// is not moved again
    Copy {
        /// `oci://host/repository:tag`, `oci://host/repository@sha256:...`, `folder#repository:tag`, or a file
        from: String,
        /// The same; a new file takes the only layer. Without a tag it gets that of FROM, or --tag
        to: String,
        /// Tag it so, instead
        #[arg(long)]
        tag: Option<Tag>,
        /// FROM is a file of `docker save`, or an OCI archive: copy the image in it, not the file
        #[arg(long)]
        image: bool,
    },
    /// Show what a reference is, without fetching its layers
    Inspect {
        /// `oci://host/repository:tag`, `oci://host/repository@sha256:...` or `folder#repository:tag`
        reference: String,
    },
    /// Whether somebody who is trusted has signed what a reference means, as cosign signs with a key pair
    Verify(Verify),
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Answer {
    digest: Digest,
    from: String,
    to: String,
    bytes_moved: u64,
    blobs_moved: u64,
    blobs_already_there: u64,
}

/// The type of a file that was pushed on its own.
const ARTIFACT_TYPE: &str = "application/vnd.slipway.artifact.v1";
const EMPTY: &[u8] = b"{}";

impl Artifact {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let client = context.registries()?;
        match self.what {
            What::Inspect { reference } => show(context, &client, &reference).await,
            What::Verify(verify) => verify.run(context, &client).await,
            What::Copy { from, to, tag, image } => {
                let source = Place::parse(&from, None, &client)?;
                let tag = tag.or_else(|| source.tag().cloned());
                let target = Place::parse(&to, tag.as_ref(), &client)?;
                let options = CopyOptions {
                    progress: context.progress(),
                    referrers: true,
                    ..CopyOptions::default()
                };
                let (digest, moved) = match (source, target) {
                    (Place::Registry(..), _) if image => {
                        return Err(CommandError::usage(
                            "--image is about a file, and FROM is a registry",
                        ));
                    }
                    (Place::Registry(from, named, digest), Place::Registry(to, tag, _)) => {
                        let digest = digest_of(&from, named, digest).await?;
                        copy_whole(&from, digest, (&to, tag.as_ref()), &options).await?
                    }
                    (Place::File(file), Place::Registry(to, tag, _)) if image => {
                        unpack(&file, &to, tag.as_ref(), &options).await?
                    }
                    (Place::File(file), Place::Registry(to, tag, _)) => {
                        push(&file, &to, tag.as_ref(), &options).await?
                    }
                    (Place::Registry(from, named, digest), Place::File(file)) => {
                        let digest = digest_of(&from, named, digest).await?;
                        pull(&from, digest, &file).await?
                    }
                    (Place::File(_), Place::File(_)) => {
                        return Err(CommandError::usage(
                            "both are files: one of them has to be a registry",
                        ));
                    }
                };
                let (bytes_moved, blobs_moved, blobs_already_there) = moved;
                let answer = Answer {
                    digest,
                    from,
                    to,
                    bytes_moved,
                    blobs_moved,
                    blobs_already_there,
                };
                context.ui.answer(&answer, || {
                    format!("{digest}\nblobs moved: {blobs_moved} ({bytes_moved} bytes), there already: {blobs_already_there}")
                });
                Ok(())
            }
        }
    }
}

type Moved = (Digest, (u64, u64, u64));

/// A package is whole with those that it depends on.
async fn copy_whole(
    from: &Repository,
    digest: Digest,
    (to, tag): (&Repository, Option<&Tag>),
    options: &CopyOptions,
) -> Result<Moved, CommandError> {
    let (mut bytes, mut moved, mut there) = (0, 0, 0);
    let needed = needed_by(from, digest).await?;
    let needed = needed.into_iter().map(|needed| (needed, None));
    for (digest, tag) in needed.chain([(digest, tag)]) {
        let report = copy(from, &digest, to, tag, options).await?;
        bytes += report.bytes_moved;
        moved += report.blobs_moved;
        there += report.blobs_already_there;
    }
    Ok((digest, (bytes, moved, there)))
}

/// The one image of an archive.
async fn unpack(
    file: &Path,
    to: &Repository,
    tag: Option<&Tag>,
    options: &CopyOptions,
) -> Result<Moved, CommandError> {
    let import_options = ImportOptions {
        progress: options.progress.clone(),
        ..ImportOptions::default()
    };
    let images = import(file, to, &import_options).await?;
    let [image] = images.as_slice() else {
        let names: Vec<_> = images
            .iter()
            .flat_map(|image| image.names.iter().cloned())
            .collect();
        let text = format!(
            "{} holds {} images: {}",
            file.display(),
            images.len(),
            names.join(", ")
        );
        return Err(CommandError::usage(text).hint("save one alone: `docker save NAME`"));
    };
    let digest = image.descriptor.digest;
    let report = copy(to, &digest, to, tag, options).await?;
    Ok((
        digest,
        (report.bytes_moved, report.blobs_moved, report.blobs_already_there),
    ))
}

/// A file as an artifact of one layer, which other tools can fetch too.
async fn push(
    file: &Path,
    to: &Repository,
    tag: Option<&Tag>,
    options: &CopyOptions,
) -> Result<Moved, CommandError> {
    let config = to.push_bytes(media::EMPTY, EMPTY).await?;
    let kind = if is_wasm(file) { media::WASM } else { media::OCTETS };
    let layer = to.push_file(kind, file, options.progress.clone()).await?;
    let size = layer.size;
    let name = file
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let manifest = ManifestBuilder::new(ARTIFACT_TYPE, config).layer(layer.titled(name));
    let stored = to.put_manifest(tag, manifest.bytes()).await?;
    Ok((stored.digest, (size, 1, 0)))
}

/// What cannot be read is told when it is pushed.
fn is_wasm(file: &Path) -> bool {
    let mut start = [0; 4];
    let read = fs::File::open(file).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == *b"\0asm"
}

/// The only layer as a file: there when it is whole and verified, or not at all.
async fn pull(from: &Repository, digest: Digest, file: &Path) -> Result<Moved, CommandError> {
    let manifest = from.manifest(&digest).await?.parse()?;
    let [layer] = manifest.layers.as_slice() else {
        let text = format!(
            "{digest} has {} layers; only one of a single layer is a file",
            manifest.layers.len()
        );
        return Err(CommandError::failed(text));
    };
    let cannot =
        |error: std::io::Error| CommandError::failed(format!("cannot write {}: {error}", file.display()));
    if file.exists() {
        return Err(CommandError::failed(format!(
            "{} is there already",
            file.display()
        )));
    }
    let name = file
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let partial = file.with_file_name(format!(".{name}.{}", std::process::id()));
    let fetched = async {
        let mut reader = from.blob_reader(layer).await?;
        let mut out = tokio::fs::File::create_new(&partial).await.map_err(cannot)?;
        tokio::io::copy(&mut reader, &mut out)
            .await
            .map_err(|error| CommandError::failed(error.to_string()))?;
        out.sync_all().await.map_err(cannot)?;
        fs::rename(&partial, file).map_err(cannot)
    };
    let fetched = fetched.await;
    if fetched.is_err() {
        // It may not have been made at all.
        fs::remove_file(&partial).ok();
    }
    fetched?;
    Ok((digest, (layer.size, 1, 0)))
}

async fn show(context: &Context, client: &Client, reference: &str) -> Done {
    let (repository, digest) = meant(reference, client).await?;
    let found = inspect(&repository, &digest).await?;
    context.ui.answer(&found, || {
        let mut text = format!(
            "{} {}\n{} bytes, {}\n",
            found.kind, found.digest, found.size, found.media_type
        );
        if let Some(kind) = &found.artifact_type {
            text.push_str(&format!("type {kind}\n"));
        }
        for variant in &found.platforms {
            let platform = serde_json::to_string(&variant.platform).unwrap_or_default();
            text.push_str(&format!("platform {platform} {}\n", variant.digest));
        }
        for layer in &found.layers {
            let title = layer.title().unwrap_or("-");
            text.push_str(&format!(
                "layer {} {} bytes {title} ({})\n",
                layer.digest, layer.size, layer.media_type
            ));
        }
        for (name, value) in &found.annotations {
            text.push_str(&format!("annotation {name} = {value}\n"));
        }
        text
    });
    Ok(())
}
