//! The types of parameters and their bounds.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_model::Duration;

use super::{ByteSize, Pattern};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Parameter {
    #[serde(flatten)]
    pub kind: Kind,
    /// Normalised, as [`Parameter::check`] returns it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub default: Option<Value>,
    /// Whether an environment must decide it. Never, when there is a default.
    pub required: bool,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub help: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Kind {
    String {
        #[serde(skip_serializing_if = "Option::is_none", default)]
        min_length: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        max_length: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        pattern: Option<Pattern>,
    },
    Integer {
        #[serde(skip_serializing_if = "Option::is_none", default)]
        minimum: Option<i64>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        maximum: Option<i64>,
    },
    Number {
        #[serde(skip_serializing_if = "Option::is_none", default)]
        minimum: Option<f64>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        maximum: Option<f64>,
    },
    Boolean,
    Enum {
        values: Vec<String>,
    },
    Hostname,
    Port {
        #[serde(skip_serializing_if = "Option::is_none", default)]
        minimum: Option<u16>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        maximum: Option<u16>,
    },
    Url,
    Duration {
        #[serde(skip_serializing_if = "Option::is_none", default)]
        minimum: Option<Duration>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        maximum: Option<Duration>,
    },
    Bytes {
        #[serde(skip_serializing_if = "Option::is_none", default)]
        minimum: Option<ByteSize>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        maximum: Option<ByteSize>,
    },
    List {
        items: Box<Kind>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        min_length: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        max_length: Option<u64>,
    },
    /// Keys are free.
    Map {
        items: Box<Kind>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        min_length: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        max_length: Option<u64>,
    },
    /// Only ever a reference, `${secret.NAME}`.
    Secret,
}

/// A kind without its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Type {
    String,
    Integer,
    Number,
    Boolean,
    Enum,
    Hostname,
    Port,
    Url,
    Duration,
    Bytes,
    List,
    Map,
    Secret,
}

impl Kind {
    pub fn type_of(&self) -> Type {
        match self {
            Self::String { .. } => Type::String,
            Self::Integer { .. } => Type::Integer,
            Self::Number { .. } => Type::Number,
            Self::Boolean => Type::Boolean,
            Self::Enum { .. } => Type::Enum,
            Self::Hostname => Type::Hostname,
            Self::Port { .. } => Type::Port,
            Self::Url => Type::Url,
            Self::Duration { .. } => Type::Duration,
            Self::Bytes { .. } => Type::Bytes,
            Self::List { .. } => Type::List,
            Self::Map { .. } => Type::Map,
            Self::Secret => Type::Secret,
        }
    }

    /// A value that is refused may be a secret in the clear.
    pub fn holds_secrets(&self) -> bool {
        match self {
            Self::Secret => true,
            Self::List { items, .. } | Self::Map { items, .. } => items.holds_secrets(),
            _ => false,
        }
    }
}

impl Parameter {
    pub fn is_secret(&self) -> bool {
        self.kind.type_of() == Type::Secret
    }
}
