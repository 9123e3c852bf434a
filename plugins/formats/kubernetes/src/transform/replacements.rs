//! Values that are copied from a field of one resource into fields of others.

use super::{
    field_path::{Made, find, follow, lookup, parts},
    selector::Matcher,
    structured,
};
use crate::{
    kustomization::{FieldOptions, Replacement, Source, Target},
    model::{Gvk, Resource, Set, effective},
    problem::{Outcome, Problem},
    yaml::{Node, Twin},
};

const NAME: &str = "metadata.name";

pub(crate) fn replace(set: &mut Set, replacement: &Replacement, file: &str) -> Outcome<()> {
    let problem = |why: String| {
        Problem::new(file, why)
            .at(replacement.place)
            .key(&replacement.key)
    };
    let value = match (&replacement.source, &replacement.source_value) {
        (Some(source), _) => value_of(set, source).map_err(problem)?,
        (None, Some(value)) => Node::bare(value.as_str()),
        (None, None) => return Ok(()),
    };
    for target in &replacement.targets {
        put(set, target, &value).map_err(problem)?;
    }
    Ok(())
}

fn value_of(set: &Set, source: &Source) -> Result<Node, String> {
    let mut selected = set.iter().filter(|resource| is_source(resource, source));
    let described = format!("{} {}", source.gvk.kind, source.name);
    let resource = selected
        .next()
        .ok_or_else(|| format!("there is no {} to take the value from", described.trim()))?;
    if let Some(other) = selected.next() {
        return Err(format!(
            "the value may come from {} or {}: select one",
            resource.id(),
            other.id()
        ));
    }
    let path = if source.field_path.is_empty() {
        NAME
    } else {
        &source.field_path
    };
    let value = lookup(&resource.root, &parts(path))?.filter(|value| !value.is_null_or_empty());
    let mut value = value
        .ok_or_else(|| format!("there is nothing at `{path}` of {}", resource.described()))?
        .clone();
    let options = source
        .options
        .as_ref()
        .filter(|options| !options.delimiter.is_empty());
    if let Some(options) = options {
        let scalar = value
            .as_scalar_mut()
            .ok_or("only a single value can be split by a delimiter")?;
        let piece = usize::try_from(options.index)
            .ok()
            .and_then(|at| scalar.text.split(&options.delimiter).nth(at))
            .ok_or_else(|| format!("`{}` has no piece {}", scalar.text, options.index))?;
        scalar.text = piece.to_owned();
    }
    Ok(value)
}

fn is_source(resource: &Resource, source: &Source) -> bool {
    let fits = |name: &str, namespace: &str, kind: &str| {
        let gvk = Gvk::new(resource.api_version(), kind);
        (source.name.is_empty() || source.name == name)
            && (source.namespace.is_empty()
                || effective(&source.namespace, false) == effective(namespace, false))
            && gvk.selected_by(&source.gvk)
    };
    fits(resource.name(), resource.namespace(), resource.kind())
        || resource
            .previous
            .iter()
            .any(|previous| fits(&previous.name, &previous.namespace, &previous.kind))
}

fn put(set: &mut Set, target: &Target, value: &Node) -> Result<(), String> {
    let Some(select) = &target.select else {
        return Ok(());
    };
    let select = Matcher::new(select)?;
    let reject: Vec<Matcher> = target.reject.iter().map(Matcher::new).collect::<Result<_, _>>()?;
    let paths: Vec<&str> = if target.field_paths.is_empty() {
        vec![NAME]
    } else {
        target.field_paths.iter().map(String::as_str).collect()
    };
    for resource in set.list_mut() {
        let is_rejected = |matcher: &Matcher| {
            (matcher.selects_metadata() && matcher.fits_metadata(resource))
                || (matcher.selects_who() && any_identity(resource, matcher))
        };
        if !select.fits_metadata(resource)
            || reject.iter().any(is_rejected)
            || !any_identity(resource, &select)
        {
            continue;
        }
        for path in &paths {
            write(&mut resource.root, path, value, target.options.as_ref())
                .map_err(|why| format!("{}: `{path}`: {why}", resource.described()))?;
            resource.unite_twins();
        }
    }
    Ok(())
}

fn any_identity(resource: &Resource, matcher: &Matcher) -> bool {
    let fits = |name: &str, namespace: &str, kind: &str| {
        matcher.fits_who(&Gvk::new(resource.api_version(), kind), name, namespace)
    };
    fits(resource.name(), resource.namespace(), resource.kind())
        || resource
            .previous
            .iter()
            .any(|previous| fits(&previous.name, &previous.namespace, &previous.kind))
}

fn write(root: &mut Node, path: &str, value: &Node, options: Option<&FieldOptions>) -> Result<(), String> {
    let path = parts(path);
    let made = options
        .filter(|options| options.create)
        .map(|_| Made::like(value));
    if structured::replace(root, &path, value, made)? {
        return Ok(());
    }
    let found = find(root, &path, made)?;
    if found.steps.is_empty() && found.inside_texts == 0 {
        return Err("there is no such field (`options.create: true` makes it)".to_owned());
    }
    for steps in &found.steps {
        let Some(target) = follow(root, steps) else {
            continue;
        };
        set(target, value, options)?;
    }
    Ok(())
}

fn set(target: &mut Node, value: &Node, options: Option<&FieldOptions>) -> Result<(), String> {
    let mut value = value.clone();
    let options = options.filter(|options| !options.delimiter.is_empty());
    if let Some(options) = options {
        if target.as_scalar().is_none() {
            return Err("only a single value can be split by a delimiter".to_owned());
        }
        let piece = if value.is_null() { "" } else { value.raw() };
        let mut pieces: Vec<&str> = target.raw().split(&options.delimiter).collect();
        match usize::try_from(options.index) {
            Err(_) => pieces.insert(0, piece),
            Ok(at) if at >= pieces.len() => pieces.push(piece),
            Ok(at) => pieces[at] = piece,
        }
        let joined = pieces.join(&options.delimiter);
        if let Some(scalar) = value.as_scalar_mut() {
            scalar.text = joined;
        }
    }
    match target.as_scalar_mut() {
        // A number stays a number, a text a text.
        Some(scalar) => {
            value.raw().clone_into(&mut scalar.text);
            scalar.twin = scalar.twin.map(Twin::changed);
        }
        None => target.body = value.body,
    }
    Ok(())
}
