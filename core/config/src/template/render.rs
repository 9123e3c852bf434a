//! Renders the templates of one environment and remembers which part of the output came from where.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
    path::PathBuf,
    sync::Arc,
};

use minijinja::{
    AutoEscape, Environment, OutputSpanKind, UndefinedBehavior, Value, syntax::SyntaxConfig, value::Serde,
};
use slipway_model::{Diagnostic, Digest};

use super::{
    problem::{self, Known},
    uses::{Names, Uses},
};
use crate::{Origin, Values, origin::Lines};

/// An instruction costs one, 64 written bytes cost one: at most 64 MB of text.
const FUEL: u64 = 1_000_000;
/// Nested includes, macros and loops, in the engine's own measure.
const DEPTH: usize = 120;

/// What templates know besides parameters.
#[derive(Debug, Clone)]
pub struct Facts {
    pub service: String,
    pub version: String,
    pub environment: String,
    pub artifacts: BTreeMap<String, Digest>,
}

/// The template engine of one environment.
pub struct Templates {
    pub(crate) env: Environment<'static>,
    pub(crate) context: Value,
    pub(crate) sources: Arc<HashMap<String, Source>>,
    /// Template name to public name.
    pub(crate) parameters: BTreeMap<String, String>,
    artifacts: Vec<String>,
    uses: HashMap<String, Uses>,
}

/// A template's text and the file that people know it by.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) layer: String,
    pub(crate) file: PathBuf,
    pub(crate) text: String,
    lines: Lines,
}

#[derive(Debug, Clone)]
pub(crate) struct Rendered {
    pub(crate) text: String,
    pub(crate) pieces: Vec<Piece>,
}

/// A part of the output and what made it.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    pub(crate) output: Range<usize>,
    pub(crate) source: Range<usize>,
    /// Bytes of output and source correspond one to one.
    pub(crate) verbatim: bool,
    pub(crate) template: String,
    pub(crate) parameters: Names,
}

impl Source {
    pub(crate) fn new(layer: &str, file: PathBuf, text: String) -> Self {
        Self {
            layer: layer.to_owned(),
            file,
            lines: Lines::of(&text),
            text,
        }
    }

    pub(crate) fn origin(&self, offset: usize) -> Origin {
        let (line, column) = self.lines.position(&self.text, offset);
        Origin {
            line: Some(line),
            column: Some(column),
            ..Origin::file(&self.layer, &self.file)
        }
    }
}

impl Rendered {
    /// A text that is no template: it comes from itself.
    pub(crate) fn verbatim(name: &str, text: String) -> Self {
        let whole = 0..text.len();
        let piece = Piece {
            output: whole.clone(),
            source: whole,
            verbatim: true,
            template: name.to_owned(),
            parameters: Names::new(),
        };
        Self {
            text,
            pieces: vec![piece],
        }
    }

    /// What made the visible part of `range`: the first template place, and all parameters.
    pub(crate) fn trace(&self, range: Range<usize>) -> (Option<(&str, usize)>, Names) {
        let first = self
            .pieces
            .partition_point(|piece| piece.output.end <= range.start);
        let mut place = None;
        let mut parameters = Names::new();
        for piece in self.pieces[first..]
            .iter()
            .take_while(|piece| piece.output.start < range.end.max(range.start + 1))
        {
            let start = piece.output.start.max(range.start);
            let part = self
                .text
                .get(start..piece.output.end.min(range.end))
                .unwrap_or_default();
            let blank = part.len() - part.trim_start().len();
            if blank == part.len() && !range.is_empty() {
                continue;
            }
            let into = if piece.verbatim {
                start + blank - piece.output.start
            } else {
                0
            };
            place = place.or(Some((piece.template.as_str(), piece.source.start + into)));
            parameters.extend(piece.parameters.iter().cloned());
        }
        (place, parameters)
    }
}

impl Templates {
    /// For settings alone: nothing to include.
    pub fn new(facts: &Facts, values: &Values) -> Self {
        Self::with_sources(facts, values, HashMap::new())
    }

    pub(crate) fn with_sources(facts: &Facts, values: &Values, sources: HashMap<String, Source>) -> Self {
        let sources = Arc::new(sources);
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_auto_escape_callback(|_| AutoEscape::None);
        env.set_debug(true);
        env.set_fuel(Some(FUEL));
        env.set_recursion_limit(DEPTH);
        env.remove_global("debug");
        if let Ok(syntax) = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .keep_trailing_newline(true)
            .build()
        {
            env.set_syntax(syntax);
        }
        let loaded = Arc::clone(&sources);
        env.set_loader(move |name| Ok(loaded.get(name).map(|source| source.text.clone())));
        let parameters: BTreeMap<String, String> = values
            .names()
            .map(|name| (name.replace('-', "_"), name.to_owned()))
            .collect();
        let uses = sources
            .iter()
            .map(|(name, source)| (name.clone(), Uses::of(&source.text, &env, &parameters)))
            .collect();
        let artifacts = facts.artifacts.keys().cloned().collect();
        Self {
            env,
            context: context(facts, values),
            sources,
            parameters,
            artifacts,
            uses,
        }
    }

    /// Renders the source called `name`.
    pub(crate) fn render(&self, name: &str) -> Result<Rendered, Vec<Diagnostic>> {
        let template = self
            .env
            .get_template(name)
            .map_err(|error| vec![self.problem(&error)])?;
        let unknown = self.unknown_names(name, &template.undeclared_variables(false));
        if !unknown.is_empty() {
            return Err(unknown);
        }
        let (text, spans) = template
            .render_with_spans(self.context.clone())
            .map_err(|error| vec![self.problem(&error)])?;
        let pieces = spans
            .into_iter()
            .map(|span| Piece {
                output: span.output_range(),
                source: span.source_range(),
                verbatim: span.kind() == OutputSpanKind::Raw,
                template: span.name().to_owned(),
                parameters: self
                    .uses
                    .get(span.name())
                    .map(|uses| uses.at(span.source_range().start))
                    .unwrap_or_default(),
            })
            .collect();
        Ok(Rendered { text, pieces })
    }

    pub(crate) fn known(&self) -> Known<'_> {
        let functions = self.env.globals().map(|(name, _)| name);
        let params = self.parameters.values().map(|name| format!("params['{name}']"));
        let artifacts = self
            .artifacts
            .iter()
            .map(|name| format!("artifacts.{name}.digest"));
        Known {
            names: crate::RESERVED
                .iter()
                .copied()
                .chain(self.parameters.keys().map(String::as_str))
                .chain(functions)
                .collect(),
            indirect: params.chain(artifacts).collect(),
            // What has a `:` in its name can be rendered, but not included.
            includes: self
                .sources
                .keys()
                .map(String::as_str)
                .filter(|name| !name.contains(':'))
                .collect(),
        }
    }

    fn unknown_names(&self, name: &str, used: &std::collections::HashSet<String>) -> Vec<Diagnostic> {
        let known = self.known();
        let Some(source) = self.sources.get(name) else {
            return Vec::new();
        };
        let unknown = used
            .iter()
            .filter(|name| !known.names.contains(&name.as_str()) && name.as_str() != "loop");
        let mut unknown: Vec<_> = unknown
            .map(|name| {
                (
                    problem::place_of_name(&source.text, name).unwrap_or_default(),
                    name,
                )
            })
            .collect();
        unknown.sort();
        unknown
            .into_iter()
            .map(|(span, name)| problem::undefined(&known, name).label(&source.file, span, "not defined"))
            .collect()
    }

    fn problem(&self, error: &minijinja::Error) -> Diagnostic {
        let (problem, name, span) = problem::failed(&self.known(), error);
        match name.and_then(|name| self.sources.get(&name)) {
            Some(source) => {
                let span = span.unwrap_or_else(|| problem::span_of_line(&source.text, error.line()));
                problem.label(&source.file, span, "here")
            }
            None => problem,
        }
    }
}

fn context(facts: &Facts, values: &Values) -> Value {
    let params: BTreeMap<String, Value> = values
        .iter()
        .map(|(name, resolved)| (name.to_owned(), Value::from(Serde(&resolved.value))))
        .collect();
    let artifacts: BTreeMap<&str, BTreeMap<&str, String>> = facts
        .artifacts
        .iter()
        .map(|(name, digest)| (name.as_str(), BTreeMap::from([("digest", digest.to_string())])))
        .collect();
    let mut names: BTreeMap<String, Value> = params
        .iter()
        .map(|(name, value)| (name.replace('-', "_"), value.clone()))
        .collect();
    names.insert("service".into(), Value::from(facts.service.as_str()));
    names.insert("version".into(), Value::from(facts.version.as_str()));
    names.insert("environment".into(), Value::from(facts.environment.as_str()));
    names.insert("artifacts".into(), Value::from(Serde(&artifacts)));
    names.insert("params".into(), Value::from(Serde(&params)));
    Value::from(Serde(&names))
}
