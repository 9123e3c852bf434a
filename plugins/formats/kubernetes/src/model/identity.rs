//! Who a resource is: group, version, kind, name, namespace.

/// The namespace of what lives in none.
pub(crate) const NO_NAMESPACE: &str = "_non_namespaceable_";

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Gvk {
    pub group: String,
    pub version: String,
    pub kind: String,
}

/// The namespace is the effective one: never empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Id {
    pub gvk: Gvk,
    pub name: String,
    pub namespace: String,
}

impl Gvk {
    pub fn new(api_version: &str, kind: &str) -> Self {
        let (group, version) = group_and_version(api_version);
        Self {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
        }
    }

    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// What is empty in the selector matches anything.
    pub fn selected_by(&self, selector: &Gvk) -> bool {
        selects(&self.group, &selector.group)
            && selects(&self.version, &selector.version)
            && selects(&self.kind, &selector.kind)
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.gvk.api_version(), self.gvk.kind, self.name)?;
        match self.namespace.as_str() {
            NO_NAMESPACE | "default" => Ok(()),
            namespace => write!(f, " in namespace {namespace}"),
        }
    }
}

pub(crate) fn group_and_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

/// The namespace that something is in: the one it names, or the default one.
pub(crate) fn effective(namespace: &str, cluster_scoped: bool) -> &str {
    match namespace {
        _ if cluster_scoped => NO_NAMESPACE,
        "" => "default",
        namespace => namespace,
    }
}

fn selects(value: &str, selector: &str) -> bool {
    selector.is_empty() || value == selector
}
