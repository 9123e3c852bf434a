//! What a build leaves: one manifest, and how manifests are printed.

use crate::{
    model::Resource,
    problem::{Outcome, Problem, unless_wrong},
    yaml::{Node, Value},
};

#[derive(Debug, Clone)]
pub struct Manifest {
    resource: Resource,
}

impl Manifest {
    pub fn api_version(&self) -> &str {
        self.resource.api_version()
    }

    pub fn kind(&self) -> &str {
        self.resource.kind()
    }

    pub fn name(&self) -> &str {
        self.resource.name()
    }

    /// Empty if it names none.
    pub fn namespace(&self) -> &str {
        self.resource.namespace()
    }

    /// Lives in no namespace, as far as that is known.
    pub fn is_cluster_scoped(&self) -> bool {
        self.resource.cluster_scoped
    }

    /// The file it comes from.
    pub fn file(&self) -> &str {
        &self.resource.file
    }

    pub(crate) fn root(&self) -> &Node {
        &self.resource.root
    }

    pub(crate) fn root_mut(&mut self) -> &mut Node {
        &mut self.resource.root
    }

    /// What it says, quoting and tags settled.
    pub fn value(&self) -> Outcome<Value> {
        Value::of(&self.resource.root).map_err(|unsettled| {
            Problem::new(&*self.resource.file, unsettled.why)
                .at(self.resource.root.place)
                .key(format!(
                    "{}: {}",
                    self.resource.described(),
                    unsettled.path.join(".")
                ))
                .into()
        })
    }
}

impl From<Resource> for Manifest {
    fn from(resource: Resource) -> Self {
        Self { resource }
    }
}

/// As `kustomize build` prints them.
pub fn print(manifests: &[Manifest]) -> Outcome<String> {
    let mut out = String::new();
    let mut problems = Vec::new();
    for (at, manifest) in manifests.iter().enumerate() {
        if at > 0 {
            out.push_str("---\n");
        }
        match manifest.value() {
            Ok(value) => crate::yaml::print(value, &mut out),
            Err(wrong) => problems.extend(wrong.0),
        }
    }
    unless_wrong(out, problems)
}
