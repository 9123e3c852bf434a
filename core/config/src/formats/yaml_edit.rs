//! Changes a YAML text in place, so that comments and layout stay. The caller proves the result by reading it.

use std::str::FromStr as _;

use serde_json::{Map, Value};
use yaml_edit::{Document, Mapping, Sequence, YamlFile};

use super::{emit, yaml};

/// None where the text cannot be edited in place. `documents` says that `value` is a list of them.
pub(crate) fn write(original: &str, value: &Value, documents: bool) -> Option<String> {
    let before = yaml::parse(original).ok()?;
    let file = YamlFile::from_str(original).ok()?;
    let after = match value {
        Value::Array(items) if documents => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let targets: Vec<Document> = file.documents().collect();
    if targets.len() != before.len() || after.len() != before.len() {
        return None;
    }
    for (target, (before, after)) in targets.iter().zip(before.iter().zip(after)) {
        match (before.value(), after) {
            (before, after) if before == *after => {}
            (Value::Object(before), Value::Object(after)) => mapping(&target.as_mapping()?, &before, after)?,
            (Value::Array(before), Value::Array(after)) => sequence(&target.as_sequence()?, &before, after)?,
            _ => return None,
        }
    }
    Some(file.to_string())
}

fn mapping(target: &Mapping, before: &Map<String, Value>, after: &Map<String, Value>) -> Option<()> {
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        target.remove(key.as_str())?;
    }
    for (key, value) in after {
        match (before.get(key), value) {
            (Some(same), value) if same == value => {}
            (Some(Value::Object(before)), Value::Object(after)) => {
                mapping(&target.get_mapping(key.as_str())?, before, after)?;
            }
            (Some(Value::Array(before)), Value::Array(after)) => {
                sequence(&target.get_sequence(key.as_str())?, before, after)?;
            }
            (_, value) => {
                let written = Document::from_str(&emit::write(value, false)).ok()?;
                match value {
                    Value::Object(members) if !members.is_empty() => {
                        target.set(key.as_str(), written.as_mapping()?);
                    }
                    Value::Array(items) if !items.is_empty() => {
                        target.set(key.as_str(), written.as_sequence()?);
                    }
                    _ => target.set(key.as_str(), written.as_scalar()?),
                }
            }
        }
    }
    Some(())
}

fn sequence(target: &Sequence, before: &[Value], after: &[Value]) -> Option<()> {
    for index in (after.len()..before.len()).rev() {
        target.remove(index)?;
    }
    for (index, value) in after.iter().enumerate() {
        match (before.get(index), value) {
            (Some(same), value) if same == value => {}
            (Some(Value::Object(before)), Value::Object(after)) => {
                let item = target.get(index)?;
                mapping(item.as_mapping()?, before, after)?;
            }
            (Some(_), Value::Object(_) | Value::Array(_)) => return None,
            (Some(_), scalar) => {
                let written = Document::from_str(&emit::write(scalar, false)).ok()?;
                target.set(index, written.as_scalar()?).then_some(())?;
            }
            (None, Value::Object(_) | Value::Array(_)) => return None,
            (None, scalar) => {
                let written = Document::from_str(&emit::write(scalar, false)).ok()?;
                target.push(written.as_scalar()?);
            }
        }
    }
    Some(())
}
