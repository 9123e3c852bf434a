//! The bytes on disk: OCI index, manifest and descriptor as far as an archive uses them, and their canonical form.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use slipway_model::Digest;

use crate::sign::Signature;

/// Of what is written, and the latest that is understood.
pub(crate) const VERSION: u64 = 1;
pub(crate) const LAYOUT: &[u8] = b"{\"imageLayoutVersion\":\"1.0.0\"}\n";
pub(crate) const ENTRY_TYPE: &str = "application/vnd.slipway.archive.entry.v1+json";
pub(crate) const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const TITLE: &str = "org.opencontainers.image.title";
const HEAD: &str = "vnd.slipway.archive.head";
const AFTER: &str = "vnd.slipway.archive.after";
const EXCERPT: &str = "vnd.slipway.archive.excerpt";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Index {
    pub(crate) schema_version: u32,
    pub(crate) media_type: String,
    /// In the order of the chain.
    pub(crate) manifests: Vec<Descriptor>,
    pub(crate) annotations: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) schema_version: u32,
    pub(crate) media_type: String,
    pub(crate) artifact_type: String,
    pub(crate) config: Descriptor,
    pub(crate) layers: Vec<Descriptor>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Descriptor {
    pub(crate) media_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) artifact_type: Option<String>,
    pub(crate) digest: Digest,
    pub(crate) size: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) annotations: BTreeMap<String, String>,
}

/// How much of a chain an index lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    Whole,
    /// What follows this entry, which is elsewhere with all before it.
    After(Position),
    /// Any entries may be missing.
    Excerpt,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) sequence: u64,
    pub(crate) id: Digest,
}

/// An entry as the index knows it.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) digest: Digest,
    pub(crate) size: u64,
    pub(crate) signature: Option<Signature>,
}

impl Index {
    /// The only index that these entries have: nothing in it is free, so that any change of it is seen.
    pub(crate) fn of(entries: impl IntoIterator<Item = Listed>, extent: Extent) -> Self {
        let manifests: Vec<_> = entries
            .into_iter()
            .map(|listed| Descriptor {
                artifact_type: Some(ENTRY_TYPE.to_owned()),
                annotations: listed.signature.map(|one| one.annotations()).unwrap_or_default(),
                ..Descriptor::new(MANIFEST_TYPE, listed.digest, listed.size)
            })
            .collect();
        let head = manifests
            .last()
            .map(|head| (HEAD.to_owned(), head.digest.to_string()));
        let extent = match extent {
            Extent::Whole => None,
            Extent::After(before) => Some((AFTER.to_owned(), format!("{} {}", before.sequence, before.id))),
            Extent::Excerpt => Some((EXCERPT.to_owned(), "true".to_owned())),
        };
        Self {
            schema_version: 2,
            media_type: INDEX_TYPE.to_owned(),
            manifests,
            annotations: head.into_iter().chain(extent).collect(),
        }
    }

    pub(crate) fn extent(&self) -> Extent {
        match self.annotations.get(AFTER).and_then(|text| Position::parse(text)) {
            Some(before) => Extent::After(before),
            None if self.is_excerpt() => Extent::Excerpt,
            None => Extent::Whole,
        }
    }

    pub(crate) fn is_excerpt(&self) -> bool {
        self.annotations.contains_key(EXCERPT)
    }

    /// What its first entry follows, where that is elsewhere.
    pub(crate) fn after(&self) -> Option<Position> {
        match self.extent() {
            Extent::After(before) => Some(before),
            Extent::Whole | Extent::Excerpt => None,
        }
    }

    /// How many entries come before its own.
    pub(crate) fn skipped(&self) -> u64 {
        self.after().map_or(0, |before| before.sequence)
    }

    /// How many entries the chain has up to its end.
    pub(crate) fn length(&self) -> u64 {
        self.skipped() + self.manifests.len() as u64
    }

    /// The entry of that number, where it is listed or the one that is followed.
    pub(crate) fn id(&self, sequence: u64) -> Option<Digest> {
        match self.after() {
            Some(before) if before.sequence == sequence => Some(before.id),
            _ => self.numbered(sequence).map(|listed| listed.digest),
        }
    }

    pub(crate) fn numbered(&self, sequence: u64) -> Option<&Descriptor> {
        self.place(sequence).map(|place| &self.manifests[place])
    }

    /// Where in the list that entry is.
    pub(crate) fn place(&self, sequence: u64) -> Option<usize> {
        let place = usize::try_from(sequence.checked_sub(self.skipped() + 1)?).ok()?;
        (place < self.manifests.len()).then_some(place)
    }

    /// Whether these bytes are those that its entries have.
    pub(crate) fn is_canonical(&self, bytes: &[u8]) -> bool {
        to_bytes(&Self::of(self.entries(), self.extent())) == bytes
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = Listed> {
        self.manifests.iter().map(Listed::of)
    }

    /// The latest entry.
    pub(crate) fn head(&self) -> Option<Digest> {
        let listed = self.manifests.last().map(|head| head.digest);
        listed.or(self.after().map(|before| before.id))
    }
}

impl Position {
    fn parse(text: &str) -> Option<Self> {
        let (sequence, id) = text.split_once(' ')?;
        let sequence = sequence.parse().ok().filter(|sequence| *sequence > 0)?;
        Some(Self {
            sequence,
            id: id.parse().ok()?,
        })
    }
}

impl Listed {
    pub(crate) fn of(entry: &Descriptor) -> Self {
        Self {
            digest: entry.digest,
            size: entry.size,
            signature: Signature::of(&entry.annotations),
        }
    }
}

impl Manifest {
    pub(crate) fn of(config: Descriptor, layers: Vec<Descriptor>) -> Self {
        Self {
            schema_version: 2,
            media_type: MANIFEST_TYPE.to_owned(),
            artifact_type: ENTRY_TYPE.to_owned(),
            config,
            layers,
        }
    }
}

impl Descriptor {
    pub(crate) fn new(media_type: &str, digest: Digest, size: u64) -> Self {
        Self {
            media_type: media_type.to_owned(),
            artifact_type: None,
            digest,
            size,
            annotations: BTreeMap::new(),
        }
    }

    pub(crate) fn titled(media_type: &str, digest: Digest, size: u64, title: &str) -> Self {
        let annotations = BTreeMap::from([(TITLE.to_owned(), title.to_owned())]);
        Self {
            annotations,
            ..Self::new(media_type, digest, size)
        }
    }

    pub(crate) fn title(&self) -> Option<&str> {
        self.annotations.get(TITLE).map(String::as_str)
    }
}

/// Compact JSON and a newline.
pub(crate) fn to_bytes(document: &impl Serialize) -> Vec<u8> {
    let mut bytes =
        serde_json::to_vec(document).expect("maps with text keys and plain values are always JSON");
    bytes.push(b'\n');
    bytes
}
