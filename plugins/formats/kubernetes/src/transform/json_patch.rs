//! JSON patches (RFC 6902) as kustomize applies them: indices may count from the end, and `replace` makes the field of
//! a map that is not there.

use crate::{
    model::Resource,
    yaml::{Body, Node, Place, Value},
};

#[derive(Debug)]
pub(crate) struct JsonPatch(Vec<Operation>);

#[derive(Debug)]
struct Operation {
    kind: Kind,
    path: String,
    place: Place,
}

#[derive(Debug)]
enum Kind {
    Add(Value),
    Remove,
    Replace(Value),
    Move(String),
    Copy(String),
    Test(Value),
}

/// An annotation that is there while a patch is applied, because kustomize has its own there.
const STAND_IN: &str = "internal.config.kubernetes.io/previousNames";

/// In one resource: copies of copies grow fast.
const VALUES: usize = 1_000_000;

impl JsonPatch {
    pub(crate) fn parse(root: &Node) -> Result<Self, (Place, String)> {
        let Body::List(items) = &root.body else {
            return Err((root.place, format!("a JSON patch is a list, not {}", root.kind())));
        };
        items
            .iter()
            .map(|item| Operation::parse(item).map_err(|why| (item.place, why)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn apply(&self, resource: &mut Resource) -> Result<(), String> {
        if resource.noted {
            resource.set_annotation(STAND_IN, "");
        }
        let mut value = Value::of(&resource.root)
            .map_err(|unsettled| format!("{}: {}", unsettled.path.join("."), unsettled.why))?;
        for operation in &self.0 {
            operation.apply(&mut value).map_err(|why| {
                format!(
                    "`{}` (line {} of the patch): {why}",
                    operation.path, operation.place.line
                )
            })?;
        }
        if !matches!(value, Value::Map(_)) {
            return Err("the patch leaves no resource".to_owned());
        }
        resource.root = value.to_node();
        let mut annotations = resource.annotations();
        annotations.retain(|(key, _)| key != STAND_IN);
        resource.set_texts_in_metadata("annotations", annotations);
        Ok(())
    }
}

impl Operation {
    fn parse(node: &Node) -> Result<Self, String> {
        let text = |key: &str| {
            let value = node.get(key).filter(|value| !value.is_null());
            value.map(|value| value.raw().to_owned())
        };
        let value = || -> Result<Value, String> {
            node.get("value").map_or(Ok(Value::Null), |value| {
                Value::of_1_1(value).map_err(|unsettled| unsettled.why)
            })
        };
        let from = || text("from").ok_or_else(|| "it has no `from`".to_owned());
        if node.as_map().is_none() {
            return Err(format!("an operation is a map, not {}", node.kind()));
        }
        let operation = text("op").ok_or("an operation has no `op`")?;
        let kind = match operation.as_str() {
            "add" => Kind::Add(value()?),
            "remove" => Kind::Remove,
            "replace" => Kind::Replace(value()?),
            "move" => Kind::Move(from()?),
            "copy" => Kind::Copy(from()?),
            "test" => Kind::Test(value()?),
            other => {
                return Err(format!(
                    "`op` is add, remove, replace, move, copy or test, not `{other}`"
                ));
            }
        };
        Ok(Self {
            kind,
            path: text("path").ok_or("an operation has no `path`")?,
            place: node.place,
        })
    }

    fn apply(&self, root: &mut Value) -> Result<(), String> {
        match &self.kind {
            Kind::Add(value) => Target::find(root, &self.path)?.add(value.clone()),
            Kind::Remove => Target::find(root, &self.path)?.remove().map(drop),
            Kind::Replace(value) if self.path.is_empty() => {
                *root = value.clone();
                Ok(())
            }
            Kind::Replace(value) => Target::find(root, &self.path)?.replace(value.clone()),
            Kind::Move(from) => {
                let value = Target::find(root, from)?.remove()?;
                Target::find(root, &self.path)?.add(value)
            }
            Kind::Copy(from) => {
                let value = Target::find(root, from)?.get()?.unwrap_or(Value::Null);
                if size(root) + size(&value) > VALUES {
                    return Err(format!("the resource grows beyond {VALUES} values"));
                }
                Target::find(root, &self.path)?.add(value)
            }
            Kind::Test(wanted) => {
                let found = if self.path.is_empty() {
                    Some(root.clone())
                } else {
                    Target::find(root, &self.path)?.get()?
                };
                if equal(found.as_ref().unwrap_or(&Value::Null), wanted) {
                    Ok(())
                } else {
                    Err("the test failed: there is another value".to_owned())
                }
            }
        }
    }
}

/// A field or an item, in what it is in.
struct Target<'a> {
    container: &'a mut Value,
    key: String,
}

impl<'a> Target<'a> {
    fn find(root: &'a mut Value, path: &str) -> Result<Self, String> {
        let mut parts: Vec<String> = path
            .split('/')
            .skip(1)
            .map(|part| part.replace("~1", "/").replace("~0", "~"))
            .collect();
        let key = parts.pop().ok_or("a path begins with `/`")?;
        let mut container = root;
        for part in parts {
            let missing = || format!("there is nothing at `{part}`");
            container = match container {
                Value::Map(entries) => entries
                    .iter_mut()
                    .find(|(name, _)| *name == part)
                    .map(|(_, value)| value)
                    .ok_or_else(missing)?,
                Value::List(items) => {
                    let at = index(&part, items.len())?;
                    items.get_mut(at).ok_or_else(missing)?
                }
                _ => return Err(missing()),
            };
        }
        match container {
            Value::Map(_) | Value::List(_) => Ok(Self { container, key }),
            _ => Err(format!("what `{key}` would be in is no map and no list")),
        }
    }

    fn get(&self) -> Result<Option<Value>, String> {
        match &*self.container {
            Value::List(items) => {
                let at = index(&self.key, items.len())?;
                items
                    .get(at)
                    .cloned()
                    .map(Some)
                    .ok_or_else(|| beyond(at, items.len()))
            }
            container => Ok(container.get(&self.key).cloned()),
        }
    }

    fn add(self, value: Value) -> Result<(), String> {
        match self.container {
            Value::List(items) if self.key == "-" => items.push(value),
            Value::List(items) => {
                let at = index(&self.key, items.len() + 1)?;
                if at > items.len() {
                    return Err(beyond(at, items.len()));
                }
                items.insert(at, value);
            }
            Value::Map(entries) => put(entries, self.key, value),
            _ => {}
        }
        Ok(())
    }

    fn replace(self, value: Value) -> Result<(), String> {
        match self.container {
            Value::List(items) => {
                let at = index(&self.key, items.len())?;
                let count = items.len();
                *items.get_mut(at).ok_or_else(|| beyond(at, count))? = value;
            }
            Value::Map(entries) => put(entries, self.key, value),
            _ => {}
        }
        Ok(())
    }

    fn remove(self) -> Result<Value, String> {
        match self.container {
            Value::List(items) => {
                let at = index(&self.key, items.len())?;
                if at >= items.len() {
                    return Err(beyond(at, items.len()));
                }
                Ok(items.remove(at))
            }
            Value::Map(entries) => {
                let at = entries.iter().position(|(name, _)| *name == self.key);
                let at = at.ok_or_else(|| format!("there is no `{}`", self.key))?;
                Ok(entries.remove(at).1)
            }
            _ => Err(format!("there is no `{}`", self.key)),
        }
    }
}

fn put(entries: &mut Vec<(String, Value)>, key: String, value: Value) {
    match entries.iter_mut().find(|(name, _)| *name == key) {
        Some((_, old)) => *old = value,
        None => entries.push((key, value)),
    }
}

/// Where an index points, counted from the end if it is negative.
fn index(text: &str, count: usize) -> Result<usize, String> {
    let number: isize = text
        .parse()
        .map_err(|_| format!("`{text}` is no index of a list"))?;
    if number >= 0 {
        return Ok(number.unsigned_abs());
    }
    count
        .checked_sub(number.unsigned_abs())
        .ok_or_else(|| format!("index {text} is before the beginning"))
}

fn beyond(at: usize, count: usize) -> String {
    format!("index {at} is beyond the {count} items of the list")
}

fn size(value: &Value) -> usize {
    match value {
        Value::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Map(entries) => 1 + entries.iter().map(|(_, value)| size(value)).sum::<usize>(),
        _ => 1,
    }
}

fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Map(a), Value::Map(b)) => {
            let found = |(key, value): &(String, Value)| {
                let other = b.iter().find(|(name, _)| name == key);
                other.is_some_and(|(_, other)| equal(value, other))
            };
            a.len() == b.len() && a.iter().all(found)
        }
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (a, b) => a == b,
    }
}
