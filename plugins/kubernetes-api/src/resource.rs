//! Where the objects of a kind are: group, version and plural make the path.

use slipway_sdk::{Failure, http::escape};

use crate::Id;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    pub group: String,
    pub version: String,
    pub kind: String,
    /// As it stands in paths.
    pub plural: String,
    pub namespaced: bool,
}

impl Resource {
    /// As an object says it.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// All of the kind, in one namespace where there are any.
    pub fn list(&self, namespace: Option<&str>) -> String {
        let root = if self.group.is_empty() {
            format!("/api/{}", self.version)
        } else {
            format!("/apis/{}/{}", self.group, self.version)
        };
        match namespace.filter(|_| self.namespaced) {
            Some(namespace) => format!("{root}/namespaces/{}/{}", escape(namespace), self.plural),
            None => format!("{root}/{}", self.plural),
        }
    }

    pub fn one(&self, namespace: Option<&str>, name: &str) -> String {
        format!("{}/{}", self.list(namespace), escape(name))
    }

    pub fn services() -> Result<Self, Failure> {
        Self::known("", "Service").ok_or_else(|| Failure::failed("nothing is known of Service"))
    }

    /// Those that every cluster has, so that nobody has to be asked.
    pub fn known(group: &str, kind: &str) -> Option<Self> {
        let (version, plural, namespaced) = match (group, kind) {
            ("", "Namespace") => ("v1", "namespaces", false),
            ("", "ConfigMap") => ("v1", "configmaps", true),
            ("", "Event") => ("v1", "events", true),
            ("", "Pod") => ("v1", "pods", true),
            ("", "Secret") => ("v1", "secrets", true),
            ("", "Service") => ("v1", "services", true),
            ("apps", "Deployment") => ("v1", "deployments", true),
            ("apps", "StatefulSet") => ("v1", "statefulsets", true),
            ("apps", "ReplicaSet") => ("v1", "replicasets", true),
            ("apps", "DaemonSet") => ("v1", "daemonsets", true),
            ("batch", "Job") => ("v1", "jobs", true),
            ("coordination.k8s.io", "Lease") => ("v1", "leases", true),
            ("discovery.k8s.io", "EndpointSlice") => ("v1", "endpointslices", true),
            ("networking.k8s.io", "Ingress") => ("v1", "ingresses", true),
            ("gateway.networking.k8s.io", "HTTPRoute") => ("v1", "httproutes", true),
            ("gateway.networking.k8s.io", "Gateway") => ("v1", "gateways", true),
            _ => return None,
        };
        Some(Self {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            plural: plural.to_owned(),
            namespaced,
        })
    }

    /// The object's name, with its namespace where that is not the place's own.
    pub fn id(&self, namespace: Option<&str>, own: &str, name: &str) -> Id {
        Id {
            kind: self.kind.clone(),
            group: self.group.clone(),
            namespace: namespace.filter(|namespace| *namespace != own).map(str::to_owned),
            name: name.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let service = Resource::known("", "Service").unwrap();
        assert_eq!(
            service.one(Some("shop"), "web"),
            "/api/v1/namespaces/shop/services/web"
        );
        assert_eq!(service.list(None), "/api/v1/services");
        let deployment = Resource::known("apps", "Deployment").unwrap();
        assert_eq!(
            deployment.list(Some("a")),
            "/apis/apps/v1/namespaces/a/deployments"
        );
        assert_eq!(deployment.api_version(), "apps/v1");
        let namespace = Resource::known("", "Namespace").unwrap();
        assert_eq!(namespace.one(Some("ignored"), "a"), "/api/v1/namespaces/a");
    }
}
