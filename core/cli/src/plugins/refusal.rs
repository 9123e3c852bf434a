//! Why a plugin that a manifest brings is not used, as a person reads it: at its place, with the next step.

use slipway_engine::{components, project::Project};
use slipway_model::{Diagnostic, Span};
use slipway_plugin::PluginError;
use toml_edit::{Document, Item};

use super::grants::{Grant, listed};
use crate::error::CommandError;

#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error(transparent)]
    Component(#[from] components::Refusal),
    #[error(transparent)]
    Host(#[from] PluginError),
    #[error("the plugin asks for {}, and is not granted {}", listed(.0), if .0.len() == 1 { "it" } else { "them" })]
    NotGranted(Vec<Grant>),
}

impl Refusal {
    pub(super) fn diagnostic(&self, project: &Project, name: &str) -> Diagnostic {
        use components::Refusal as Component;
        let (code, key, label) = match self {
            Self::Component(Component::Unreadable { .. }) => ("plugin-unreadable", "from", "cannot be read"),
            Self::Component(Component::Unavailable { .. }) => {
                ("plugin-unavailable", "from", "cannot be fetched")
            }
            Self::Component(Component::Digest { .. }) => {
                ("plugin-digest", "digest", "not the digest of these bytes")
            }
            Self::Component(Component::Changed { .. }) => ("plugin-changed", "from", "not what was released"),
            Self::Component(Component::Untrusted { .. }) => ("plugin-untrusted", "from", "not trusted"),
            Self::Component(Component::Moved { .. }) => ("plugin-moved", "from", "not what was released"),
            Self::Component(Component::Shape { .. } | Component::Big { .. } | Component::NotWasm(_))
            | Self::Host(_) => ("plugin-refused", "from", "not a plugin that can be used"),
            Self::NotGranted(_) => ("plugin-not-granted", "grants", "does not name it"),
        };
        let place = place(&project.text, name, key).unwrap_or_default();
        let diagnostic = Diagnostic::error(code, self.to_string()).label(&project.file, place, label);
        match self.help() {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }

    /// Of a plugin that the manifest does not have yet, or that a command is about.
    pub(super) fn said(&self, name: &str) -> CommandError {
        let said = CommandError::failed(format!("plugin `{name}`: {self}"));
        match self.help() {
            Some(help) => said.hint(help),
            None => said,
        }
    }

    fn help(&self) -> Option<String> {
        use components::Refusal as Component;
        let text = match self {
            Self::Component(Component::Unreadable { .. }) => {
                "the path is relative to the folder of deploy.toml"
            }
            Self::Component(Component::Unavailable { failed, .. } | Component::Untrusted { failed }) => {
                return failed.hint.clone();
            }
            Self::Component(Component::Digest { .. }) => "if the new bytes are meant, write their digest",
            Self::Component(Component::Changed { .. } | Component::Moved { .. }) => {
                "`slipway release --update` takes the new one"
            }
            Self::Component(Component::Shape { .. }) => {
                "push the component alone, as `wkg oci push`, `oras push` and `slipway artifact copy` do"
            }
            Self::Component(Component::Big { .. } | Component::NotWasm(_)) | Self::Host(_) => return None,
            Self::NotGranted(missing) => return Some(format!("if it may: `{}`", Grant::written(missing))),
        };
        Some(text.to_owned())
    }
}

/// Where a key of a plugin stands in the manifest; where the key is not written, the line that says what it is.
fn place(text: &str, name: &str, key: &str) -> Option<Span> {
    let document = Document::parse(text).ok()?;
    let plugin = document.get("plugins")?.get(name)?;
    let item = plugin.get(key).or_else(|| plugin.get("from"))?;
    Item::span(item).map(Span::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_plugin() {
        let text = "[artifacts.other]\nfrom = \"a\"\n[plugins]\nx = { from = \"x.wasm\" }\n[plugins.other]\nfrom = \"b\"\n";
        let check = |name, key, expected: Option<&str>| {
            let found = place(text, name, key).map(|span| &text[span.start..span.end]);
            assert_eq!(found, expected, "{name} {key}");
        };
        check("other", "from", Some("\"b\""));
        check("other", "grants", Some("\"b\""));
        check("x", "from", Some("\"x.wasm\""));
        check("y", "from", None);
    }
}
