//! What the world answers, all of it at once. The shapes are those in which the host keeps the outcomes of effects.

use serde_json::{Value, json};
use slipway_plugin::{Effect, EffectResult, Failure, FailureKind};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weather {
    /// Nobody answers.
    Unreachable,
    /// Nothing is allowed.
    Refused,
    /// Everything succeeds, and there is nothing.
    Empty,
    /// Whatever is asked for is not there.
    Missing,
    /// Everything succeeds, and what comes is nothing that anybody would expect.
    Nonsense,
    /// The same in well-formed JSON.
    OtherJson,
    /// Servers say that they are broken.
    Broken,
}

impl Weather {
    pub(crate) const ALL: [Self; 7] = [
        Self::Unreachable,
        Self::Refused,
        Self::Empty,
        Self::Missing,
        Self::Nonsense,
        Self::OtherJson,
        Self::Broken,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unreachable => "nothing can be reached",
            Self::Refused => "nothing is allowed",
            Self::Empty => "there is nothing",
            Self::Missing => "nothing is found",
            Self::Nonsense => "all answers are nonsense",
            Self::OtherJson => "all answers are other JSON",
            Self::Broken => "all servers are broken",
        }
    }

    /// `now`: milliseconds since 1970.
    pub(crate) fn answer(self, effect: &Effect, now: u64) -> EffectResult {
        // Nobody fails these.
        match (effect.capability.as_str(), effect.operation.as_str()) {
            ("log" | "progress", _) | ("clock", "sleep") => return Ok(Value::Null),
            ("clock", _) => return Ok(json!(now)),
            _ => {}
        }
        let failed = |kind, message: &str| Err(Failure::new(kind, message));
        match self {
            Self::Unreachable => failed(FailureKind::Unavailable, "nobody answers"),
            Self::Refused => failed(FailureKind::Refused, "it is not granted"),
            Self::Empty => self.success(effect, 200, ""),
            Self::Missing if effect.capability != "http" => failed(FailureKind::Failed, "it is not there"),
            Self::Missing => self.success(effect, 404, "not there"),
            Self::Nonsense => self.success(effect, 200, "\u{0}<!doctype html>\u{fffd}\n{\"a\":"),
            Self::OtherJson => {
                self.success(effect, 200, r#"{"items":[[],{"metadata":7}],"a":[null,-1e300]}"#)
            }
            Self::Broken => self.success(effect, 503, "busy"),
        }
    }

    /// With this text wherever bytes are answered.
    fn success(self, effect: &Effect, status: u16, text: &str) -> EffectResult {
        let http = || json!({ "status": status, "headers": [["next-offset", text.trim_matches('\0')]], "body": text });
        Ok(match (effect.capability.as_str(), effect.operation.as_str()) {
            ("http", "send-all") => {
                let requests = effect.request.as_array().map_or(0, Vec::len);
                (0..requests).map(|_| json!({ "Ok": http() })).collect()
            }
            ("http", _) => http(),
            ("exec", _) => json!({ "code": i32::from(status != 200), "stdout": text, "stderr": text }),
            ("files", "list-files") => match self {
                Self::Nonsense | Self::OtherJson => {
                    json!([{ "path": text, "directory": false, "size": u64::MAX }])
                }
                _ => json!([]),
            },
            ("blobs", "entries") => match self {
                Self::Nonsense | Self::OtherJson => {
                    json!([{ "path": text, "kind": "symlink", "size": u64::MAX, "mode": u32::MAX, "target": text }])
                }
                _ => json!([]),
            },
            ("blobs", "files") => match self {
                Self::Nonsense | Self::OtherJson => json!({ text: text }),
                _ => json!({}),
            },
            ("files" | "blobs", "read") | ("registry", "manifest") => json!(text),
            ("registry", _) => {
                let digest = format!("sha256:{}", "0".repeat(64));
                json!({ "media_type": text, "digest": digest, "size": 0 })
            }
            ("state", "get") | ("lookup", "find") if text.is_empty() => Value::Null,
            ("state", "get") | ("lookup", "find") => json!(text),
            ("lookup", _) => json!({ "version": text, "apis": [] }),
            _ => Value::Null,
        })
    }
}
