//! The suffix that a generated ConfigMap or Secret gets from its content, so that who uses it is rolled out anew when
//! the content changes.

use sha2::{Digest, Sha256};

use crate::{
    model::{Resource, Set},
    problem::{Outcome, Problem},
    yaml::{Node, Value, json},
};

pub(crate) fn add_hashes(set: &mut Set) -> Outcome<()> {
    if !set.iter().any(|resource| resource.hashed) {
        return Ok(());
    }
    for resource in set.list_mut() {
        if resource.hashed {
            let hash = hash(resource)?;
            resource.remember();
            let name = format!("{}-{hash}", resource.name());
            resource.set_name(&name);
        }
    }
    Ok(())
}

fn hash(resource: &Resource) -> Outcome<String> {
    let field = |name: &str| -> Outcome<Value> {
        match resource.root.get(name) {
            None => Ok(Value::Text(String::new())),
            Some(node) if node.as_scalar().is_some() => Ok(Value::Text(node.raw().to_owned())),
            Some(node) => floats(node).map_err(|why| {
                Problem::new(&*resource.file, why)
                    .at(node.place)
                    .key(format!("{}: {name}", resource.described()))
                    .into()
            }),
        }
    };
    let text = |text: &str| Value::Text(text.to_owned());
    let mut content = vec![
        ("kind".to_owned(), text(resource.kind())),
        ("name".to_owned(), text("")),
        ("data".to_owned(), field("data")?),
    ];
    let more = if resource.kind() == "Secret" {
        content.push(("type".to_owned(), field("type")?));
        "stringData"
    } else {
        "binaryData"
    };
    if let more_value @ Value::Map(_) = field(more)? {
        content.push((more.to_owned(), more_value));
    }
    let digest = Sha256::digest(json(&Value::Map(content)));
    let hex: String = digest.iter().take(5).map(|byte| format!("{byte:02x}")).collect();
    Ok(hex.chars().map(without_words).collect())
}

/// As JSON readers of Go have it: numbers are floating point.
fn floats(node: &Node) -> Result<Value, String> {
    let value = Value::of(node).map_err(|unsettled| unsettled.why)?;
    Value::of(&value.to_node()).map_err(|unsettled| unsettled.why)
}

/// Letters instead of digits and letters that could make words.
fn without_words(digit: char) -> char {
    match digit {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        other => other,
    }
}
