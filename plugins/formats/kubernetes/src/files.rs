//! The files of an artifact, by their paths in it. Nothing outside of them exists.

use std::collections::BTreeMap;

use crate::problem::{Outcome, Problem};

/// Paths are relative, their parts joined by `/`, without `.` and `..`.
#[derive(Debug, Clone, Default)]
pub struct Files(BTreeMap<String, Vec<u8>>);

/// The names that a kustomization can have.
pub(crate) const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

impl Files {
    pub fn insert(&mut self, path: impl Into<String>, content: impl Into<Vec<u8>>) {
        self.0.insert(path.into(), content.into());
    }

    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.0.get(path).map(Vec::as_slice)
    }

    /// The content of a file that has to be text.
    pub fn text(&self, path: &str) -> Outcome<&str> {
        let content = self
            .get(path)
            .ok_or_else(|| Problem::new(path, "there is no such file"))?;
        std::str::from_utf8(content).map_err(|error| {
            let why = format!("it is not text: byte {} is not UTF-8", error.valid_up_to());
            Problem::new(path, why).hint("save it as UTF-8").into()
        })
    }

    pub fn is_folder(&self, path: &str) -> bool {
        self.below(path).next().is_some()
    }

    /// The files in a folder, at any depth, in order.
    pub fn below(&self, folder: &str) -> impl Iterator<Item = &str> {
        let prefix = if folder.is_empty() {
            String::new()
        } else {
            format!("{folder}/")
        };
        self.0
            .range(prefix.clone()..)
            .map(|(path, _)| path.as_str())
            .take_while(move |path| path.starts_with(&prefix))
    }

    /// The files of a folder that are kustomizations.
    pub fn kustomizations(&self, folder: &str) -> Vec<String> {
        KUSTOMIZATIONS
            .into_iter()
            .filter_map(|name| join(folder, name))
            .filter(|path| self.0.contains_key(path))
            .collect()
    }
}

impl<P: Into<String>, C: Into<Vec<u8>>> FromIterator<(P, C)> for Files {
    fn from_iter<I: IntoIterator<Item = (P, C)>>(files: I) -> Self {
        Self(
            files
                .into_iter()
                .map(|(path, content)| (path.into(), content.into()))
                .collect(),
        )
    }
}

/// A path as it is written in a file of a folder; none if it leads out of everything.
pub(crate) fn join(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Is the path the folder itself, or in it at any depth?
pub(crate) fn within(path: &str, folder: &str) -> bool {
    folder.is_empty()
        || path == folder
        || path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        assert_eq!(join("a/b", "../c/./d").as_deref(), Some("a/c/d"));
        assert_eq!(join("a", "..").as_deref(), Some(""));
        assert_eq!(join("a", "../.."), None);
        assert!(within("a/b", "a") && within("a", "a") && !within("ab", "a"));
    }
}
