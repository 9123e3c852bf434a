//! The structured formats that patches apply to: one file each, text to [`Node`] and back.

mod emit;
pub(crate) mod json;
pub(crate) mod toml;
pub(crate) mod yaml;
mod yaml_edit;

use serde_json::Value;
use slipway_model::Span;

use crate::node::{Kind, Node};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Toml,
    Yaml,
}

/// A text that is not of its format.
#[derive(Debug)]
pub(crate) struct Malformed {
    pub(crate) span: Span,
    pub(crate) why: String,
}

impl Format {
    pub(crate) fn of_path(path: &str) -> Option<Self> {
        match path.rsplit_once('.')?.1 {
            "json" => Some(Self::Json),
            "toml" => Some(Self::Toml),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }

    /// One, but for a YAML stream.
    pub(crate) fn documents(self, text: &str) -> Result<Vec<Node>, Malformed> {
        match self {
            Self::Json => json::parse(text).map(|node| vec![node]),
            Self::Toml => toml::parse(text).map(|node| vec![node]),
            Self::Yaml => yaml::parse(text),
        }
    }

    /// A YAML stream of several documents is a list of them.
    pub(crate) fn parse(self, text: &str) -> Result<Node, Malformed> {
        self.documents(text).map(|mut documents| match documents.len() {
            1 => documents.remove(0),
            _ => Node::new(
                Kind::List(documents),
                Span {
                    start: 0,
                    end: text.len(),
                },
            ),
        })
    }

    /// `value` in this format, changing as little of `original` as the format's library can: TOML keeps comments and
    /// layout, YAML keeps them where the edit can be proven right and otherwise only the order, JSON has none.
    /// `documents` says that `value` is a list of YAML documents.
    pub(crate) fn write(self, original: &str, value: &Value, documents: bool) -> Result<String, String> {
        let written = match self {
            Self::Json => json::write(value),
            Self::Toml => toml::write(original, value)?,
            Self::Yaml => {
                let same = |text: &String| self.parse(text).is_ok_and(|node| node.value() == *value);
                let edited = (!documents).then(|| yaml_edit::write(original, value)).flatten();
                edited
                    .filter(same)
                    .unwrap_or_else(|| emit::write(value, documents))
            }
        };
        match self.parse(&written) {
            Ok(node) if node.value() == *value => Ok(written),
            _ => Err("the result cannot be written in this format".to_owned()),
        }
    }
}
