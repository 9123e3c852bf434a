//! What each file of an overlay is there for: its name says it.
//!
//! `values.toml` holds values. `<path>.patch.json|yaml|yml|toml` is a merge patch and `<path>.jsonpatch.json|yaml|yml` a
//! JSON patch on the final `<path>`. Any other file replaces `config/<path>`, or adds it. Patches are taken literally:
//! they are no templates.

use slipway_model::{Diagnostic, Span};

use crate::{Folder, Layer, formats::Format};

pub(crate) const VALUES: &str = "values.toml";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role {
    Values,
    Content,
    MergePatch { target: String, format: Format },
    JsonPatch { target: String, format: Format },
}

pub(crate) fn role(folder: &Folder, path: &str) -> Result<Role, Diagnostic> {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    let problem = |code: &str, message: String| {
        Diagnostic::error(code, message).label(folder.path.join(path), Span::default(), "this file")
    };
    if path == VALUES {
        return Ok(Role::Values);
    }
    if ["values.yaml", "values.yml", "values.json"].contains(&path) {
        let problem = problem("overlay-file-unread", format!("`{path}` is not read"));
        return Err(problem.help("values are written in `values.toml`"));
    }
    let patch = |infix: &str| {
        let (target, extension) = path.rsplit_once('.')?;
        Some((
            target.strip_suffix(infix)?.to_owned(),
            Format::of_path(path),
            extension.to_owned(),
        ))
    };
    if let Some((target, format, extension)) = patch(".jsonpatch") {
        return match format {
            Some(format @ (Format::Json | Format::Yaml)) => Ok(Role::JsonPatch { target, format }),
            _ => Err(problem(
                "overlay-file-unread",
                format!("`{name}`: a JSON patch is not written in {extension}"),
            )
            .help("write it as `.jsonpatch.json` or `.jsonpatch.yaml`")),
        };
    }
    if let Some((target, format, extension)) = patch(".patch") {
        return match format {
            Some(format) => Ok(Role::MergePatch { target, format }),
            None => Err(problem(
                "overlay-file-unread",
                format!("`{name}`: a patch is not written in {extension}"),
            )
            .help("write it as `.patch.json`, `.patch.yaml` or `.patch.toml`")),
        };
    }
    Ok(Role::Content)
}

impl Folder {
    /// The layer of values of an overlay, empty where it has no `values.toml`.
    pub fn values(&self) -> Result<Layer, Diagnostic> {
        let file = self.path.join(VALUES);
        let bytes = self
            .files
            .iter()
            .find(|source| source.path == VALUES)
            .map(|source| source.bytes.as_slice());
        let text = str::from_utf8(bytes.unwrap_or_default()).map_err(|error| {
            let at = Span {
                start: error.valid_up_to(),
                end: error.valid_up_to(),
            };
            Diagnostic::error("values-malformed", "this is not UTF-8 text").label(&file, at, "from here on")
        })?;
        Ok(Layer::overlay(&self.name, file, text))
    }
}
