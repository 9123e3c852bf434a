//! A structured file as a tree in which every node knows its place in the text and who set it.

use indexmap::IndexMap;
use serde_json::Value;
use slipway_model::Span;

use crate::Setting;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// The value in the text that it was read from, without its key.
    pub(crate) span: Span,
    /// Who set this leaf, lowest first. Empty for lists and tables that have members.
    pub(crate) history: Vec<Setting>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// Null, boolean, number or string.
    Scalar(Value),
    List(Vec<Node>),
    Map(IndexMap<String, Member>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member {
    pub(crate) key: Span,
    pub(crate) node: Node,
}

impl Node {
    pub(crate) fn new(kind: Kind, span: Span) -> Self {
        Self {
            kind,
            span,
            history: Vec::new(),
        }
    }

    /// A value that was not read from a text.
    pub(crate) fn from_value(value: &Value) -> Self {
        let kind = match value {
            Value::Array(items) => Kind::List(items.iter().map(Self::from_value).collect()),
            Value::Object(members) => Kind::Map(
                members
                    .iter()
                    .map(|(key, value)| {
                        (
                            key.clone(),
                            Member {
                                key: Span::default(),
                                node: Self::from_value(value),
                            },
                        )
                    })
                    .collect(),
            ),
            scalar => Kind::Scalar(scalar.clone()),
        };
        Self::new(kind, Span::default())
    }

    pub(crate) fn value(&self) -> Value {
        match &self.kind {
            Kind::Scalar(value) => value.clone(),
            Kind::List(items) => items.iter().map(Node::value).collect(),
            Kind::Map(members) => members
                .iter()
                .map(|(key, member)| (key.clone(), member.node.value()))
                .collect(),
        }
    }

    pub(crate) fn member(&self, key: &str) -> Option<&Member> {
        match &self.kind {
            Kind::Map(members) => members.get(key),
            Kind::Scalar(_) | Kind::List(_) => None,
        }
    }

    /// Scalars, empty lists and empty tables: what has an origin of its own.
    pub(crate) fn is_leaf(&self) -> bool {
        match &self.kind {
            Kind::Scalar(_) => true,
            Kind::List(items) => items.is_empty(),
            Kind::Map(members) => members.is_empty(),
        }
    }

    /// Every leaf with its JSON pointer, in the order of the file.
    pub(crate) fn leaves(&self) -> Vec<(String, &Node)> {
        let mut leaves = Vec::new();
        self.collect(String::new(), &mut leaves);
        leaves
    }

    fn collect<'a>(&'a self, pointer: String, leaves: &mut Vec<(String, &'a Node)>) {
        match &self.kind {
            Kind::List(items) if !items.is_empty() => {
                for (index, item) in items.iter().enumerate() {
                    item.collect(format!("{pointer}/{index}"), leaves);
                }
            }
            Kind::Map(members) if !members.is_empty() => {
                for (key, member) in members {
                    member.node.collect(format!("{pointer}/{}", escape(key)), leaves);
                }
            }
            _ => leaves.push((pointer, self)),
        }
    }

    /// Gives every leaf its history.
    pub(crate) fn stamp(&mut self, history: &mut impl FnMut(&Node) -> Vec<Setting>) {
        match &mut self.kind {
            Kind::List(items) if !items.is_empty() => {
                items.iter_mut().for_each(|item| item.stamp(history));
            }
            Kind::Map(members) if !members.is_empty() => {
                members.values_mut().for_each(|member| member.node.stamp(history));
            }
            _ => self.history = history(self),
        }
    }
}

/// A key as one token of a JSON pointer.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
