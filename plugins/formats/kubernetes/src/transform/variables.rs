//! `$(NAME)` in the fields that may hold variables, replaced by what fields of resources say. Replacements have taken
//! their place in kustomize; they are here for kustomizations that still have them.

use std::collections::BTreeMap;

use super::{
    config::Config,
    field_path::lookup,
    field_spec::{FieldSpec, Make, split},
};
use crate::{
    kustomization::{Kustomization, Variable},
    model::Set,
    problem::{Outcome, Problem, unless_wrong},
    yaml::{Body, Node, Scalar, Style, Tag, Value, settle},
};

/// Remembers which resources the variables of a kustomization take their values from, by the names they have there.
pub(crate) fn mark(set: &mut Set, from: &Kustomization) -> Outcome<()> {
    let mut problems = Vec::new();
    for variable in &from.variables {
        let names = |id: &crate::model::Id| {
            let namespace = if variable.namespace.is_empty() {
                None
            } else {
                Some(&variable.namespace)
            };
            id.gvk == variable.gvk
                && id.name == variable.object
                && namespace.is_none_or(|namespace| *namespace == id.namespace)
        };
        let mut found: Vec<_> = set
            .list_mut()
            .iter_mut()
            .filter(|resource| resource.all_ids().any(|id| names(&id)))
            .collect();
        match found.as_mut_slice() {
            [] => {}
            [resource] => resource.variables.push(variable.name.clone()),
            several => {
                let why = format!("{} resources may be meant by `{}`", several.len(), variable.name);
                problems.push(
                    Problem::new(&from.file, why)
                        .at(variable.place)
                        .key(&variable.key)
                        .hint("give `objref.namespace`"),
                );
            }
        }
    }
    unless_wrong((), problems)
}

pub(crate) fn resolve(
    set: &mut Set,
    variables: &BTreeMap<String, (String, Variable)>,
    config: &Config,
) -> Outcome<()> {
    if variables.is_empty() {
        return Ok(());
    }
    let mut values = BTreeMap::new();
    let mut problems = Vec::new();
    for (name, (file, variable)) in variables {
        match value_of(set, variable) {
            Ok(value) => {
                values.insert(name.as_str(), value);
            }
            Err(why) => problems.push(Problem::new(file, why).at(variable.place).key(&variable.key)),
        }
    }
    unless_wrong((), problems)?;
    for resource in set.list_mut() {
        let specs: Vec<&FieldSpec> = config
            .variables
            .iter()
            .filter(|spec| spec.applies_to(resource))
            .collect();
        for spec in specs {
            spec.visit(&mut resource.root, Make::Nothing, &mut |node| {
                set_node(node, &values)
            })
            .map_err(|why| Problem::new(&*resource.file, why).key(resource.described()))?;
        }
    }
    Ok(())
}

fn value_of(set: &Set, variable: &Variable) -> Result<Node, String> {
    let name = &variable.name;
    let resource = set
        .iter()
        .find(|resource| resource.variables.contains(name))
        .ok_or_else(|| {
            format!(
                "there is no {} {} for `{name}`",
                variable.gvk.kind, variable.object
            )
        })?;
    let path: Vec<String> = split(&variable.field_path, '.')
        .iter()
        .flat_map(|part| match part.split_once('[') {
            Some((key, index)) if index.ends_with(']') => {
                vec![key.to_owned(), index.trim_end_matches(']').to_owned()]
            }
            _ => vec![part.clone()],
        })
        .collect();
    let value = lookup(&resource.root, &path)?;
    value.cloned().ok_or_else(|| {
        format!(
            "there is nothing at `{}` of {} for `{name}`",
            variable.field_path,
            resource.described()
        )
    })
}

fn set_node(node: &mut Node, values: &BTreeMap<&str, Node>) -> Result<(), String> {
    match &mut node.body {
        Body::Scalar(scalar) => set_scalar(scalar, values),
        Body::Map(map) => {
            for entry in &mut map.entries {
                if let Body::Scalar(scalar) = &mut entry.value.body {
                    set_scalar(scalar, values);
                }
            }
        }
        Body::List(items) => {
            for item in items {
                match &mut item.body {
                    Body::Scalar(scalar) if is_text(scalar) => set_scalar(scalar, values),
                    _ => return Err(format!("a text that may hold variables is {}", item.kind())),
                }
            }
        }
    }
    Ok(())
}

fn is_text(scalar: &Scalar) -> bool {
    matches!(scalar.tag, Tag::Text | Tag::None)
}

fn set_scalar(scalar: &mut Scalar, values: &BTreeMap<&str, Node>) {
    if !is_text(scalar) {
        return;
    }
    let whole = scalar
        .text
        .strip_prefix("$(")
        .and_then(|text| text.strip_suffix(')'));
    if let Some(value) = whole
        .filter(|name| !name.contains(')'))
        .and_then(|name| values.get(name))
        && let Some(found) = value.as_scalar()
    {
        // The value is what it was.
        let tag = if is_text(found) {
            Tag::Text
        } else {
            found.tag.clone()
        };
        *scalar = Scalar::new(found.text.as_str(), tag, Style::Plain);
        return;
    }
    let text = expand(&scalar.text, values);
    *scalar = Scalar::new(text, Tag::Text, Style::Plain);
}

/// `$$` is a dollar; what is no known variable stays.
fn expand(text: &str, values: &BTreeMap<&str, Node>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some((name, after)) = rest.strip_prefix('(').and_then(|inside| inside.split_once(')')) {
            match values.get(name).map(in_words) {
                Some(Some(value)) => out.push_str(&value),
                _ => {
                    out.push_str("$(");
                    out.push_str(name);
                    out.push(')');
                }
            }
            rest = after;
        } else {
            out.push('$');
        }
    }
    out.push_str(rest);
    out
}

fn in_words(value: &Node) -> Option<String> {
    match settle(value.as_scalar()?).ok()? {
        Value::Text(text) => Some(text),
        Value::Int(value) => Some(value.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Float(_) => Some(value.raw().to_owned()),
        _ => None,
    }
}
