//! The tree of a document as it was read: order, places, and its scalars as they are written. Knows nothing of Kubernetes.

use super::{
    resolve::resolves_as_text_in_1_1,
    scalar::{Scalar, Style, Tag, Twin},
};

/// Where something begins, counted from 1; 0 if it was made here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    pub line: u32,
    pub column: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub body: Body,
    pub place: Place,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Map),
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Map {
    pub entries: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub key: String,
    pub place: Place,
    /// It was read, and without quotes: by YAML 1.1 it may be no text.
    pub plain: bool,
    pub value: Node,
}

impl Node {
    pub fn scalar(text: impl Into<String>, tag: Tag) -> Self {
        Body::Scalar(Scalar::new(text, tag, Style::Plain)).into()
    }

    /// A text, whatever it looks like.
    pub fn text(text: impl Into<String>) -> Self {
        Body::Scalar(Scalar::new(text, Tag::Text, Style::Quoted)).into()
    }

    /// What the text looks like.
    pub fn bare(text: impl Into<String>) -> Self {
        Self::scalar(text, Tag::None)
    }

    pub fn empty_map() -> Self {
        Body::Map(Map::default()).into()
    }

    pub fn map(entries: impl IntoIterator<Item = (String, Node)>) -> Self {
        let entries = entries
            .into_iter()
            .map(|(key, value)| Entry::new(key, value))
            .collect();
        Body::Map(Map { entries }).into()
    }

    pub fn as_map(&self) -> Option<&Map> {
        match &self.body {
            Body::Map(map) => Some(map),
            _ => None,
        }
    }

    pub fn as_map_mut(&mut self) -> Option<&mut Map> {
        match &mut self.body {
            Body::Map(map) => Some(map),
            _ => None,
        }
    }

    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.body {
            Body::List(list) => Some(list),
            _ => None,
        }
    }

    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.body {
            Body::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    pub fn as_scalar_mut(&mut self) -> Option<&mut Scalar> {
        match &mut self.body {
            Body::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a scalar; empty for a list or a map.
    pub fn raw(&self) -> &str {
        self.as_scalar().map_or("", |scalar| &scalar.text)
    }

    pub fn is_null(&self) -> bool {
        self.as_scalar().is_some_and(|scalar| scalar.tag == Tag::Null)
    }

    pub fn is_empty_map(&self) -> bool {
        self.as_map().is_some_and(|map| map.entries.is_empty())
    }

    /// Null, or a list or map without anything in it.
    pub fn is_null_or_empty(&self) -> bool {
        match &self.body {
            Body::Scalar(scalar) => scalar.tag == Tag::Null,
            Body::List(list) => list.is_empty(),
            Body::Map(map) => map.entries.is_empty(),
        }
    }

    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.as_map_mut()?.get_mut(key)
    }

    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// What it is, in words for a message.
    pub fn kind(&self) -> &'static str {
        match &self.body {
            Body::Scalar(scalar) if scalar.tag == Tag::Null => "nothing",
            Body::Scalar(_) => "a single value",
            Body::List(_) => "a list",
            Body::Map(_) => "a map",
        }
    }

    /// Puts a scalar in the place of what is there, whose quoting stays.
    pub fn replace_scalar(&mut self, mut new: Scalar) {
        new.style = Style::Plain;
        if let Body::Scalar(old) = &self.body {
            new.style = old.style;
            new.twin = old.twin.map(Twin::changed);
        }
        self.body = Body::Scalar(new);
    }

    /// Gives all twins in the tree the value of the one that was changed last.
    pub fn unite_twins(&mut self) {
        let mut newest = std::collections::HashMap::new();
        let mut differ = false;
        self.visit_twins(&mut |scalar, twin| {
            let known = newest.entry(twin.id).or_insert_with(|| scalar.clone());
            let changes = known.twin.map_or(0, |known| known.changes);
            differ |= changes != twin.changes;
            if changes < twin.changes {
                *known = scalar.clone();
            }
        });
        if differ {
            self.visit_twins(&mut |scalar, twin| {
                if let Some(newest) = newest.get(&twin.id) {
                    scalar.clone_from(newest);
                }
            });
        }
    }

    fn visit_twins(&mut self, visit: &mut dyn FnMut(&mut Scalar, Twin)) {
        match &mut self.body {
            Body::Scalar(scalar) => {
                if let Some(twin) = scalar.twin {
                    visit(scalar, twin);
                }
            }
            Body::List(items) => items.iter_mut().for_each(|item| item.visit_twins(visit)),
            Body::Map(map) => map
                .entries
                .iter_mut()
                .for_each(|entry| entry.value.visit_twins(visit)),
        }
    }

    /// Replaces the text of a scalar and lets the new text say what it is, within the quoting that was there.
    pub fn set_bare(&mut self, text: impl Into<String>) {
        self.replace_scalar(Scalar::new(text, Tag::None, Style::Plain));
    }
}

impl From<Body> for Node {
    fn from(body: Body) -> Self {
        Self {
            body,
            place: Place::default(),
        }
    }
}

impl Entry {
    pub fn new(key: impl Into<String>, value: Node) -> Self {
        Self {
            key: key.into(),
            place: Place::default(),
            plain: false,
            value,
        }
    }
}

impl Map {
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.value)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.entries
            .iter_mut()
            .find(|entry| entry.key == key)
            .map(|entry| &mut entry.value)
    }

    pub fn remove(&mut self, key: &str) -> Option<Node> {
        let at = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.entries.remove(at).value)
    }

    /// Sets a field and keeps the quoting of a value that was there. A null removes the field.
    pub fn set(&mut self, key: &str, value: Node) {
        if value.is_null() {
            self.remove(key);
        } else {
            self.put(key, value);
        }
    }

    /// As `set`, but a null is a value like any other.
    pub fn put(&mut self, key: &str, mut value: Node) {
        if let Some(old) = self.get_mut(key) {
            match value.body {
                Body::Scalar(scalar) => old.replace_scalar(scalar),
                body => old.body = body,
            }
            return;
        }
        if let Body::Scalar(scalar) = &mut value.body
            && scalar.undecided_or_text()
            && !scalar.text.is_empty()
            && !resolves_as_text_in_1_1(&scalar.text)
        {
            scalar.style = Style::Quoted;
        }
        self.entries.push(Entry::new(key, value));
    }

    /// The field, made by `make` if it is not there.
    pub fn get_or_put(&mut self, key: &str, make: impl FnOnce() -> Node) -> &mut Node {
        let at = match self.entries.iter().position(|entry| entry.key == key) {
            Some(at) => at,
            None => {
                self.entries.push(Entry::new(key, make()));
                self.entries.len() - 1
            }
        };
        &mut self.entries[at].value
    }
}
