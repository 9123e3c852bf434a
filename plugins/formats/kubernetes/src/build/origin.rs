//! `buildMetadata`: annotations that say where a resource comes from and what changed it.

use crate::{
    files::join,
    model::{Resource, Set},
};

pub(crate) const ORIGIN: &str = "config.kubernetes.io/origin";
pub(crate) const TRANSFORMATIONS: &str = "alpha.config.kubernetes.io/transformations";

/// Where a build is, as seen from where it began.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin {
    path: String,
}

impl Origin {
    /// In another file or folder. What leads up stays in the path.
    pub(crate) fn below(&self, path: &str) -> Self {
        let mut parts: Vec<&str> = self.path.split('/').filter(|part| !part.is_empty()).collect();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." if parts.last().is_some_and(|last| *last != "..") => {
                    parts.pop();
                }
                part => parts.push(part),
            }
        }
        Self {
            path: parts.join("/"),
        }
    }

    /// Of a resource in the file here.
    pub(crate) fn annotate(&self, resource: &mut Resource) {
        let text = format!("path: {}\n", self.path);
        resource.set_annotation(ORIGIN, &text);
    }

    /// Of a resource that a generator of the kustomization here made.
    pub(crate) fn annotate_generated(&self, resource: &mut Resource, kustomization: &str, generator: &str) {
        let text = self.configured(kustomization, generator);
        resource.set_annotation(ORIGIN, &text);
    }

    /// A transformer of the kustomization here has seen all resources.
    pub(crate) fn transformed(&self, set: &mut Set, kustomization: &str, transformer: &str) {
        let text = self.configured(kustomization, transformer);
        for resource in set.list_mut() {
            if resource.annotation(ORIGIN).is_none() {
                resource.set_annotation(ORIGIN, &text);
                continue;
            }
            let item = text.trim_end().replace('\n', "\n  ");
            let before = resource.annotation(TRANSFORMATIONS).unwrap_or_default();
            let text = format!("{before}- {item}\n");
            resource.set_annotation(TRANSFORMATIONS, &text);
        }
    }

    fn configured(&self, kustomization: &str, by: &str) -> String {
        let name = kustomization.rsplit('/').next().unwrap_or(kustomization);
        let file = if self.path.starts_with("..") {
            format!("{}/{name}", self.path)
        } else {
            join(&self.path, name).unwrap_or_else(|| name.to_owned())
        };
        format!("configuredIn: {file}\nconfiguredBy:\n  apiVersion: builtin\n  kind: {by}\n")
    }
}
