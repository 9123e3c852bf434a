//! Where a value comes from: which layer, which file, which line. What `explain` prints and `origins.json` keeps.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_model::Span;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Origin {
    /// Who set it: `default`, an overlay's name, the environment's name, `command line`, `config`.
    pub layer: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// From 1. Absent where only the file is known: an origin never names a line that it is not sure of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// From 1, in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
}

/// One time that a value was set. A history of these runs from the lowest layer to the one that won.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Setting {
    /// JSON pointer to the part of the value that was set; empty for the whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// `null` with `removed` where a patch took the value away.
    pub value: Value,
    pub origin: Origin,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
    /// The parameters that this text was made from, directly or by the conditions and loops around it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<String>,
}

impl Origin {
    /// Known by name only, such as the command line.
    pub fn layer(layer: impl Into<String>) -> Self {
        Self {
            layer: layer.into(),
            file: None,
            line: None,
            column: None,
        }
    }

    pub fn file(layer: impl Into<String>, file: impl Into<PathBuf>) -> Self {
        Self {
            file: Some(file.into()),
            ..Self::layer(layer)
        }
    }

    /// The place in `text`, the content of `file`, where `span` begins.
    pub fn at(layer: impl Into<String>, file: &Path, text: &str, span: Span) -> Self {
        let (line, column) = span.position(text);
        Self {
            line: Some(line),
            column: Some(column),
            ..Self::file(layer, file)
        }
    }
}

impl Setting {
    pub fn new(value: Value, origin: Origin) -> Self {
        Self {
            path: String::new(),
            value,
            origin,
            removed: false,
            parameters: Vec::new(),
        }
    }
}

/// Where the lines of a text begin: places are asked for often, lines are counted once.
#[derive(Debug, Clone)]
pub(crate) struct Lines(Vec<usize>);

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        Self(
            std::iter::once(0)
                .chain(text.match_indices('\n').map(|(at, _)| at + 1))
                .collect(),
        )
    }

    /// As [`Span::position`].
    pub(crate) fn position(&self, text: &str, offset: usize) -> (usize, usize) {
        let line = self.0.partition_point(|start| *start <= offset).max(1);
        let before = text.get(self.0[line - 1]..offset).unwrap_or_default();
        (line, before.chars().count() + 1)
    }
}
