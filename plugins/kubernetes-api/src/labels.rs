//! What the target writes on objects and the routers read: by these names the two know of each other.

use serde_json::{Value, json};

use crate::{at, fitting};

pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
pub const SERVICE: &str = "slipway.dev/service";
pub const ENVIRONMENT: &str = "slipway.dev/environment";
pub const ARTIFACT: &str = "slipway.dev/artifact";
/// The first digits of the revision's digest.
pub const REVISION: &str = "slipway.dev/revision";

/// Annotations: the whole digest, and the instance.
pub const DIGEST: &str = "slipway.dev/revision-digest";
pub const INSTANCE: &str = "slipway.dev/instance";
/// Of a Service for one revision: the Service that users come to.
pub const STANDS_FOR: &str = "slipway.dev/stands-for";

/// In whose name the target sets fields.
pub const MANAGER: &str = "slipway";
/// The routers decide which revision users come to; the target leaves that to them.
pub const ROUTER_MANAGER: &str = "slipway-router";

/// Of a label's value.
pub const LABEL_LIMIT: usize = 63;

/// Chooses what belongs to a service in an environment.
pub fn selector(service: &str, environment: &str) -> String {
    let (service, environment) = (fitting(service, LABEL_LIMIT), fitting(environment, LABEL_LIMIT));
    format!("{SERVICE}={service},{ENVIRONMENT}={environment}")
}

/// Whose an object is, as labels.
pub fn owner(service: &str, environment: &str) -> Value {
    json!({
        MANAGED_BY: "slipway",
        SERVICE: fitting(service, LABEL_LIMIT),
        ENVIRONMENT: fitting(environment, LABEL_LIMIT),
    })
}

/// Does a live object belong to a service in an environment?
pub fn is_of(live: &Value, service: &str, environment: &str) -> bool {
    let label = |key| at(live, &["metadata", "labels", key]).and_then(Value::as_str);
    label(SERVICE) == Some(&fitting(service, LABEL_LIMIT))
        && label(ENVIRONMENT) == Some(&fitting(environment, LABEL_LIMIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_environment_is_another_owner() {
        let live = json!({ "metadata": { "labels": owner("shop", "prod") } });
        assert!(is_of(&live, "shop", "prod"));
        for (service, environment) in [("shop", "test"), ("other", "prod")] {
            assert!(!is_of(&live, service, environment), "{service} {environment}");
        }
        assert!(!is_of(&json!({}), "shop", "prod"));
    }
}
