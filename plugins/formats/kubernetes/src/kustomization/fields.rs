//! Reads maps that have known keys: kustomizations and what they are made of. Everything that is wrong is collected,
//! each with its place; what could not be read is empty in the meantime.

use std::collections::BTreeMap;

use crate::{
    problem::Problem,
    yaml::{Body, Node, Place, Style, Tag, Value, resolve_1_1},
};

/// A map while it is read. Keys are found whatever their case, as kustomize finds them.
pub(crate) struct Fields<'a> {
    node: &'a Node,
    /// What leads to the map.
    path: String,
    known: Vec<&'static str>,
}

/// Where problems go, and the file they are in.
pub(crate) struct Report<'a> {
    pub file: &'a str,
    pub problems: Vec<Problem>,
}

impl Report<'_> {
    pub(crate) fn add(&mut self, place: Place, key: &str, why: impl Into<String>, hint: Option<&str>) {
        let mut problem = Problem::new(self.file, why).at(place).key(key);
        problem.hint = hint.map(str::to_owned);
        self.problems.push(problem);
    }

    fn wrong_kind(&mut self, node: &Node, path: &str, wanted: &str) {
        self.add(
            node.place,
            path,
            format!("it is {wanted}, not {}", node.kind()),
            None,
        );
    }
}

impl<'a> Fields<'a> {
    /// None if it is no map, which is reported.
    pub(crate) fn of(node: &'a Node, path: &str, report: &mut Report<'_>) -> Option<Self> {
        if node.as_map().is_none() {
            if !node.is_null() {
                report.wrong_kind(node, path, "a map");
            }
            return None;
        }
        Some(Self {
            node,
            path: path.to_owned(),
            known: Vec::new(),
        })
    }

    pub(crate) fn place(&self) -> Place {
        self.node.place
    }

    pub(crate) fn path(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// The value, if there is one that is not null.
    pub(crate) fn node(&mut self, key: &'static str) -> Option<&'a Node> {
        self.known.push(key);
        let entries = &self.node.as_map()?.entries;
        let exact = entries.iter().find(|entry| entry.key == key);
        exact
            .or_else(|| entries.iter().find(|entry| entry.key.eq_ignore_ascii_case(key)))
            .map(|entry| &entry.value)
            .filter(|value| !value.is_null())
    }

    pub(crate) fn text(&mut self, key: &'static str, report: &mut Report<'_>) -> String {
        let path = self.path(key);
        self.node(key)
            .map_or_else(String::new, |node| text(node, &path, report))
    }

    pub(crate) fn flag(&mut self, key: &'static str, report: &mut Report<'_>) -> bool {
        let path = self.path(key);
        match self.node(key) {
            None => false,
            Some(node) => match scalar(node) {
                Some(Value::Bool(flag)) => flag,
                _ => {
                    report.wrong_kind(node, &path, "true or false");
                    false
                }
            },
        }
    }

    pub(crate) fn integer(&mut self, key: &'static str, report: &mut Report<'_>) -> i64 {
        let path = self.path(key);
        match self.node(key) {
            None => 0,
            Some(node) => match scalar(node) {
                Some(Value::Int(number)) => number,
                _ => {
                    report.wrong_kind(node, &path, "a whole number");
                    0
                }
            },
        }
    }

    pub(crate) fn texts(&mut self, key: &'static str, report: &mut Report<'_>) -> Vec<String> {
        self.list(key, report, text)
    }

    pub(crate) fn list<T>(
        &mut self,
        key: &'static str,
        report: &mut Report<'_>,
        item: impl Fn(&'a Node, &str, &mut Report<'_>) -> T,
    ) -> Vec<T> {
        let path = self.path(key);
        let Some(node) = self.node(key) else {
            return Vec::new();
        };
        let Body::List(items) = &node.body else {
            report.wrong_kind(node, &path, "a list");
            return Vec::new();
        };
        items
            .iter()
            .enumerate()
            .map(|(at, node)| item(node, &format!("{path}[{at}]"), report))
            .collect()
    }

    /// Names of labels, annotations or data with their texts.
    pub(crate) fn text_map(
        &mut self,
        key: &'static str,
        report: &mut Report<'_>,
    ) -> BTreeMap<String, String> {
        let path = self.path(key);
        let Some(node) = self.node(key) else {
            return BTreeMap::new();
        };
        let Some(map) = node.as_map() else {
            report.wrong_kind(node, &path, "a map");
            return BTreeMap::new();
        };
        let entries = map.entries.iter().map(|entry| {
            let path = format!("{path}.{}", entry.key);
            if let Some(why) = wrong_as_key(&entry.key) {
                report.add(entry.place, &path, why, None);
            }
            let text = if entry.value.is_null() {
                String::new()
            } else {
                text(&entry.value, &path, report)
            };
            (entry.key.clone(), text)
        });
        entries.collect()
    }

    /// Reports the keys that nobody asked for.
    pub(crate) fn finish(self, report: &mut Report<'_>) {
        for entry in self.node.as_map().map_or(&[][..], |map| &map.entries) {
            let known = |name: &&&str| name.eq_ignore_ascii_case(&entry.key);
            if self.known.iter().find(known).is_some() {
                continue;
            }
            let near = self
                .known
                .iter()
                .filter(|known| distance(known, &entry.key) <= 2)
                .min_by_key(|known| distance(known, &entry.key));
            let hint = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known are {}", self.known.join(", ")),
            };
            report.add(
                entry.place,
                &self.path(&entry.key),
                "there is no such key",
                Some(&hint),
            );
        }
    }
}

pub(crate) fn text(node: &Node, path: &str, report: &mut Report<'_>) -> String {
    match scalar(node) {
        Some(Value::Text(text)) => text,
        Some(Value::Null) => String::new(),
        Some(_) => {
            let why = format!("it is a text, and `{}` is read as something else", node.raw());
            report.add(node.place, path, why, Some("write it in quotes"));
            String::new()
        }
        None => {
            report.wrong_kind(node, path, "a text");
            String::new()
        }
    }
}

/// Why a text cannot be a key that kustomize writes, if it cannot: it writes keys without quotes and reads them again.
pub(crate) fn wrong_as_key(key: &str) -> Option<String> {
    let plain = Node::scalar(key, Tag::None);
    let settled = plain.as_scalar().map(crate::yaml::settle);
    match settled {
        Some(Ok(Value::Text(_))) if key != "<<" => None,
        _ => Some(format!(
            "`{key}` is no name: readers take it for a number or a word of YAML"
        )),
    }
}

/// A single value as YAML 1.1 has it; none for lists and maps.
fn scalar(node: &Node) -> Option<Value> {
    let scalar = node.as_scalar()?;
    Some(match scalar.style {
        Style::Plain => resolve_1_1(&scalar.text),
        Style::Quoted | Style::Folded => Value::Text(scalar.text.clone()),
    })
}

/// How many letters are to be changed, added or left away.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let change = diagonal + usize::from(!x.eq_ignore_ascii_case(&y));
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
