//! What an object is called, in words that people and overlays use: `Deployment.apps/web`, `Service/web`,
//! `ConfigMap/other/settings`. The version of the API is no part of it: it is one object in all of them.

use std::{fmt, str::FromStr};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    pub kind: String,
    /// Empty for the core group.
    pub group: String,
    /// None if it is the place's own, or there is none for this kind.
    pub namespace: Option<String>,
    pub name: String,
}

impl Id {
    /// `Deployment.apps`, or `Service`.
    pub fn qualified_kind(&self) -> String {
        if self.group.is_empty() {
            self.kind.clone()
        } else {
            format!("{}.{}", self.kind, self.group)
        }
    }

    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.group == group && self.kind == kind
    }

    #[must_use]
    pub fn named(&self, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..self.clone()
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.qualified_kind())?;
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}/")?;
        }
        f.write_str(&self.name)
    }
}

impl FromStr for Id {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not `Kind[.group]/[namespace/]name`");
        let parts: Vec<_> = text.split('/').collect();
        let (kind, namespace, name) = match parts.as_slice() {
            [kind, name] => (*kind, None, *name),
            [kind, namespace, name] => (*kind, Some(*namespace), *name),
            _ => return Err(wrong()),
        };
        let (kind, group) = kind.split_once('.').unwrap_or((kind, ""));
        if kind.is_empty() || name.is_empty() || namespace.is_some_and(str::is_empty) {
            return Err(wrong());
        }
        Ok(Self {
            kind: kind.to_owned(),
            group: group.to_owned(),
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_and_read() {
        for text in [
            "Service/web",
            "Deployment.apps/web",
            "ConfigMap/other/x",
            "HTTPRoute.gateway.networking.k8s.io/ns/r",
        ] {
            assert_eq!(text.parse::<Id>().unwrap().to_string(), text);
        }
        for bad in ["", "web", "/web", "Service/", "Service//web", "a/b/c/d"] {
            assert!(bad.parse::<Id>().is_err(), "{bad}");
        }
    }
}
