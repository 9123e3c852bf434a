//! One list and what is told of it afterwards. Pure.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{items, text};

/// In their namespace and by their name.
type Objects = BTreeMap<(String, String), Value>;

#[derive(Debug, Default)]
pub(crate) struct Watch {
    pub(crate) metadata_only: bool,
    objects: Objects,
    /// Up to which everything is known; none before it was listed.
    version: Option<String>,
    /// It can only be listed.
    deaf: bool,
}

impl Watch {
    pub(crate) fn of(metadata_only: bool) -> Self {
        Self {
            metadata_only,
            ..Self::default()
        }
    }

    /// Nothing is known but that something may change.
    pub(crate) fn since(version: String) -> Self {
        Self {
            metadata_only: true,
            version: Some(version),
            ..Self::default()
        }
    }

    pub(crate) fn hears(&self) -> bool {
        !self.deaf
    }

    pub(crate) fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    pub(crate) fn objects(&self) -> impl Iterator<Item = &Value> {
        self.objects.values()
    }

    /// None: the cluster has no such kind.
    pub(crate) fn listed(&mut self, list: Option<Value>) {
        self.objects.clear();
        let version = list
            .as_ref()
            .map_or("", |list| text(list, "/metadata/resourceVersion"));
        self.deaf |= version.is_empty();
        self.version = Some(version.to_owned());
        let found = list.as_ref().map(|list| items(list, "/items"));
        for object in found.into_iter().flatten() {
            self.objects.insert(key(object), object.clone());
        }
    }

    /// It is listed anew. `deaf`: and from now on only listed.
    pub(crate) fn forget(&mut self, deaf: bool) -> bool {
        self.deaf |= deaf;
        self.version = None;
        true
    }

    /// Events, one a line. Answers whether anything may be another.
    pub(crate) fn hear(&mut self, lines: &[u8]) -> bool {
        let mut changed = false;
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let event: Value = serde_json::from_slice(line).unwrap_or_default();
            let object = event.get("object").cloned().unwrap_or_default();
            let version = text(&object, "/metadata/resourceVersion").to_owned();
            changed |= match text(&event, "/type") {
                "BOOKMARK" => false,
                "ADDED" | "MODIFIED" => {
                    self.objects.insert(key(&object), object);
                    true
                }
                "DELETED" => {
                    self.objects.remove(&key(&object));
                    true
                }
                // It says that what it was asked for is gone, or nothing that can be understood.
                _ => return self.forget(false),
            };
            self.version = Some(version).filter(|version| !version.is_empty());
        }
        changed
    }
}

fn key(object: &Value) -> (String, String) {
    let part = |pointer| text(object, pointer).to_owned();
    (part("/metadata/namespace"), part("/metadata/name"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(name: &str, version: &str) -> Value {
        json!({ "metadata": { "namespace": "shop", "name": name, "resourceVersion": version } })
    }

    fn names(watch: &Watch) -> Vec<&str> {
        watch
            .objects()
            .map(|object| text(object, "/metadata/name"))
            .collect()
    }

    fn listed() -> Watch {
        let mut watch = Watch::of(false);
        assert_eq!(watch.version(), None);
        watch.listed(Some(
            json!({ "metadata": { "resourceVersion": "7" }, "items": [pod("a", "3"), pod("b", "5")] }),
        ));
        watch
    }

    #[test]
    fn what_is_told_is_known_from_then_on() {
        let mut watch = listed();
        assert_eq!((names(&watch), watch.version()), (vec!["a", "b"], Some("7")));
        let event = |kind: &str, object: Value| format!("{}\n", json!({ "type": kind, "object": object }));
        let lines = [
            event("DELETED", pod("a", "8")),
            event("ADDED", pod("c", "9")),
            event("MODIFIED", pod("b", "10")),
        ];
        assert!(watch.hear(lines.concat().as_bytes()));
        assert_eq!((names(&watch), watch.version()), (vec!["b", "c"], Some("10")));
        assert!(!watch.hear(b""));
        // Nothing has changed, and it need not be asked for from so far back.
        assert!(!watch.hear(event("BOOKMARK", pod("", "20")).as_bytes()));
        assert_eq!((names(&watch), watch.version()), (vec!["b", "c"], Some("20")));
    }

    #[test]
    fn what_is_not_remembered_or_not_understood_is_listed_anew() {
        for line in [
            r#"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}"#,
            r#"{"kind":"PodList","items":[]}"#,
            r#"{"type":"ADDED","obj"#,
            r#"{"type":"MODIFIED","object":{"metadata":{"name":"a"}}}"#,
        ] {
            let mut watch = listed();
            assert!(watch.hear(line.as_bytes()), "{line}");
            assert_eq!((watch.version(), watch.hears()), (None, true), "{line}");
        }
        // A kind that is not there cannot be watched.
        let mut watch = Watch::of(false);
        watch.listed(None);
        assert_eq!(
            (names(&watch).len(), watch.hears(), watch.version()),
            (0, false, Some(""))
        );
    }
}
