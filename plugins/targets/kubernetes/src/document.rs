//! The workload of kind `kubernetes`: a file in the deployment folder, in which every object stands under its name. Its
//! fields are a format that lives longer than this plugin: they are only ever added to.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use slipway_kubernetes_api::{Id, text};
use slipway_sdk::Failure;

pub(crate) const KIND: &str = "kubernetes";

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Document {
    kind: String,
    artifact: String,
    digest: String,
    #[serde(default)]
    objects: BTreeMap<String, Value>,
    #[serde(default)]
    pub(crate) hooks: Vec<Hook>,
}

/// An object that is made at a moment of a deployment, and waited for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Hook {
    pub(crate) object: Value,
    /// The moments, such as `pre-install`.
    pub(crate) when: Vec<String>,
    #[serde(default)]
    pub(crate) weight: i64,
    /// When it is removed: `before-hook-creation` (also if nothing is said), `hook-succeeded`, `hook-failed`.
    #[serde(default)]
    pub(crate) delete: Vec<String>,
    /// At which end its logs are told: `hook-succeeded`, `hook-failed`.
    #[serde(default)]
    pub(crate) logs: Vec<String>,
}

/// One object as it is wanted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Object {
    pub(crate) id: Id,
    pub(crate) body: Value,
    /// Of this revision alone: it goes when the revision goes.
    pub(crate) own: bool,
}

impl Document {
    /// `artifact`: its name and digest, which the document has to be about.
    pub(crate) fn read(file: &str, bytes: &[u8], (artifact, blob): (&str, &str)) -> Result<Self, Failure> {
        let document: Self = serde_json::from_slice(bytes)
            .map_err(|error| Failure::invalid(format!("{file} is no workload of kind `{KIND}`: {error}")))?;
        let again = "generate the deployment folder again with `slipway adapt`";
        if document.kind != KIND {
            return Err(Failure::invalid(format!(
                "{file} is a workload of kind `{}`, not `{KIND}`",
                document.kind
            ))
            .hint(again));
        }
        if document.digest != blob || document.artifact != artifact {
            return Err(Failure::invalid(format!(
                "{file} is about artifact `{}` ({}), not `{artifact}` ({blob})",
                document.artifact, document.digest
            ))
            .hint(again));
        }
        Ok(document)
    }

    /// The objects by name; each must be what it is called.
    pub(crate) fn objects(&self, namespace: &str) -> Result<Vec<Object>, Failure> {
        let one = |(key, body): (&String, &Value)| {
            let id: Id = key.parse().map_err(Failure::invalid)?;
            named(key, id, body, namespace)
        };
        self.objects.iter().map(one).collect()
    }
}

impl Hook {
    pub(crate) fn object(&self, namespace: &str) -> Result<Object, Failure> {
        let (group, _) = version(&self.object);
        let id = Id {
            kind: text(&self.object, "/kind").to_owned(),
            group: group.to_owned(),
            namespace: Some(text(&self.object, "/metadata/namespace"))
                .filter(|own| !own.is_empty() && *own != namespace)
                .map(str::to_owned),
            name: text(&self.object, "/metadata/name").to_owned(),
        };
        named(&format!("hook {id}"), id, &self.object, namespace)
    }
}

/// Group and version, as an object says them.
pub(crate) fn version(body: &Value) -> (&str, &str) {
    let api_version = text(body, "/apiVersion");
    api_version.rsplit_once('/').unwrap_or(("", api_version))
}

fn named(key: &str, id: Id, body: &Value, namespace: &str) -> Result<Object, Failure> {
    let (group, version) = version(body);
    let own = text(body, "/metadata/namespace");
    let elsewhere = Some(own).filter(|own| !own.is_empty() && *own != namespace);
    let same = group == id.group
        && text(body, "/kind") == id.kind
        && text(body, "/metadata/name") == id.name
        && elsewhere.is_none_or(|own| id.namespace.as_deref() == Some(own));
    if !same || version.is_empty() {
        return Err(Failure::invalid(format!(
            "`{key}` is a {} of {} with the name `{}` in namespace `{own}`: the name and the object must agree",
            text(body, "/kind"),
            text(body, "/apiVersion"),
            text(body, "/metadata/name"),
        ))
        .hint("an overlay that renames an object renames its key too"));
    }
    Ok(Object {
        id: Id {
            namespace: id.namespace.filter(|own| own != namespace),
            ..id
        },
        body: body.clone(),
        own: false,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn objects(objects: Value) -> Result<Vec<String>, String> {
        let document =
            json!({ "kind": "kubernetes", "artifact": "app", "digest": "sha256:1", "objects": objects });
        let document = Document::read("f", document.to_string().as_bytes(), ("app", "sha256:1"));
        let objects = document
            .and_then(|document| document.objects("shop"))
            .map_err(|failure| failure.message)?;
        Ok(objects.iter().map(|object| object.id.to_string()).collect())
    }

    #[test]
    fn objects_are_what_they_are_called() {
        let web = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web" } });
        assert_eq!(
            objects(json!({ "Deployment.apps/web": web })),
            Ok(vec!["Deployment.apps/web".to_owned()])
        );
        assert!(
            objects(json!({ "Deployment.apps/other": web }))
                .unwrap_err()
                .contains("must agree")
        );
        let there =
            json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "a", "namespace": "x" } });
        assert_eq!(
            objects(json!({ "Service/x/a": there })),
            Ok(vec!["Service/x/a".to_owned()])
        );
        assert!(objects(json!({ "Service/a": there })).is_err());
        let here = json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "a", "namespace": "shop" } });
        assert_eq!(
            objects(json!({ "Service/shop/a": here })),
            Ok(vec!["Service/a".to_owned()])
        );
    }
}
