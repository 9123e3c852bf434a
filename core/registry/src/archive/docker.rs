//! The older form of `docker save`: `manifest.json` names a config and layers for each image. An OCI manifest is made of
//! them, always the same bytes; config and layers stay as they are.

use std::{collections::BTreeMap, io::Read as _, sync::Arc};

use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use slipway_model::{Digest, Hasher};

use super::{
    input::Input,
    packed::{Blob, Blobs},
    scan::Span,
    table::{Table, blocking},
};
use crate::{
    artifact::ManifestBuilder,
    descriptor::{Descriptor, media},
    error::{Cause, Error, OrFail as _, Result},
};

pub(super) const MANIFEST: &str = "manifest.json";
const IMAGES: usize = 1000;

pub(super) struct Image {
    pub(super) names: Vec<String>,
    pub(super) digest: Digest,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    config: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    #[serde(default)]
    layers: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Config {
    rootfs: RootFs,
}

#[derive(Deserialize)]
struct RootFs {
    #[serde(default)]
    diff_ids: Option<Vec<Digest>>,
}

/// The images in their order, and where the bytes of their manifests, configs and layers are.
pub(super) async fn images(table: &Arc<Table>) -> Result<(Vec<Image>, Blobs)> {
    let table = Arc::clone(table);
    blocking(move || {
        let listed: Vec<Listed> = parsed(&table, MANIFEST)?;
        if listed.len() > IMAGES {
            let cause = Cause::Archive(format!("more than {IMAGES} images, which is refused"));
            return Err(Error::new("read", table.place(MANIFEST), cause));
        }
        let mut making = Making {
            table: &table,
            blobs: Blobs::new(),
            compressed: BTreeMap::new(),
        };
        let images: Result<Vec<_>> = listed.into_iter().map(|listed| making.image(listed)).collect();
        let blobs = making.blobs;
        Ok((images?, blobs))
    })
    .await
}

struct Making<'a> {
    table: &'a Table,
    blobs: Blobs,
    /// Compressed layers by name: what they are, and what they unpack to.
    compressed: BTreeMap<String, (Descriptor, Digest)>,
}

impl Making<'_> {
    fn image(&mut self, listed: Listed) -> Result<Image> {
        let bytes = self.table.document(&listed.config)?;
        let config = Descriptor::of(media::IMAGE_CONFIG, &bytes);
        if let Some(expected) = named(&listed.config).filter(|named| *named != config.digest) {
            let found = config.digest;
            return Err(self.fail(&listed.config, Cause::Digest { expected, found }));
        }
        let parsed: Config = parsed(self.table, &listed.config)?;
        let unpacked = parsed.rootfs.diff_ids.unwrap_or_default();
        let layers = listed.layers.unwrap_or_default();
        if unpacked.len() != layers.len() {
            let (expected, found) = (unpacked.len(), layers.len());
            let cause = format!("it names {expected} layers, and {MANIFEST} names {found}");
            return Err(self.fail(&listed.config, Cause::Archive(cause)));
        }
        self.have(&config.digest, &listed.config)?;
        let mut manifest = ManifestBuilder::image(config);
        for (name, unpacked) in layers.iter().zip(unpacked) {
            manifest = manifest.layer(self.layer(name, unpacked)?);
        }
        let bytes = manifest.bytes();
        let digest = Digest::of(&bytes);
        self.blobs.insert(digest, Blob::Made(bytes));
        Ok(Image {
            names: listed.repo_tags.unwrap_or_default(),
            digest,
        })
    }

    fn layer(&mut self, name: &str, unpacked: Digest) -> Result<Descriptor> {
        let (_, span) = self.table.need(name)?;
        let layer = if self.is_compressed(span).or_fail("read", self.table.place(name))? {
            let (layer, found) = match self.compressed.get(name) {
                Some(known) => known.clone(),
                None => self.hashed(span).or_fail("read", self.table.place(name))?,
            };
            self.compressed.insert(name.to_owned(), (layer.clone(), found));
            if found != unpacked {
                let expected = unpacked;
                return Err(self.fail(name, Cause::Digest { expected, found }));
            }
            layer
        } else {
            // What the config says; the copy finds out whether that is true.
            Descriptor::new(media::LAYER, unpacked, span.size)
        };
        self.have(&layer.digest, name)?;
        Ok(layer)
    }

    fn is_compressed(&self, span: Span) -> Result<bool, Cause> {
        let mut magic = [0; 4];
        if span.size < magic.len() as u64 {
            return Ok(false);
        }
        let mut input = self.table.input(span.offset)?;
        input.fill(&mut magic)?;
        self.table.leave(input);
        if magic == [0x28, 0xb5, 0x2f, 0xfd] {
            return Err(Cause::Unsupported(
                "a layer compressed with zstd is not read; save the image with another tool".to_owned(),
            ));
        }
        Ok(magic.starts_with(&[0x1f, 0x8b]))
    }

    /// Of a compressed layer: what it is, and the digest of what it unpacks to.
    fn hashed(&self, span: Span) -> Result<(Descriptor, Digest), Cause> {
        let input = self.table.input(span.offset)?;
        let mut decoder = MultiGzDecoder::new(Hashing {
            input: input.take(span.size),
            hasher: Hasher::default(),
        });
        let mut unpacked = Hasher::default();
        let mut buffer = vec![0; 64 * 1024];
        let mut size = 0;
        loop {
            let read = decoder.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            size += read as u64;
            if size > self.table.limit() {
                return Err(Cause::TooLarge {
                    limit: self.table.limit(),
                });
            }
            unpacked.update(&buffer[..read]);
        }
        let mut rest = decoder.into_inner();
        std::io::copy(&mut rest, &mut std::io::sink())?;
        let layer = Descriptor::new(media::LAYER_GZIP, rest.hasher.finish(), span.size);
        self.table.leave(rest.input.into_inner());
        Ok((layer, unpacked.finish()))
    }

    fn have(&mut self, digest: &Digest, name: &str) -> Result<()> {
        let (name, span) = self.table.need(name)?;
        let name = name.to_owned();
        self.blobs.entry(*digest).or_insert(Blob::At { name, span });
        Ok(())
    }

    fn fail(&self, name: &str, cause: Cause) -> Error {
        Error::new("read", self.table.place(name), cause)
    }
}

/// Hashes what passes.
struct Hashing {
    input: std::io::Take<Input>,
    hasher: Hasher,
}

impl std::io::Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}

fn parsed<T: serde::de::DeserializeOwned>(table: &Table, name: &str) -> Result<T> {
    let bytes = table.document(name)?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Cause::Archive(error.to_string()))
        .or_fail("read", table.place(name))
}

/// The digest that the name of a config promises: `<hex>.json`, `blobs/sha256/<hex>` or `sha256:<hex>`.
fn named(name: &str) -> Option<Digest> {
    let name = name.rsplit('/').next()?;
    let name = name.strip_suffix(".json").unwrap_or(name);
    let hex = name.strip_prefix("sha256:").unwrap_or(name);
    format!("sha256:{hex}").parse().ok()
}
