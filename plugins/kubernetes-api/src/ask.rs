//! Requests to the API. Server-side apply and deletion may be repeated safely, so nothing here is done only once.

use serde_json::{Value, json};
use slipway_sdk::{
    EffectClass,
    http::{Content, Request, escape},
};

/// JSON is YAML; that it is JSON is said too, so that the host writes secrets into it as JSON is written.
const APPLY: &str = "application/apply-patch+yaml;as=json";
const MERGE: &str = "application/merge-patch+json";
const PATCH: &str = "application/json-patch+json";
const JSON: &str = "application/json";
/// An answer without what an object says: it is smaller, and a Secret's values are not in it.
const METADATA: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
const METADATA_LIST: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
const TIMEOUT_MS: u32 = 30_000;

/// A request, before it is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    pub method: &'static str,
    pub path: String,
    accept: &'static str,
    content: Option<(&'static str, Vec<u8>)>,
    timeout_ms: u32,
    quiet_ms: u32,
}

impl Ask {
    fn new(method: &'static str, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            accept: JSON,
            content: None,
            timeout_ms: TIMEOUT_MS,
            quiet_ms: 0,
        }
    }

    pub fn get(path: impl Into<String>) -> Self {
        Self::new("GET", path)
    }

    pub(crate) fn list(path: &str, metadata_only: bool) -> Self {
        let accept = if metadata_only { METADATA_LIST } else { JSON };
        Self::get(path).accept(accept)
    }

    /// What changes of a list after a version of it: answered with the first changes, or with none after so long.
    pub(crate) fn watch(path: &str, version: &str, metadata_only: bool, ms: u64, quiet_ms: u32) -> Self {
        let and = if path.contains('?') { '&' } else { '?' };
        // The server is the second to end it.
        let seconds = ms / 1000 + 2;
        let path = format!(
            "{path}{and}watch=1&resourceVersion={}&timeoutSeconds={seconds}&allowWatchBookmarks=true",
            escape(version)
        );
        Self {
            accept: if metadata_only { METADATA } else { JSON },
            timeout_ms: u32::try_from(ms).unwrap_or(u32::MAX).max(1),
            quiet_ms,
            ..Self::get(path)
        }
    }

    /// Makes the object so, as far as this says, in the name of a manager. Without `force`, fields of others are left
    /// to them and the request is refused.
    pub fn apply(path: &str, manager: &str, force: bool, object: &Value) -> Self {
        let mut path = format!("{path}?fieldManager={}", escape(manager));
        if force {
            path.push_str("&force=true");
        }
        Self::new("PATCH", path).with(APPLY, object)
    }

    /// Changes only what is named; null takes away.
    pub fn merge(path: &str, manager: &str, change: &Value) -> Self {
        Self::new("PATCH", format!("{path}?fieldManager={}", escape(manager))).with(MERGE, change)
    }

    /// A list of operations.
    pub fn patch(path: &str, manager: &str, operations: &Value) -> Self {
        Self::new("PATCH", format!("{path}?fieldManager={}", escape(manager))).with(PATCH, operations)
    }

    pub fn create(path: &str, manager: &str, object: &Value) -> Self {
        Self::new("POST", format!("{path}?fieldManager={}", escape(manager))).with(JSON, object)
    }

    /// With everything that belongs to it. With a uid: that one, and no other of its name.
    pub fn delete(path: &str, uid: Option<&str>, propagation: &str) -> Self {
        let mut options =
            json!({ "kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation });
        if let Some(uid) = uid.filter(|uid| !uid.is_empty()) {
            options["preconditions"] = json!({ "uid": uid });
        }
        Self::new("DELETE", path).with(JSON, &options)
    }

    /// Says what would be, and does nothing.
    #[must_use]
    pub fn dry(mut self) -> Self {
        self.path.push_str("&dryRun=All");
        self
    }

    #[must_use]
    pub fn metadata_only(self) -> Self {
        self.accept(METADATA)
    }

    #[must_use]
    pub fn accept(mut self, accept: &'static str) -> Self {
        self.accept = accept;
        self
    }

    fn with(mut self, kind: &'static str, content: &Value) -> Self {
        self.content = Some((kind, content.to_string().into_bytes()));
        self
    }

    pub(crate) fn request(&self) -> Request {
        let mut headers = vec![("accept".to_owned(), self.accept.to_owned())];
        if let Some((kind, _)) = &self.content {
            headers.push(("content-type".to_owned(), (*kind).to_owned()));
        }
        Request {
            method: self.method.to_owned(),
            path: self.path.clone(),
            headers,
            body: Content::Bytes(
                self.content
                    .as_ref()
                    .map_or_else(Vec::new, |(_, body)| body.clone()),
            ),
            timeout_ms: self.timeout_ms,
            quiet_ms: self.quiet_ms,
            effect: if self.reads() {
                EffectClass::Read
            } else {
                EffectClass::Idempotent
            },
        }
    }

    fn reads(&self) -> bool {
        self.method == "GET" || self.path.ends_with("dryRun=All")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_looks_is_a_read() {
        let apply = Ask::apply("/api/v1/x", "slipway", true, &json!({}));
        assert_eq!(apply.path, "/api/v1/x?fieldManager=slipway&force=true");
        assert_eq!(apply.request().effect, EffectClass::Idempotent);
        assert_eq!(apply.dry().request().effect, EffectClass::Read);
        assert_eq!(Ask::get("/x").request().effect, EffectClass::Read);
        let gone = Ask::delete("/x", Some("7"), "Foreground").request();
        let Content::Bytes(body) = gone.body else {
            panic!("a document is sent as it is")
        };
        let body = String::from_utf8(body).unwrap();
        assert!(body.contains(r#""preconditions":{"uid":"7"}"#), "{body}");
    }
}
