//! The way in: text to manifest, with everything that is wrong with it.

use std::path::Path;

use slipway_model::{Diagnostic, Severity, Span};
use toml::de::{DeTable, DeValue};

use crate::{
    Manifest,
    decode::{Context, Decode},
    normalise, rules,
    written::Document,
};

/// A file larger than this is not a deploy.toml.
pub const SIZE_LIMIT: usize = 1 << 20;

/// What came of a deploy.toml. There is a manifest exactly when no diagnostic is an error.
#[derive(Debug, Clone)]
pub struct Checked {
    pub manifest: Option<Manifest>,
    /// By position.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a deploy.toml. `file` is what diagnostics call it; nothing is opened.
pub fn parse(file: &Path, text: &str) -> Checked {
    let mut cx = Context::new(file);
    if text.len() > SIZE_LIMIT {
        cx.error(
            "too-large",
            Span::default(),
            format!("{} bytes, at most {SIZE_LIMIT} are read", text.len()),
            "",
        );
        cx.help("generated data belongs into a file under `config/`");
        return Checked {
            manifest: None,
            diagnostics: cx.diagnostics,
        };
    }
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let span = error.span().map_or_else(Span::default, Into::into);
        let code = if error.message().contains("recursion") {
            "too-deep"
        } else {
            "syntax"
        };
        cx.error(
            code,
            span,
            error.message().lines().collect::<Vec<_>>().join("; "),
            "here",
        );
    }
    // What a broken document holds is a guess: its syntax is put right first.
    let mut manifest = None;
    if cx.diagnostics.is_empty() {
        let root = toml::Spanned::new(root.span(), DeValue::Table(root.into_inner()));
        if let Some(document) = Document::decode(&root, &mut cx) {
            rules::check(&document, &mut cx);
            if !has_errors(&cx.diagnostics) {
                manifest = normalise::manifest(file, document);
            }
        }
    }
    let mut diagnostics = cx.diagnostics;
    diagnostics.sort_by_key(|diagnostic| {
        (
            diagnostic.labels.first().map(|label| label.span),
            diagnostic.severity,
        )
    });
    Checked {
        manifest,
        diagnostics,
    }
}

pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error)
}
