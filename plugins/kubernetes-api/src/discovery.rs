//! What kinds a cluster has. Asked for in one document for each of the two roots, which API servers have from
//! Kubernetes 1.27 on.

use serde_json::Value;
use slipway_sdk::Failure;

use crate::{Ask, Resource, ask_all, items, text};

const FORMS: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
                     application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";

#[derive(Debug, Default)]
pub struct Discovery {
    /// The versions of a group in the order in which the cluster prefers them.
    resources: Vec<Resource>,
}

impl Discovery {
    pub fn ask() -> Result<Self, Failure> {
        let asks = ["/api", "/apis"].map(|path| Ask::get(path).accept(FORMS));
        let mut found = Self::default();
        for answer in ask_all(asks.into())? {
            found.add(&answer.success("asking which kinds the cluster has")?)?;
        }
        Ok(found)
    }

    pub fn add(&mut self, document: &Value) -> Result<(), Failure> {
        if text(document, "/kind") != "APIGroupDiscoveryList" {
            return Err(Failure::unsupported(
                "the cluster does not say in one document which kinds it has: Kubernetes 1.27 or newer is needed",
            ));
        }
        for group in items(document, "/items") {
            for version in items(group, "/versions") {
                let described =
                    items(version, "/resources").filter(|resource| resource.get("responseKind").is_some());
                self.resources.extend(described.map(|resource| Resource {
                    group: text(group, "/metadata/name").to_owned(),
                    version: text(version, "/version").to_owned(),
                    kind: text(resource, "/responseKind/kind").to_owned(),
                    plural: text(resource, "/resource").to_owned(),
                    namespaced: text(resource, "/scope") == "Namespaced",
                }));
            }
        }
        Ok(())
    }

    /// The kinds that a definition will bring, for what comes after it.
    pub fn define(&mut self, definition: &Value) {
        for version in items(definition, "/spec/versions") {
            let resource = Resource {
                group: text(definition, "/spec/group").to_owned(),
                version: text(version, "/name").to_owned(),
                kind: text(definition, "/spec/names/kind").to_owned(),
                plural: text(definition, "/spec/names/plural").to_owned(),
                namespaced: text(definition, "/spec/scope") == "Namespaced",
            };
            if self.find(&resource.api_version(), &resource.kind).is_none() {
                self.resources.push(resource);
            }
        }
    }

    /// Exactly what an object says it is.
    pub fn find(&self, api_version: &str, kind: &str) -> Option<&Resource> {
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
        self.resources
            .iter()
            .find(|found| found.kind == kind && found.group == group && found.version == version)
    }

    /// The version of a kind that the cluster prefers.
    pub fn preferred(&self, group: &str, kind: &str) -> Option<&Resource> {
        self.resources
            .iter()
            .find(|found| found.kind == kind && found.group == group)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn kinds_are_found_by_what_objects_say() {
        let resource = |plural: &str, kind: &str, scope: &str| json!({ "resource": plural, "responseKind": { "kind": kind }, "scope": scope });
        let document = json!({
            "kind": "APIGroupDiscoveryList",
            "items": [
                { "metadata": {}, "versions": [{ "version": "v1", "resources": [
                    resource("services", "Service", "Namespaced"), resource("namespaces", "Namespace", "Cluster")
                ] }] },
                { "metadata": { "name": "autoscaling" }, "versions": [
                    { "version": "v2", "resources": [resource("horizontalpodautoscalers", "HorizontalPodAutoscaler", "Namespaced")] },
                    { "version": "v1", "resources": [resource("horizontalpodautoscalers", "HorizontalPodAutoscaler", "Namespaced"), { "resource": "unkind" }] }
                ] }
            ]
        });
        let mut discovery = Discovery::default();
        discovery.add(&document).unwrap();
        assert_eq!(discovery.find("v1", "Service").unwrap().plural, "services");
        assert!(!discovery.find("v1", "Namespace").unwrap().namespaced);
        let scaler = discovery
            .find("autoscaling/v1", "HorizontalPodAutoscaler")
            .unwrap();
        assert_eq!(scaler.version, "v1");
        assert_eq!(
            discovery
                .preferred("autoscaling", "HorizontalPodAutoscaler")
                .unwrap()
                .version,
            "v2"
        );
        assert!(discovery.find("v2", "Service").is_none());
        assert!(discovery.add(&json!({ "kind": "APIVersions" })).is_err());
    }
}
