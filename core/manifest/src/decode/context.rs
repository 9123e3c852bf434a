//! Where diagnostics are gathered, and the ones that every kind of value shares.

use std::path::Path;

use slipway_model::{Diagnostic, Span};
use toml::{Spanned, de::DeValue};

pub(crate) struct Context<'a> {
    file: &'a Path,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(file: &'a Path) -> Self {
        Self {
            file,
            diagnostics: Vec::new(),
        }
    }

    pub(crate) fn error(
        &mut self,
        code: &str,
        span: Span,
        message: impl Into<String>,
        label: impl Into<String>,
    ) {
        self.push(Diagnostic::error(code, message), span, label);
    }

    pub(crate) fn warning(
        &mut self,
        code: &str,
        span: Span,
        message: impl Into<String>,
        label: impl Into<String>,
    ) {
        self.push(Diagnostic::warning(code, message), span, label);
    }

    /// Another place that explains the last diagnostic.
    pub(crate) fn also(&mut self, span: Span, label: impl Into<String>) {
        if let Some(last) = self.diagnostics.pop() {
            self.diagnostics.push(last.label(self.file, span, label));
        }
    }

    /// What the last diagnostic points at is a secret.
    pub(crate) fn secret(&mut self) {
        if let Some(last) = self.diagnostics.pop() {
            self.diagnostics.push(last.secret());
        }
    }

    /// The next step for the last diagnostic.
    pub(crate) fn help(&mut self, help: impl Into<String>) {
        if let Some(last) = self.diagnostics.pop() {
            self.diagnostics.push(last.help(help));
        }
    }

    /// Whether something in there was found to be wrong already, and may be missing for it.
    pub(crate) fn said_within(&self, place: Span) -> bool {
        let within = |span: Span| place.start <= span.start && span.end <= place.end;
        let mut said = self.diagnostics.iter().filter_map(|said| said.labels.first());
        said.any(|label| within(label.span))
    }

    pub(crate) fn wrong_type(&mut self, expected: &str, found: &Spanned<DeValue<'_>>) {
        let found_type = type_name(found.get_ref());
        let label = format!("found {found_type}");
        self.error(
            "wrong-type",
            found.span().into(),
            format!("expected {expected}, found {found_type}"),
            label,
        );
    }

    /// A key or name that nothing has, with the nearest that something has.
    pub(crate) fn suggest<'n>(
        &mut self,
        name: &str,
        known: impl IntoIterator<Item = &'n str> + Clone,
        what: &str,
    ) {
        if let Some(nearest) = nearest(name, known.clone()) {
            return self.help(format!("did you mean `{nearest}`?"));
        }
        let known = known
            .into_iter()
            .take(20)
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>();
        if known.is_empty() {
            self.help(format!("there are no {what}"));
        } else {
            self.help(format!("{what}: {}", known.join(", ")));
        }
    }

    fn push(&mut self, diagnostic: Diagnostic, span: Span, label: impl Into<String>) {
        self.diagnostics.push(diagnostic.label(self.file, span, label));
    }
}

/// The known name that a person may have meant.
pub(crate) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    // Longer ones are no slips of the pen, and comparing takes time by the product of the lengths.
    if name.len() > 60 {
        return None;
    }
    let scored = known
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(name, known), known));
    let limit = 1 + name.chars().count() / 4;
    scored
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
