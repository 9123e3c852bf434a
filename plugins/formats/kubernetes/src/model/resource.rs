//! One manifest, with what a build has to remember about it: the names it had, and what was put around them. What
//! kustomize keeps in annotations of its own while it builds is kept beside the tree here.

use std::rc::Rc;

use super::identity::{Gvk, Id, effective, group_and_version};
use crate::yaml::{Body, Entry, Map, Node};

#[derive(Debug, Clone)]
pub struct Resource {
    pub root: Node,
    pub cluster_scoped: bool,
    /// The file it was read from, or the kustomization that made it.
    pub file: Rc<str>,
    /// Oldest first.
    pub previous: Vec<Previous>,
    pub prefixes: Vec<String>,
    pub suffixes: Vec<String>,
    /// Gets a suffix from its content at the end.
    pub hashed: bool,
    pub behavior: Behavior,
    /// kustomize would have had an annotation of its own on it.
    pub noted: bool,
    /// The variables that take a value from it.
    pub variables: Vec<String>,
    /// How many scalars were put into several places at once.
    pub twins: u32,
}

/// A name that it had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previous {
    pub kind: String,
    pub name: String,
    pub namespace: String,
}

/// What a generated resource does if there is one already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Behavior {
    #[default]
    Create,
    Merge,
    Replace,
}

impl Resource {
    pub fn new(root: Node, file: Rc<str>, cluster_scoped: bool) -> Self {
        Self {
            root,
            cluster_scoped,
            file,
            previous: Vec::new(),
            prefixes: Vec::new(),
            suffixes: Vec::new(),
            hashed: false,
            behavior: Behavior::Create,
            noted: false,
            variables: Vec::new(),
            twins: 0,
        }
    }

    pub fn api_version(&self) -> &str {
        self.root.get("apiVersion").map_or("", Node::raw)
    }

    pub fn kind(&self) -> &str {
        self.root.get("kind").map_or("", Node::raw)
    }

    pub fn name(&self) -> &str {
        self.metadata("name")
    }

    pub fn namespace(&self) -> &str {
        self.metadata("namespace")
    }

    pub fn gvk(&self) -> Gvk {
        Gvk::new(self.api_version(), self.kind())
    }

    /// Without making a `Gvk` of its own.
    pub fn selected_by(&self, selector: &Gvk) -> bool {
        let (group, version) = group_and_version(self.api_version());
        let selects = |value: &str, selector: &str| selector.is_empty() || value == selector;
        selects(self.kind(), &selector.kind)
            && selects(group, &selector.group)
            && selects(version, &selector.version)
    }

    pub fn effective_namespace(&self) -> &str {
        effective(self.namespace(), self.cluster_scoped)
    }

    pub fn id(&self) -> Id {
        Id {
            gvk: self.gvk(),
            name: self.name().to_owned(),
            namespace: self.effective_namespace().to_owned(),
        }
    }

    pub fn previous_ids(&self) -> impl Iterator<Item = Id> {
        self.previous.iter().map(|previous| self.id_of(previous))
    }

    /// The ids it had and the one it has.
    pub fn all_ids(&self) -> impl Iterator<Item = Id> {
        self.previous_ids().chain([self.id()])
    }

    /// Who it was when it was read.
    pub fn original_id(&self) -> Id {
        self.previous
            .first()
            .map_or_else(|| self.id(), |previous| self.id_of(previous))
    }

    fn id_of(&self, previous: &Previous) -> Id {
        Id {
            gvk: Gvk::new(self.api_version(), &previous.kind),
            name: previous.name.clone(),
            namespace: effective(&previous.namespace, false).to_owned(),
        }
    }

    /// Before it gets another name, namespace or kind.
    pub fn remember(&mut self) {
        self.previous.push(Previous {
            kind: self.kind().to_owned(),
            name: self.name().to_owned(),
            namespace: self.effective_namespace().to_owned(),
        });
        self.noted = true;
    }

    pub fn set_name(&mut self, name: &str) {
        self.metadata_mut().set("name", Node::bare(name));
    }

    pub fn set_namespace(&mut self, namespace: &str) {
        if namespace.is_empty() {
            self.metadata_mut().remove("namespace");
        } else {
            self.metadata_mut().set("namespace", Node::bare(namespace));
        }
    }

    /// Texts of labels, whatever they are.
    pub fn labels(&self) -> Vec<(String, String)> {
        self.texts_in_metadata("labels")
    }

    pub fn annotations(&self) -> Vec<(String, String)> {
        self.texts_in_metadata("annotations")
    }

    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.root.at(&["metadata", "annotations", key]).map(Node::raw)
    }

    /// Replaces labels or annotations; all values are texts from then on. Without any, the field is gone.
    pub fn set_texts_in_metadata(&mut self, field: &str, mut texts: Vec<(String, String)>) {
        let metadata = self.metadata_mut();
        metadata.remove(field);
        if !texts.is_empty() {
            texts.sort();
            let entries = texts.into_iter().map(|(key, text)| (key, Node::text(text)));
            metadata.entries.push(Entry::new(field, Node::map(entries)));
        }
    }

    pub fn set_annotation(&mut self, key: &str, text: &str) {
        let mut annotations = self.annotations();
        annotations.retain(|(name, _)| name != key);
        annotations.push((key.to_owned(), text.to_owned()));
        self.set_texts_in_metadata("annotations", annotations);
    }

    pub fn metadata_mut(&mut self) -> &mut Map {
        if self.root.as_map().is_none() {
            self.root = Node::empty_map();
        }
        let root = self.root.as_map_mut().expect("it is a map since the line before");
        let metadata = root.get_or_put("metadata", Node::empty_map);
        if metadata.as_map().is_none() {
            metadata.body = Body::Map(Map::default());
        }
        metadata.as_map_mut().expect("it is a map since the line before")
    }

    /// After a change that may have been one of a twin.
    pub fn unite_twins(&mut self) {
        if self.twins > 0 {
            self.root.unite_twins();
        }
    }

    /// What is said about it in a message.
    pub fn described(&self) -> String {
        format!("{} {}", self.kind(), self.name())
    }

    fn metadata(&self, field: &str) -> &str {
        self.root
            .at(&["metadata", field])
            .filter(|value| !value.is_null())
            .map_or("", Node::raw)
    }

    fn texts_in_metadata(&self, field: &str) -> Vec<(String, String)> {
        let map = self.root.at(&["metadata", field]).and_then(Node::as_map);
        map.map_or_else(Vec::new, |map| {
            map.entries
                .iter()
                .map(|entry| (entry.key.clone(), entry.value.raw().to_owned()))
                .collect()
        })
    }
}
