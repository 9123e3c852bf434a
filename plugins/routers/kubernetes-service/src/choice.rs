//! Where a Service leads, and what the users' shares are by its pods. Pure.

use serde_json::Value;

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
    use serde_json::json;

    use super::*;

    #[test]
    fn by_labels() {
        let (old, new) = (
            json!({ "app": "web", "r": "1" }),
            json!({ "app": "web", "r": "2" }),
        );
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
