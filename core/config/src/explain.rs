//! Why a final file says what it says: `origins.json`, and the answer to `slipway explain`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Resolved, Setting, Values, nearest::nearest, node::escape};

/// Of one deployment folder. Versioned, because it is kept in archives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Origins {
    pub version: u32,
    pub parameters: Values,
    pub files: BTreeMap<String, Vec<Explanation>>,
}

/// Of one value of a structured file, one line of a text, or (with neither) a whole file, whose value is its digest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Explanation {
    /// JSON pointer, in structured files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// In the final file, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    pub value: Value,
    /// Lowest first, the last one won.
    pub history: Vec<Setting>,
}

/// An explanation together with the parameters that it names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Explained {
    #[serde(flatten)]
    pub explanation: Explanation,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Resolved>,
}

impl Origins {
    /// Calls the files that values were set in otherwise.
    pub fn rename_files(&mut self, name: impl Fn(&Path) -> PathBuf) {
        let explained = self.files.values_mut().flatten();
        let settings = explained
            .flat_map(|explanation| &mut explanation.history)
            .chain(self.parameters.settings_mut());
        for file in settings.filter_map(|setting| setting.origin.file.as_mut()) {
            *file = name(file);
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExplainError {
    #[error("there is no final file `{file}`{}", meant(.nearest.as_ref()))]
    File { file: String, nearest: Option<String> },
    #[error("nothing in `{file}` is called `{path}`{}", meant(.nearest.as_ref()))]
    Path {
        file: String,
        path: String,
        nearest: Option<String>,
    },
}

fn meant(nearest: Option<&String>) -> String {
    nearest
        .map(|nearest| format!(": did you mean `{nearest}`?"))
        .unwrap_or_default()
}

/// `path` is a JSON pointer (`/server/port`), the same with dots (`server.port`), or a line of the final file (`12`).
/// A path to a table or a list explains everything in it.
pub fn explain(origins: &Origins, file: &str, path: Option<&str>) -> Result<Vec<Explained>, ExplainError> {
    let Some(explanations) = origins.files.get(file) else {
        let nearest = nearest(file, origins.files.keys().map(String::as_str)).map(str::to_owned);
        return Err(ExplainError::File {
            file: file.to_owned(),
            nearest,
        });
    };
    let found: Vec<Explained> = explanations
        .iter()
        .filter(|explanation| path.is_none_or(|path| explanation.is_at(path)))
        .map(|explanation| Explained {
            explanation: explanation.clone(),
            parameters: explanation.parameters(&origins.parameters),
        })
        .collect();
    match path {
        Some(path) if found.is_empty() => {
            let pointers = explanations
                .iter()
                .filter_map(|explanation| explanation.path.as_deref());
            let nearest = nearest(&pointer(path), pointers).map(str::to_owned);
            Err(ExplainError::Path {
                file: file.to_owned(),
                path: path.to_owned(),
                nearest,
            })
        }
        _ => Ok(found),
    }
}

impl Explanation {
    fn is_at(&self, path: &str) -> bool {
        let by_line = path.parse().is_ok_and(|line: usize| self.line == Some(line));
        let wanted = pointer(path);
        let by_path = self.path.as_ref().is_some_and(|own| {
            own.strip_prefix(&wanted)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        by_line || by_path
    }

    fn parameters(&self, values: &Values) -> BTreeMap<String, Resolved> {
        let names = self.history.iter().flat_map(|setting| &setting.parameters);
        names
            .filter_map(|name| Some((name.clone(), values.get(name)?.clone())))
            .collect()
    }
}

/// `a.b[0]` as `/a/b/0`. A key that holds a dot needs the pointer.
fn pointer(path: &str) -> String {
    if path.is_empty() || path.starts_with('/') {
        return path.trim_end_matches('/').to_owned();
    }
    let parts = path.split(['.', '[', ']']).filter(|part| !part.is_empty());
    parts.map(|part| format!("/{}", escape(part))).collect()
}
