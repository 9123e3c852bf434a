//! Templates in settings of `deploy.toml`: a text that is one expression keeps the expression's type.

use std::{collections::BTreeSet, path::PathBuf};

use serde_json::Value;
use slipway_model::{Diagnostic, Span};

use super::{
    problem,
    render::Templates,
    scan::{TagKind, tags},
    uses::Uses,
};

/// Where a setting is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub file: PathBuf,
    pub span: Span,
}

impl Templates {
    /// Expands every text in `value`, keys excepted. `"{{ replicas }}"` becomes the integer, `"{{ a }}-{{ b }}"` a text.
    pub fn expand(&self, value: &Value, at: &Place) -> Result<Value, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        let expanded = self.walk(value, "", at, &mut problems);
        if problems.is_empty() {
            Ok(expanded)
        } else {
            Err(problems)
        }
    }

    /// As [`expand`](Self::expand), for one text.
    pub fn expand_str(&self, text: &str, at: &Place) -> Result<Value, Diagnostic> {
        self.text(text)
            .map_err(|error| self.in_setting(text, "", &error, at))
    }

    /// The parameters that a text with templates is made from.
    pub fn parameters_in(&self, text: &str) -> Vec<String> {
        let uses = Uses::of(text, &self.env, &self.parameters);
        let names: BTreeSet<String> = tags(text)
            .iter()
            .flat_map(|tag| uses.at(tag.whole.start))
            .collect();
        names.into_iter().collect()
    }

    fn walk(&self, value: &Value, pointer: &str, at: &Place, problems: &mut Vec<Diagnostic>) -> Value {
        match value {
            Value::String(text) => self.text(text).unwrap_or_else(|error| {
                problems.push(self.in_setting(text, pointer, &error, at));
                Value::Null
            }),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .map(|(index, item)| self.walk(item, &format!("{pointer}[{index}]"), at, problems))
                .collect(),
            Value::Object(members) => members
                .iter()
                .map(|(key, item)| {
                    (
                        key.clone(),
                        self.walk(item, &format!("{pointer}.{key}"), at, problems),
                    )
                })
                .collect(),
            other => other.clone(),
        }
    }

    fn text(&self, text: &str) -> Result<Value, minijinja::Error> {
        let tags = tags(text);
        if let [tag] = tags.as_slice()
            && tag.kind == TagKind::Expression
            && tag.whole == (0..text.len())
        {
            let expression = self
                .env
                .compile_expression_owned(text[tag.inner.clone()].to_owned())?;
            let value = expression.eval(self.context.clone())?;
            if value.is_undefined() {
                // Rendered as a text it is refused in the engine's own words.
                self.env.render_str(text, self.context.clone())?;
            }
            return serde_json::to_value(&value).map_err(|why| {
                minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, why.to_string())
            });
        }
        self.env.render_str(text, self.context.clone()).map(Value::from)
    }

    fn in_setting(&self, text: &str, pointer: &str, error: &minijinja::Error, at: &Place) -> Diagnostic {
        let (problem, _, _) = problem::failed(&self.known(), error);
        let setting = pointer.trim_start_matches('.');
        let place = if setting.is_empty() {
            format!("in `{text}`")
        } else {
            format!("in `{setting}`, `{text}`")
        };
        problem.label(&at.file, at.span, place)
    }
}
