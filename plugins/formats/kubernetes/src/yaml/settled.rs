//! From the tree of a document to what it says, and back.

use super::{
    node::{Body, Entry, Map, Node},
    number::{json_float, yaml_float},
    resolve::{resolve, resolve_1_1, resolves_as_text_in_1_1, settle},
    scalar::{Scalar, Style, Tag},
    value::Value,
};

/// A scalar that cannot be what its tag says, and the keys that lead to it.
#[derive(Debug, PartialEq)]
pub struct Unsettled {
    pub path: Vec<String>,
    pub why: String,
}

impl Value {
    pub fn of(node: &Node) -> Result<Self, Unsettled> {
        match &node.body {
            Body::Scalar(scalar) => {
                let value = settle(scalar).map_err(Unsettled::here)?;
                value.plain_number().map_err(Unsettled::here)
            }
            Body::List(list) => list
                .iter()
                .enumerate()
                .map(|(at, item)| Self::of(item).map_err(|unsettled| unsettled.below(&at.to_string())))
                .collect::<Result<_, _>>()
                .map(Self::List),
            Body::Map(map) => map
                .entries
                .iter()
                .map(|entry| {
                    let value = Self::of(&entry.value).map_err(|unsettled| unsettled.below(&entry.key))?;
                    Ok((entry.key.clone(), value))
                })
                .collect::<Result<_, _>>()
                .map(Self::Map),
        }
    }

    /// As kustomizations and JSON patches are read: by YAML 1.1.
    pub fn of_1_1(node: &Node) -> Result<Self, Unsettled> {
        match &node.body {
            Body::Scalar(scalar) if scalar.style == Style::Plain => {
                let value = resolve_1_1(&scalar.text);
                value.plain_number().map_err(Unsettled::here)
            }
            Body::Scalar(scalar) => Ok(Self::Text(scalar.text.clone())),
            Body::List(list) => list
                .iter()
                .enumerate()
                .map(|(at, item)| Self::of_1_1(item).map_err(|unsettled| unsettled.below(&at.to_string())))
                .collect::<Result<_, _>>()
                .map(Self::List),
            Body::Map(map) => map
                .entries
                .iter()
                .map(|entry| {
                    let value =
                        Self::of_1_1(&entry.value).map_err(|unsettled| unsettled.below(&entry.key))?;
                    // As JSON has it: a key is a text there, also of what is none.
                    let key = match resolve_1_1(&entry.key) {
                        Self::Bool(key) if entry.plain => key.to_string(),
                        _ => entry.key.clone(),
                    };
                    Ok((key, value))
                })
                .collect::<Result<_, _>>()
                .map(Self::Map),
        }
    }

    /// The tree that reading the printed value gives. Numbers have gone through floating point.
    pub fn to_node(&self) -> Node {
        match self {
            Self::Null => Node::scalar("null", Tag::Null),
            Self::Bool(value) => Node::scalar(value.to_string(), Tag::Bool),
            Self::Int(value) => number(*value as f64),
            Self::Large(value) => number(*value as f64),
            Self::Float(value) => number(*value),
            Self::Text(text) => {
                let style = if resolves_as_text_in_1_1(text) && !text.contains('\n') {
                    Style::Plain
                } else {
                    Style::Quoted
                };
                Body::Scalar(Scalar::new(text.as_str(), Tag::Text, style)).into()
            }
            Self::List(list) => Body::List(list.iter().map(Self::to_node).collect()).into(),
            Self::Map(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| Entry::new(key.as_str(), value.to_node()))
                    .collect();
                Body::Map(Map { entries }).into()
            }
        }
    }

    /// Numbers as they come out of JSON: what has no fraction is a whole number.
    fn plain_number(self) -> Result<Self, String> {
        let Self::Float(value) = self else {
            return Ok(self);
        };
        let Some(text) = json_float(value) else {
            return Err(format!("{} is no number that JSON knows", yaml_float(value)));
        };
        Ok(match resolve(&text) {
            (Tag::Int, value) => value,
            _ => Self::Float(value),
        })
    }
}

impl Unsettled {
    fn here(why: String) -> Self {
        Self {
            path: Vec::new(),
            why,
        }
    }

    fn below(mut self, key: &str) -> Self {
        self.path.insert(0, key.to_owned());
        self
    }
}

fn number(value: f64) -> Node {
    let text = yaml_float(value);
    let (tag, _) = resolve(&text);
    Node::scalar(text, tag)
}
