//! What Secrets of a cluster hold is for nobody here: no plugin has to know it, and everything that a plugin is told is
//! recorded. It is taken out of whatever the API server answers, also where kubectl has written it a second time, into an
//! annotation of the Secret.

use serde_json::{Deserializer, Value};
use slipway_plugin::{Failure, FailureKind, Searched, Withhold};

const HIDDEN: &str = "***";
/// By which kubectl finds out what it has set: the object, as a document.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// One of them is in whatever has to be looked at.
const SIGNS: [&str; 2] = ["Secret", LAST_APPLIED];

#[derive(Debug)]
pub struct ValuesOfSecrets;

impl Withhold for ValuesOfSecrets {
    fn withhold(&self, answer: &Searched<'_>) -> Result<Option<Vec<u8>>, Failure> {
        let kind = answer.content_type.to_ascii_lowercase();
        if ["yaml", "protobuf", "cbor"]
            .iter()
            .any(|other| kind.contains(other))
            && !is_proxied(answer.path)
        {
            let problem =
                format!("the cluster answered in {kind}, where the values of Secrets cannot be found");
            return Err(Failure::new(FailureKind::Refused, problem).hint("ask for JSON"));
        }
        if !kind.contains("json") || !SIGNS.iter().any(|sign| contains(answer.body, sign.as_bytes())) {
            return Ok(None);
        }
        without(answer.body)
    }
}

/// Of one document, or of several as a watch tells them: the last one may have been cut off, and is left out then.
fn without(body: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
    let (mut told, mut hidden) = (Vec::new(), false);
    for document in Deserializer::from_slice(body).into_iter::<Value>() {
        let mut document = match document {
            Ok(document) => document,
            Err(error) if error.is_eof() => {
                hidden = true;
                break;
            }
            Err(error) => {
                let problem = format!("the cluster's answer says that it is JSON, and is not: {error}");
                return Err(Failure::new(FailureKind::Failed, problem));
            }
        };
        hidden |= hide(&mut document, false);
        told.extend_from_slice(document.to_string().as_bytes());
        told.push(b'\n');
    }
    Ok(hidden.then_some(told))
}

/// Answers whether there was anything. `secret`: the document is one, though it does not say so.
fn hide(document: &mut Value, secret: bool) -> bool {
    let mut hidden = false;
    match document {
        Value::Array(items) => items.iter_mut().for_each(|item| hidden |= hide(item, secret)),
        Value::Object(fields) => {
            let is = |kind: &str| {
                let version = fields.get("apiVersion").and_then(Value::as_str);
                fields.get("kind").and_then(Value::as_str) == Some(kind)
                    && version.is_none_or(|is| is == "v1")
            };
            let (one, many) = (secret || is("Secret"), is("SecretList"));
            for (key, value) in fields.iter_mut() {
                hidden |= match key.as_str() {
                    "data" | "stringData" if one => cover(value),
                    LAST_APPLIED if says_a_secret(value) => cover(value),
                    _ => hide(value, many && key == "items"),
                };
            }
        }
        _ => {}
    }
    hidden
}

/// Which keys there are may be known.
fn cover(value: &mut Value) -> bool {
    match value {
        Value::Object(fields) => {
            for value in fields.values_mut() {
                cover(value);
            }
        }
        Value::Null => return false,
        value => *value = Value::from(HIDDEN),
    }
    true
}

/// Of an annotation: the document in it, in which nothing is spared that cannot be read.
fn says_a_secret(annotation: &Value) -> bool {
    let document = annotation
        .as_str()
        .and_then(|text| serde_json::from_str::<Value>(text).ok());
    document.is_none_or(|document| {
        let kind = document.get("kind").and_then(Value::as_str);
        kind.is_none_or(|kind| kind.starts_with("Secret") || kind == "List")
    })
}

/// What a program in the cluster says is no document of the API: `.../services/NAME/proxy` and the like.
fn is_proxied(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let parts: Vec<_> = path.trim_start_matches('/').split('/').collect();
    matches!(
        parts.as_slice(),
        ["api", "v1", "namespaces", _, "services" | "pods", _, "proxy", ..]
            | ["api", "v1", "nodes", _, "proxy", ..]
    )
}

fn contains(bytes: &[u8], sign: &[u8]) -> bool {
    bytes.windows(sign.len()).any(|window| window == sign)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(path: &str, content_type: &str, body: &str) -> Result<String, String> {
        let answer = Searched {
            path,
            content_type,
            body: body.as_bytes(),
        };
        let told = ValuesOfSecrets.withhold(&answer);
        told.map(|told| told.map_or(body.to_owned(), |told| String::from_utf8(told).unwrap()))
            .map_err(|failure| failure.message)
    }

    #[track_caller]
    fn check(body: &Value, expected: &Value) {
        let told = told("/api/v1/x", "application/json", &body.to_string()).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&told).unwrap(), *expected);
    }

    fn applied(kind: &str) -> Value {
        let said = json!({ "apiVersion": "v1", "kind": kind, "data": { "a": "MQ==" } }).to_string();
        json!({ "name": "x", "annotations": { LAST_APPLIED: said, "other": "y" } })
    }

    #[test]
    fn values_are_covered_wherever_they_stand() {
        let secret = |value: &str| {
            json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "x" },
                "data": { "a": value }, "stringData": { "b": value }, "type": "Opaque" })
        };
        check(&secret("MQ=="), &secret("***"));
        let bare = |value: &str| json!({ "metadata": { "name": "x" }, "data": { "a": value } });
        let list = |value: &str| json!({ "apiVersion": "v1", "kind": "SecretList", "items": [bare(value), bare(value)] });
        check(&list("MQ=="), &list("***"));
        let list = |value: &str| json!({ "apiVersion": "v1", "kind": "List", "items": [secret(value), bare("kept")] });
        check(&list("MQ=="), &list("***"));
        // Of another kind of that name, and of what is no Secret, everything is told.
        let other = json!({ "apiVersion": "example.com/v1", "kind": "Secret", "data": { "a": "MQ==" } });
        check(&other, &other);
        let map = json!({ "kind": "ConfigMap", "data": { "Secret": "x" } });
        check(&map, &map);
    }

    #[test]
    fn what_kubectl_wrote_beside_it_is_covered_too() {
        let covered = json!({ "name": "x", "annotations": { LAST_APPLIED: "***", "other": "y" } });
        let object = |metadata: Value| json!({ "kind": "PartialObjectMetadata", "metadata": metadata });
        check(&object(applied("Secret")), &object(covered.clone()));
        check(&object(applied("ConfigMap")), &object(applied("ConfigMap")));
        let table = |metadata: Value| json!({ "kind": "Table", "rows": [{ "object": object(metadata) }] });
        check(&table(applied("Secret")), &table(covered));
        let broken = |text: &str| object(json!({ "annotations": { LAST_APPLIED: text } }));
        check(&broken("{\"data\": {"), &broken("***"));
    }

    #[test]
    fn a_watch_is_several_documents_and_the_last_one_may_be_cut_off() {
        let event = json!({ "type": "MODIFIED", "object": { "kind": "PartialObjectMetadata", "metadata": applied("Secret") } });
        let whole = event.to_string();
        let cut = &whole[..whole.find("MQ==").unwrap() + 4];
        let told = told(
            "/api/v1/x",
            "application/json;stream=watch",
            &format!("{whole}\n{cut}"),
        )
        .unwrap();
        assert_eq!(told.lines().count(), 1);
        assert!(
            !told.contains("MQ==") && told.contains("\"other\":\"y\""),
            "{told}"
        );
    }

    #[test]
    fn what_cannot_be_searched_is_refused() {
        for kind in [
            "application/yaml",
            "application/vnd.kubernetes.protobuf;stream=watch",
            "application/cbor-seq",
        ] {
            let refused = told("/api/v1/namespaces/x/secrets/proxy", kind, "x").unwrap_err();
            assert!(
                refused.contains("where the values of Secrets cannot be found"),
                "{refused}"
            );
            let proxied = "/api/v1/namespaces/x/services/web:80/proxy/metrics?a=b";
            assert_eq!(told(proxied, kind, "x"), Ok("x".to_owned()));
        }
        let refused = told("/api/v1/x", "application/json", "{\"kind\": Secret}").unwrap_err();
        assert!(refused.contains("and is not"), "{refused}");
        assert_eq!(told("/log", "text/plain", "a Secret"), Ok("a Secret".to_owned()));
    }
}
