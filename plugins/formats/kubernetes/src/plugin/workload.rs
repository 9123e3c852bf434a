//! The workload of kind `kubernetes`: a file in the deployment folder, in which every object stands under its name. Its
//! fields are a format that lives longer than any plugin: they are only ever added to.

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Number, Value as Json};

use crate::{Manifest, Value};

pub(super) const KIND: &str = "kubernetes";

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Workload {
    pub(super) kind: &'static str,
    /// The artifact's name and the digest of its bytes.
    pub(super) artifact: String,
    pub(super) digest: String,
    pub(super) objects: Objects,
    /// The images that were put in the place of others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) images: Vec<Image>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Image {
    pub(super) reference: String,
    pub(super) pull: String,
    /// The object's name and the JSON pointer in it.
    pub(super) places: Vec<String>,
}

/// Objects by their names, in their order.
#[derive(Debug)]
pub(super) struct Objects(pub(super) Vec<(String, Json)>);

impl Serialize for Objects {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (id, object) in &self.0 {
            map.serialize_entry(id, object)?;
        }
        map.end()
    }
}

/// `Kind[.group]/[namespace/]name`. The namespace of the target is no part of it: it differs from environment to
/// environment, and an overlay names the object in all of them.
pub(super) fn id(manifest: &Manifest, namespace: &str) -> String {
    let group = manifest
        .api_version()
        .split_once('/')
        .map_or("", |(group, _)| group);
    let dot = if group.is_empty() { "" } else { "." };
    let own = manifest.namespace();
    let (own, slash) = if own.is_empty() || own == namespace {
        ("", "")
    } else {
        (own, "/")
    };
    format!("{}{dot}{group}/{own}{slash}{}", manifest.kind(), manifest.name())
}

pub(super) fn json(value: Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(value),
        Value::Int(value) => Json::Number(value.into()),
        Value::Large(value) => Json::Number(value.into()),
        // Settled values are finite.
        Value::Float(value) => Number::from_f64(value).map_or(Json::Null, Json::Number),
        Value::Text(text) => Json::String(text),
        Value::List(items) => Json::Array(items.into_iter().map(json).collect()),
        Value::Map(entries) => {
            let entries = entries.into_iter().map(|(key, value)| (key, json(value)));
            Json::Object(entries.collect())
        }
    }
}
