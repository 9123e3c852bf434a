//! What the Service chooses: the pods of one revision, of several, or of none. Pure.

use serde_json::{Map, Value, json};
use slipway_kubernetes_api::labels::REVISION;
use slipway_sdk::Failure;

/// No pod has it.
const NOBODY: &str = "none";

/// One revision: what its own Service chooses. Several: what their Services' choices have in common.
pub(crate) fn selector(chosen: &[&Value]) -> Result<Value, Failure> {
    let mut maps = chosen
        .iter()
        .map(|selector| selector.as_object().cloned().unwrap_or_default());
    let Some(first) = maps.next() else {
        return Ok(json!({ REVISION: NOBODY }));
    };
    let common = maps.fold(first, |common: Map<String, Value>, other| {
        common
            .into_iter()
            .filter(|(key, value)| other.get(key) == Some(value))
            .collect()
    });
    if common.is_empty() {
        return Err(Failure::unsupported("the revisions' pods have no label in common by which the Service could choose all of them")
            .hint("keep at least one label of the Service's selector from revision to revision, or use a strategy that moves all users at once"));
    }
    Ok(Value::Object(common))
}

/// Does a Service that chooses so send users to what another chooses?
pub(crate) fn leads_to(selector: &Value, revision: &Value) -> bool {
    let labels = selector.as_object().filter(|labels| !labels.is_empty());
    labels.is_some_and(|labels| labels.iter().all(|(key, value)| revision.get(key) == Some(value)))
}

/// Hundredths, by how many pods each revision has that answer.
pub(crate) fn weights(pods: &[usize]) -> Vec<u32> {
    let total: usize = pods.iter().sum();
    let share = |count: &usize| u32::try_from((count * 100 + total / 2) / total.max(1)).unwrap_or(100);
    match pods {
        // It gets all users, whether it can answer or not.
        [_] => vec![100],
        // What is chosen and has no pod yet will have users as soon as it has one.
        _ => pods.iter().map(|count| share(count).max(1)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_several_or_none() {
        let (old, new) = (
            json!({ "app": "web", REVISION: "1" }),
            json!({ "app": "web", REVISION: "2" }),
        );
        assert_eq!(selector(&[&old]).unwrap(), old);
        assert_eq!(selector(&[&old, &new]).unwrap(), json!({ "app": "web" }));
        assert_eq!(selector(&[]).unwrap(), json!({ REVISION: "none" }));
        assert!(selector(&[&json!({ "a": "1" }), &json!({ "b": "1" })]).is_err());
        assert!(leads_to(&json!({ "app": "web" }), &old) && leads_to(&old, &old) && !leads_to(&old, &new));
        assert!(!leads_to(&json!({}), &old));
    }

    #[test]
    fn shares_follow_the_pods() {
        assert_eq!(weights(&[0]), [100]);
        assert_eq!(weights(&[9, 1]), [90, 10]);
        assert_eq!(weights(&[2, 0]), [100, 1]);
        assert_eq!(weights(&[]), [0; 0]);
    }
}
