//! `index.json`: which tag points at what. What others wrote into it is kept.

use std::{collections::BTreeSet, fs, io, path::Path};

use serde_json::{Map, Value, json};

use crate::{
    descriptor::{Descriptor, media},
    error::Cause,
    ingest,
    reference::{RepositoryName, Tag},
};

const LIMIT: u64 = 64 * 1024 * 1024;

pub(super) struct Index(Map<String, Value>);

impl Index {
    /// Empty where there is none.
    pub(super) fn read(folder: &Path) -> Result<Self, Cause> {
        let file = folder.join("index.json");
        let bytes = match fs::metadata(&file) {
            Ok(metadata) if metadata.len() > LIMIT => return Err(Cause::TooLarge { limit: LIMIT }),
            Ok(_) => fs::read(&file)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self(empty())),
            Err(error) => return Err(error.into()),
        };
        let malformed =
            |why: String| Cause::Malformed(format!("index.json is not the index of an OCI layout: {why}"));
        match serde_json::from_slice(&bytes).map_err(|error| malformed(error.to_string()))? {
            Value::Object(index) if index.get("manifests").is_some_and(Value::is_array) => Ok(Self(index)),
            _ => Err(malformed("it has no list of manifests".to_owned())),
        }
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), Cause> {
        let bytes = serde_json::to_vec_pretty(&self.0).map_err(io::Error::from)?;
        Ok(ingest::replace(&folder.join("index.json"), &bytes)?)
    }

    pub(super) fn get(&self, repository: &RepositoryName, tag: &Tag) -> Result<Option<Descriptor>, Cause> {
        let full = format!("{repository}:{tag}");
        let entry = self.named(&full).or_else(|| self.named(tag.as_str()));
        let parse = |entry: &Value| {
            serde_json::from_value(entry.clone())
                .map_err(|error| Cause::Malformed(format!("index.json, entry `{full}`: {error}")))
        };
        entry.map(parse).transpose()
    }

    /// Points the tag at this manifest; true if that changed anything.
    pub(super) fn set(
        &mut self,
        repository: &RepositoryName,
        tag: &Tag,
        manifest: &Descriptor,
    ) -> Result<bool, Cause> {
        let name = format!("{repository}:{tag}");
        let mut entry = manifest.clone();
        entry.annotations.insert(media::REF_NAME.to_owned(), name.clone());
        let entry = serde_json::to_value(entry).map_err(io::Error::from)?;
        if self.named(&name) == Some(&entry) {
            return Ok(false);
        }
        if let Some(Value::Array(manifests)) = self.0.get_mut("manifests") {
            manifests.retain(|old| ref_name(old) != Some(&name));
            manifests.push(entry);
            sort(manifests);
        }
        Ok(true)
    }

    /// Names this manifest without a tag, so that what refers to others is found; true if that changed anything.
    pub(super) fn list(&mut self, manifest: &Descriptor) -> Result<bool, Cause> {
        let entry = serde_json::to_value(manifest).map_err(io::Error::from)?;
        let known = |old: &Value| ref_name(old).is_none() && old["digest"] == entry["digest"];
        if self.entries().any(known) {
            return Ok(false);
        }
        if let Some(Value::Array(manifests)) = self.0.get_mut("manifests") {
            manifests.push(entry);
            sort(manifests);
        }
        Ok(true)
    }

    /// The manifests that are named, with or without a tag, each once. What others wrote wrong is left out.
    pub(super) fn manifests(&self) -> Vec<Descriptor> {
        let mut seen = BTreeSet::new();
        self.entries()
            .filter_map(|entry| serde_json::from_value(entry.clone()).ok())
            .filter(|manifest: &Descriptor| seen.insert(manifest.digest))
            .collect()
    }

    pub(super) fn tags(&self, repository: &RepositoryName) -> Vec<Tag> {
        let tag = |entry| match ref_name(entry)?.rsplit_once(':') {
            Some((name, tag)) if name == repository.as_str() => tag.parse().ok(),
            Some(_) => None,
            None => ref_name(entry)?.parse().ok(),
        };
        self.entries().filter_map(tag).collect()
    }

    fn named(&self, name: &str) -> Option<&Value> {
        self.entries().find(|entry| ref_name(entry) == Some(name))
    }

    fn entries(&self) -> impl Iterator<Item = &Value> {
        self.0
            .get("manifests")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    }
}

fn empty() -> Map<String, Value> {
    let mut index = Map::new();
    index.insert("schemaVersion".to_owned(), json!(2));
    index.insert("mediaType".to_owned(), json!(media::INDEX));
    index.insert("manifests".to_owned(), json!([]));
    index
}

/// Neither the order of writers nor of copies shows in the file.
fn sort(manifests: &mut [Value]) {
    let key = |entry: &Value| (ref_name(entry).map(str::to_owned), entry["digest"].to_string());
    manifests.sort_by_cached_key(key);
}

fn ref_name(entry: &Value) -> Option<&str> {
    entry.get("annotations")?.get(media::REF_NAME)?.as_str()
}
