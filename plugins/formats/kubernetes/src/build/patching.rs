//! Patches of a kustomization: found, read, and told apart.

use std::rc::Rc;

use super::reach;
use crate::{
    files::Files,
    kustomization::{Kustomization, Located, Patch},
    model::{Scopes, load},
    problem::{Outcome, Problem},
    transform::{JsonPatch, Parsed},
    yaml::{Body, read},
};

/// What a patch of `patches` says.
pub(crate) fn parse(
    files: &Files,
    folder: &str,
    patch: &Patch,
    scopes: &Scopes,
    from: &Kustomization,
) -> Outcome<Parsed> {
    if patch.path.is_empty() {
        let text = patch.text.trim();
        return parse_text(text, &format!("{} {}", from.file, patch.key), scopes);
    }
    let (text, file) = reach::text(files, folder, &path(patch), from)?;
    parse_text(text, &file, scopes)
}

/// What a patch of `patchesStrategicMerge` says: a file, or the patch itself.
pub(crate) fn parse_strategic(
    files: &Files,
    folder: &str,
    patch: &Located<String>,
    scopes: &Scopes,
    from: &Kustomization,
) -> Outcome<Parsed> {
    let is_inline = matches!(read(&patch.value), Ok(Some(root)) if matches!(root.body, Body::Map(_)));
    if is_inline {
        return parse_text(&patch.value, &format!("{} {}", from.file, patch.key), scopes);
    }
    let (text, file) = reach::text(files, folder, patch, from)?;
    parse_text(text, &file, scopes)
}

fn path(patch: &Patch) -> Located<String> {
    Located {
        value: patch.path.clone(),
        place: patch.place,
        key: format!("{}.path", patch.key),
    }
}

fn parse_text(text: &str, file: &str, scopes: &Scopes) -> Outcome<Parsed> {
    let root = read(text).map_err(|malformed| Problem::malformed(file, malformed))?;
    if let Some(root) = root.filter(|root| matches!(root.body, Body::List(_))) {
        let patch = JsonPatch::parse(&root).map_err(|(place, why)| Problem::new(file, why).at(place))?;
        return Ok(if patch.is_empty() {
            Parsed::Empty
        } else {
            Parsed::Json(patch)
        });
    }
    let patches = load(text, &Rc::from(file), scopes)?;
    Ok(if patches.is_empty() {
        Parsed::Empty
    } else {
        Parsed::Strategic(patches)
    })
}
