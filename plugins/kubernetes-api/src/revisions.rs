//! The Services that lead to one revision each, as the target has made them, for one that users come to.

use serde_json::Value;
use slipway_sdk::{Failure, http::escape};

use crate::{Resource, at, labels, list, text};

/// A Service for one revision.
#[derive(Debug, Clone, PartialEq)]
pub struct RevisionService {
    pub name: String,
    pub digest: String,
    pub instance: String,
    pub selector: Value,
}

/// Those for the Service of this name; where revisions take each other's place it is the Service itself.
pub fn revisions(
    service: &str,
    environment: &str,
    namespace: &str,
    stable: &str,
) -> Result<Vec<RevisionService>, Failure> {
    let found = services_of((service, environment), namespace)?;
    Ok(found.iter().filter_map(|live| of(live, stable)).collect())
}

/// The Services of a service in an environment: those that its revisions share, and each revision's own.
pub(crate) fn services_of(
    (service, environment): (&str, &str),
    namespace: &str,
) -> Result<Vec<Value>, Failure> {
    let selector = escape(&labels::selector(service, environment));
    list(&format!(
        "{}?labelSelector={selector}",
        Resource::services()?.list(Some(namespace))
    ))
}

fn of(live: &Value, stable: &str) -> Option<RevisionService> {
    let annotation = |key| at(live, &["metadata", "annotations", key]).and_then(Value::as_str);
    let name = text(live, "/metadata/name");
    let stands_for = annotation(labels::STANDS_FOR).unwrap_or(name);
    let (digest, instance) = (annotation(labels::DIGEST)?, annotation(labels::INSTANCE)?);
    (stands_for == stable).then(|| RevisionService {
        name: name.to_owned(),
        digest: digest.to_owned(),
        instance: instance.to_owned(),
        selector: live.pointer("/spec/selector").cloned().unwrap_or_default(),
    })
}

/// The Service itself, or the one for a revision of it.
pub fn is_revision_of(name: &str, stable: &str) -> bool {
    let revision = name.strip_prefix(stable).and_then(|rest| rest.strip_prefix('-'));
    let digits = |digits: &str| digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    name == stable || revision.is_some_and(digits)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_those_that_stand_for_it() {
        let live = |name: &str, annotations: Value| json!({ "metadata": { "name": name, "annotations": annotations }, "spec": { "selector": { "a": "b" } } });
        let whose = json!({ labels::DIGEST: "sha256:1", labels::INSTANCE: "i" });
        assert_eq!(of(&live("web", whose.clone()), "web").unwrap().instance, "i");
        assert_eq!(of(&live("api", whose.clone()), "web"), None);
        assert_eq!(of(&live("web", json!({})), "web"), None);
        let mut copy = whose;
        copy[labels::STANDS_FOR] = json!("web");
        assert_eq!(of(&live("web-1a2b3c4d", copy), "web").unwrap().digest, "sha256:1");
        assert!(
            is_revision_of("web", "web")
                && is_revision_of("web-1a2b3c4d", "web")
                && !is_revision_of("web-admin", "web")
        );
    }
}
