//! Who owns which fields of an object, from its `managedFields`.

use serde_json::Value;

use crate::{items, text};

#[derive(Debug, Clone, PartialEq)]
pub struct Manager {
    pub name: String,
    /// `Apply` or `Update`.
    pub operation: String,
    pub time: String,
    fields: Value,
}

pub fn managers(object: &Value) -> Vec<Manager> {
    let one = |entry: &Value| Manager {
        name: text(entry, "/manager").to_owned(),
        operation: text(entry, "/operation").to_owned(),
        time: text(entry, "/time").to_owned(),
        fields: entry.get("fieldsV1").cloned().unwrap_or_default(),
    };
    // What a controller says of how it stands is no field that anybody else would set.
    let own =
        items(object, "/metadata/managedFields").filter(|entry| text(entry, "/subresource") != "status");
    own.map(one).collect()
}

/// A manager other than `own` that owns a field, or everything that is in it.
pub fn owner_of<'a>(managers: &'a [Manager], own: &str, path: &[String]) -> Option<&'a str> {
    let others = managers.iter().filter(|manager| manager.name != own);
    others
        .filter(|manager| manager.owns(path))
        .map(|manager| manager.name.as_str())
        .next()
}

/// Programs in whose name people change objects by hand; they hold on to nothing by themselves.
pub fn is_hand_tool(manager: &str) -> bool {
    manager == "helm" || manager == "Helm" || manager == "kubectl" || manager.starts_with("kubectl-")
}

impl Manager {
    /// Keys of maps; what is in a list is owned as the list is, as far as this looks.
    pub fn owns(&self, path: &[String]) -> bool {
        let mut fields = &self.fields;
        for key in path {
            match fields.get(format!("f:{key}")) {
                Some(below) => fields = below,
                // The items of a list are named by their keys: who owns some of them is a fair guess.
                None => {
                    return fields
                        .as_object()
                        .is_some_and(|map| map.keys().any(|key| key.starts_with("k:")));
                }
            }
        }
        true
    }

    /// The keys that it owns in a map.
    pub fn keys(&self, path: &[&str]) -> Vec<&str> {
        let below = path
            .iter()
            .try_fold(&self.fields, |fields, key| fields.get(format!("f:{key}")));
        let map = below.and_then(Value::as_object);
        map.into_iter()
            .flat_map(|map| map.keys())
            .filter_map(|key| key.strip_prefix("f:"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_have_owners() {
        let object = json!({ "metadata": { "managedFields": [
            { "manager": "slipway", "operation": "Apply", "time": "t", "fieldsV1": { "f:spec": { "f:template": {} }, "f:stringData": { "f:a": {}, "f:b": {} } } },
            { "manager": "kubectl-edit", "operation": "Update", "fieldsV1": { "f:spec": { "f:replicas": {} } } },
            { "manager": "kube-controller-manager", "operation": "Update", "subresource": "status", "fieldsV1": { "f:status": {} } }
        ] } });
        let managers = managers(&object);
        let path = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        assert_eq!(managers.len(), 2);
        assert_eq!(
            owner_of(&managers, "slipway", &path(&["spec", "replicas"])),
            Some("kubectl-edit")
        );
        assert_eq!(owner_of(&managers, "slipway", &path(&["spec", "template"])), None);
        assert_eq!(managers[0].keys(&["stringData"]), ["a", "b"]);
        assert!(
            is_hand_tool("kubectl-client-side-apply")
                && is_hand_tool("helm")
                && !is_hand_tool("argocd-controller")
        );
    }
}
