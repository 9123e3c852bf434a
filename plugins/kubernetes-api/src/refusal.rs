//! An answer that is no success, as the API says it: a `Status`.

use serde_json::Value;
use slipway_sdk::{Failure, FailureKind};

use crate::{items, number, text};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: u16,
    /// A word, such as `NotFound`.
    pub reason: String,
    pub message: String,
    pub causes: Vec<Cause>,
    pub retry_after_ms: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    pub reason: String,
    pub message: String,
    pub field: String,
}

impl Refusal {
    pub(crate) fn of(code: u16, body: &[u8]) -> Self {
        let status: Value = serde_json::from_slice(body).unwrap_or_default();
        let cause = |cause: &Value| Cause {
            reason: text(cause, "/reason").to_owned(),
            message: text(cause, "/message").to_owned(),
            field: text(cause, "/field").to_owned(),
        };
        let message = match text(&status, "/message") {
            "" => {
                let body = String::from_utf8_lossy(body);
                let line = body.lines().next().unwrap_or_default();
                line.chars().take(500).collect()
            }
            message => message.to_owned(),
        };
        Self {
            code,
            reason: text(&status, "/reason").to_owned(),
            message: if message.is_empty() {
                "no explanation".to_owned()
            } else {
                message
            },
            causes: items(&status, "/details/causes").map(cause).collect(),
            retry_after_ms: number(&status, "/details/retryAfterSeconds")
                .and_then(|seconds| u64::try_from(seconds).ok())
                .map(|seconds| seconds * 1000),
        }
    }

    /// Fields that belong to others: who, and which.
    pub fn conflicts(&self) -> Vec<(&str, &str)> {
        let conflicting = self
            .causes
            .iter()
            .filter(|cause| cause.reason == "FieldManagerConflict");
        conflicting
            .map(|cause| {
                (
                    cause.message.split('"').nth(1).unwrap_or("another"),
                    cause.field.as_str(),
                )
            })
            .collect()
    }

    /// It was made and cannot be changed, only replaced.
    pub fn immutable(&self) -> bool {
        let says = |message: &str| {
            message.contains("field is immutable")
                || message.contains("may not change once set")
                || message.contains("updates to statefulset spec for fields other than")
                || message.contains("is immutable after creation")
                || message.contains("Immutable")
                || message.contains("cannot be changed")
        };
        self.code == 422 && (says(&self.message) || self.causes.iter().any(|cause| says(&cause.message)))
    }

    /// In a person's words, with what was being done.
    pub fn failure(&self, doing: &str) -> Failure {
        let message = format!("{doing}: {}", self.message);
        let failure = Failure::new(self.kind(), message);
        match (self.code, self.message.as_str()) {
            (401, _) => failure
                .hint("the cluster does not accept the credentials: look at the kubeconfig and its user"),
            (403, message) if message.contains("exceeded quota") => {
                failure.hint("ask for less, remove what is not needed any more, or have the quota raised")
            }
            (403, message) if message.contains("admission") => {
                failure.hint("a policy of the cluster refused it: change the object, or the policy")
            }
            (403, _) => {
                failure.hint("give the user of the kubeconfig this right (RBAC), or use another context")
            }
            _ => failure,
        }
    }

    fn kind(&self) -> FailureKind {
        match self.code {
            400 | 422 => FailureKind::Invalid,
            401 | 403 | 409 | 412 => FailureKind::Refused,
            405 | 501 => FailureKind::Unsupported,
            408 | 429 | 500..=599 => FailureKind::Unavailable,
            _ => FailureKind::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(code: u16, body: Value) -> Refusal {
        Refusal::of(code, body.to_string().as_bytes())
    }

    #[test]
    fn who_owns_what() {
        let refusal = refusal(
            409,
            json!({ "reason": "Conflict", "message": "Apply failed with 1 conflict", "details": { "causes": [
                { "reason": "FieldManagerConflict", "message": "conflict with \"kubectl-edit\" using apps/v1", "field": ".spec.replicas" }
            ] } }),
        );
        assert_eq!(refusal.conflicts(), [("kubectl-edit", ".spec.replicas")]);
        assert_eq!(refusal.failure("applying x").kind, FailureKind::Refused);
    }

    #[test]
    fn in_words() {
        let quota = json!({ "message": "pods \"web\" is forbidden: exceeded quota: small" });
        let failure = refusal(403, quota).failure("applying Pod/web");
        assert_eq!(
            failure.message,
            "applying Pod/web: pods \"web\" is forbidden: exceeded quota: small"
        );
        assert!(failure.hint.unwrap().contains("quota"));
        assert_eq!(Refusal::of(502, b"").message, "no explanation");
        assert_eq!(Refusal::of(502, b"bad gateway\nx").message, "bad gateway");
        let selector = json!({ "message": "Deployment.apps \"web\" is invalid: spec.selector: Invalid value: {}: field is immutable" });
        assert!(refusal(422, selector).immutable());
    }
}
