//! What each instance has made, kept in the namespace itself: by it an instance is found again, and what is no longer
//! part of any is removed. One ConfigMap, one key for each artifact's revision, so that several can be written at the
//! same time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use slipway_kubernetes_api::{Id, Resource, fitting, short};
use slipway_sdk::{Failure, Place};

use crate::revise::Port;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Entry {
    pub(crate) instance: String,
    pub(crate) artifact: String,
    /// The digest.
    pub(crate) revision: String,
    pub(crate) state: State,
    pub(crate) objects: Vec<Item>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) ports: Vec<Port>,
    /// The revision of the artifact, by digest, that others had deployed: its pods bear no marks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) adopted: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    /// Its objects are being made: some may not be there yet.
    Starting,
    /// Its objects are made, and StatefulSets among them take the place of the revision before step by step.
    Partial,
    Running,
    /// What ran pods is gone, and the rest is not.
    Stopped,
}

/// An object that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Item {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) kind: String,
    /// As it stands in paths.
    pub(crate) plural: String,
    /// None for what is in no namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
    /// Empty until it was seen.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) uid: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) own: bool,
}

impl Item {
    pub(crate) fn of(resource: &Resource, namespace: Option<&str>, name: &str, own: bool) -> Self {
        Self {
            group: resource.group.clone(),
            version: resource.version.clone(),
            kind: resource.kind.clone(),
            plural: resource.plural.clone(),
            namespace: namespace.filter(|_| resource.namespaced).map(str::to_owned),
            name: name.to_owned(),
            uid: String::new(),
            own,
        }
    }

    pub(crate) fn path(&self) -> String {
        let resource = Resource {
            group: self.group.clone(),
            version: self.version.clone(),
            kind: self.kind.clone(),
            plural: self.plural.clone(),
            namespaced: self.namespace.is_some(),
        };
        resource.one(self.namespace.as_deref(), &self.name)
    }

    /// As people call it at this place.
    pub(crate) fn id(&self, own_namespace: &str) -> Id {
        Id {
            kind: self.kind.clone(),
            group: self.group.clone(),
            namespace: self
                .namespace
                .clone()
                .filter(|namespace| namespace != own_namespace),
            name: self.name.clone(),
        }
    }

    /// The same object, whatever version it was made in.
    pub(crate) fn same(&self, other: &Self) -> bool {
        (&self.group, &self.kind, &self.namespace, &self.name)
            == (&other.group, &other.kind, &other.namespace, &other.name)
    }
}

/// All that is written of a service in an environment, by key.
#[derive(Debug, Default)]
pub(crate) struct Inventory(pub(crate) BTreeMap<String, Entry>);

impl Inventory {
    pub(crate) fn name<S>(place: &Place<S>) -> String {
        fitting(&format!("slipway-{}-{}", place.service, place.environment), 200)
    }

    pub(crate) fn read(name: &str, config_map: Option<&Value>) -> Result<Self, Failure> {
        let data = config_map
            .and_then(|map| map.get("data"))
            .and_then(Value::as_object);
        let one = |(key, text): (&String, &Value)| {
            let entry = serde_json::from_str(text.as_str().unwrap_or_default());
            let entry: Entry = entry.map_err(|error| {
                Failure::failed(format!("`{key}` of the inventory ConfigMap/{name} cannot be understood: {error}"))
                    .hint("put it right, or remove the ConfigMap: then nothing that is there already is removed by itself")
            })?;
            Ok((key.clone(), entry))
        };
        let entries: Result<_, Failure> = data.into_iter().flatten().map(one).collect();
        Ok(Self(entries?))
    }

    pub(crate) fn find(&self, instance: &str) -> Option<&Entry> {
        self.0.values().find(|entry| entry.instance == instance)
    }

    /// The revision of an artifact that others had deployed.
    pub(crate) fn adopted(&self, artifact: &str) -> Option<&str> {
        let entries = self.0.values().filter(|entry| entry.artifact == artifact);
        entries.filter_map(|entry| entry.adopted.as_deref()).next()
    }

    /// Other revisions' entries of an artifact.
    pub(crate) fn others<'a>(&'a self, entry: &'a Entry) -> impl Iterator<Item = (&'a String, &'a Entry)> {
        self.0
            .iter()
            .filter(|(_, other)| other.artifact == entry.artifact && other.revision != entry.revision)
    }

    /// Those of an entry's objects that no other entry has.
    pub(crate) fn only_in<'a>(&'a self, key: &str, entry: &'a Entry) -> Vec<&'a Item> {
        let others: Vec<_> = self
            .0
            .iter()
            .filter(|(other, _)| *other != key)
            .map(|(_, entry)| entry)
            .collect();
        let shared = |item: &&Item| {
            others
                .iter()
                .any(|other| other.objects.iter().any(|own| own.same(item)))
        };
        entry.objects.iter().filter(|item| !shared(item)).collect()
    }
}

impl Entry {
    pub(crate) fn key(&self) -> String {
        format!("{}.{}", self.artifact, short(&self.revision))
    }

    /// Nothing of the revision before is needed any more.
    pub(crate) fn is_whole(&self) -> bool {
        matches!(self.state, State::Running | State::Stopped)
    }

    /// Are its pods those that others had made?
    pub(crate) fn unmarked(&self) -> bool {
        self.adopted.as_ref() == Some(&self.revision)
    }

    pub(crate) fn holds(&self, item: &Item) -> bool {
        self.objects.iter().any(|own| own.same(item))
    }
}

/// What is written into the ConfigMap: new entries, and none for those that go.
pub(crate) fn change(written: &[&Entry], gone: &[String]) -> Value {
    let mut data = serde_json::Map::new();
    gone.iter()
        .for_each(|key| drop(data.insert(key.clone(), Value::Null)));
    for entry in written {
        let text = serde_json::to_string(entry).unwrap_or_default();
        data.insert(entry.key(), Value::String(text));
    }
    json!({ "data": data })
}

/// The ConfigMap with nothing in it yet.
pub(crate) fn empty<S>(place: &Place<S>) -> Value {
    let labels = slipway_kubernetes_api::labels::owner(&place.service, &place.environment);
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": Inventory::name(place), "labels": labels } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(revision: &str, names: &[&str]) -> Entry {
        let service = Resource::known("", "Service").unwrap();
        Entry {
            instance: format!("shop-{revision}"),
            artifact: "app".to_owned(),
            revision: format!("sha256:{revision}"),
            state: State::Running,
            objects: names
                .iter()
                .map(|name| Item::of(&service, Some("shop"), name, false))
                .collect(),
            ports: Vec::new(),
            adopted: None,
        }
    }

    #[test]
    fn written_and_read_again() {
        let (one, other) = (entry("11111111", &["a", "b"]), entry("22222222", &["b", "c"]));
        let change = change(&[&one, &other], &["app.33333333".to_owned()]);
        assert_eq!(change["data"]["app.33333333"], Value::Null);
        let mut map = change.clone();
        map["data"].as_object_mut().unwrap().remove("app.33333333");
        let inventory = Inventory::read("n", Some(&map)).unwrap();
        assert_eq!(inventory.find("shop-11111111"), Some(&one));
        assert_eq!(inventory.others(&one).count(), 1);
        let only: Vec<_> = inventory
            .only_in("app.11111111", &one)
            .iter()
            .map(|item| item.path())
            .collect();
        assert_eq!(only, ["/api/v1/namespaces/shop/services/a"]);
        map["data"]["app.11111111"] = json!("?");
        assert!(
            Inventory::read("n", Some(&map))
                .unwrap_err()
                .message
                .contains("app.11111111")
        );
    }
}
