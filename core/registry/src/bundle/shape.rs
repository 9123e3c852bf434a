//! What is in the file, in which order: decided before a byte is written, so that the same roots give the same bytes
//! and what an interrupted attempt left can be told from what is missing.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Serialize;
use slipway_model::Digest;
use tar::{EntryType, Header};

use crate::{
    archive::{INDEX, MARKER},
    descriptor::{Descriptor, media},
    error::Cause,
};

pub(super) const BLOCK: u64 = 512;
/// Two empty blocks are the end of a tar.
pub(super) const END: [u8; 2 * BLOCK as usize] = [0; 2 * BLOCK as usize];

pub(super) struct Piece {
    pub(super) header: Header,
    pub(super) content: Content,
    pub(super) digest: Digest,
    pub(super) size: u64,
}

pub(super) enum Content {
    Bytes(Bytes),
    Blob(Descriptor),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Index<'a> {
    schema_version: u32,
    media_type: &'static str,
    manifests: &'a [Descriptor],
}

/// Marker and index first, then all blobs by digest.
pub(super) fn pieces(
    roots: &[Descriptor],
    manifests: BTreeMap<Digest, Bytes>,
    blobs: BTreeMap<Digest, Descriptor>,
) -> Result<Vec<Piece>, Cause> {
    let index = Index {
        schema_version: 2,
        media_type: media::INDEX,
        manifests: roots,
    };
    let index = serde_json::to_vec(&index).map_err(std::io::Error::from)?;
    let mut pieces = vec![
        Piece::of(MARKER, Bytes::from_static(br#"{"imageLayoutVersion":"1.0.0"}"#))?,
        Piece::of(INDEX, index.into())?,
    ];
    let mut contents: BTreeMap<Digest, Content> = blobs
        .into_iter()
        .map(|(digest, blob)| (digest, Content::Blob(blob)))
        .collect();
    contents.extend(
        manifests
            .into_iter()
            .map(|(digest, bytes)| (digest, Content::Bytes(bytes))),
    );
    for (digest, content) in contents {
        let name = format!("blobs/sha256/{}", digest.hex());
        pieces.push(Piece::new(&name, content, digest)?);
    }
    Ok(pieces)
}

impl Piece {
    fn of(name: &str, bytes: Bytes) -> Result<Self, Cause> {
        let digest = Digest::of(&bytes);
        Self::new(name, Content::Bytes(bytes), digest)
    }

    /// Neither owner nor time of anything shows.
    fn new(name: &str, content: Content, digest: Digest) -> Result<Self, Cause> {
        let size = match &content {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::Blob(blob) => blob.size,
        };
        let mut header = Header::new_gnu();
        header.set_path(name)?;
        header.set_entry_type(EntryType::Regular);
        header.set_size(size);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_cksum();
        Ok(Self {
            header,
            content,
            digest,
            size,
        })
    }

    /// After the content, up to the next header.
    pub(super) fn padding(&self) -> usize {
        // Less than a block.
        ((BLOCK - self.size % BLOCK) % BLOCK) as usize
    }

    /// All of it in the file.
    pub(super) fn length(&self) -> u64 {
        BLOCK
            .saturating_add(self.size)
            .saturating_add(self.padding() as u64)
    }
}
