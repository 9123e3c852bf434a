//! The values of one environment: every parameter's final value and everything that it won over.
//!
//! Ranks: default < overlay (in order) < environment < command line. Tables merge key by key, so that each key has
//! its own history; everything else, lists too, is replaced whole. A secret never has a value here: it is the
//! reference `${secret.NAME}`, where NAME is the parameter's own unless a layer refers to another one.

use std::path::PathBuf;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_model::{Diagnostic, Span};

use crate::{
    Layer, Origin, Rank, Setting,
    layer::{Entry, Source, Within},
    nearest::nearest,
};

/// Names that templates use for something else.
pub const RESERVED: [&str; 5] = ["params", "service", "version", "environment", "artifacts"];

/// A parameter as far as values are concerned.
pub struct Declaration<'a> {
    pub name: &'a str,
    pub help: Option<&'a str>,
    pub secret: bool,
    /// Where it is declared, to point at when a value is missing.
    pub at: Option<(PathBuf, Span)>,
    /// The value as the parameter's type has it, or why it is not of that type.
    pub check: &'a dyn Fn(&Value) -> Result<Value, String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Values(IndexMap<String, Resolved>);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Resolved {
    pub value: Value,
    /// Lowest first; the last one of a path won.
    pub history: Vec<Setting>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
}

struct Contribution<'a> {
    layer: &'a Layer,
    entry: Entry,
}

impl Values {
    pub(crate) fn settings_mut(&mut self) -> impl Iterator<Item = &mut Setting> {
        self.0.values_mut().flat_map(|resolved| &mut resolved.history)
    }

    /// All errors at once, in the order of layers and declarations.
    pub fn resolve(declarations: &[Declaration<'_>], layers: &[Layer]) -> Result<Self, Vec<Diagnostic>> {
        let mut layers: Vec<&Layer> = layers.iter().collect();
        layers.sort_by_key(|layer| layer.rank);
        let mut problems = reserved(declarations);
        let mut given: IndexMap<String, Vec<Contribution<'_>>> = IndexMap::new();
        for layer in &layers {
            match layer.entries() {
                Err(problem) => problems.push(problem),
                Ok(entries) => {
                    for entry in entries {
                        if declarations
                            .iter()
                            .any(|declaration| declaration.name == entry.name)
                        {
                            given
                                .entry(entry.name.clone())
                                .or_default()
                                .push(Contribution { layer, entry });
                        } else {
                            problems.push(unknown(layer, &entry, declarations));
                        }
                    }
                }
            }
        }
        let mut values = IndexMap::new();
        for declaration in declarations {
            let given = given.swap_remove(declaration.name).unwrap_or_default();
            let resolved = if declaration.secret {
                secret(declaration, &given, &mut problems)
            } else if given.is_empty() {
                problems.push(missing(declaration, &layers));
                None
            } else {
                merge(declaration, &given, &mut problems)
            };
            if let Some(resolved) = resolved {
                values.insert(declaration.name.to_owned(), resolved);
            }
        }
        if problems.is_empty() {
            Ok(Self(values))
        } else {
            Err(problems)
        }
    }

    pub fn get(&self, name: &str) -> Option<&Resolved> {
        self.0.get(name)
    }

    /// In the order of declaration.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Resolved)> {
        self.0.iter().map(|(name, resolved)| (name.as_str(), resolved))
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

fn merge(
    declaration: &Declaration<'_>,
    given: &[Contribution<'_>],
    problems: &mut Vec<Diagnostic>,
) -> Option<Resolved> {
    let before = problems.len();
    let mut merged = Value::Null;
    let mut history = Vec::new();
    for Contribution { layer, entry } in given {
        let mut value = entry.node.value();
        // A table may be complete only together with the layers below: it is checked when merged.
        if !value.is_object() {
            match (declaration.check)(&value) {
                Ok(checked) => value = checked,
                Err(why) => problems.push(wrong(declaration, layer, entry, &why)),
            }
        }
        if value.is_object() {
            history.extend(entry.node.leaves().into_iter().map(|(path, leaf)| Setting {
                path,
                ..Setting::new(leaf.value(), layer.origin(leaf.span))
            }));
        } else {
            history.push(Setting::new(value.clone(), layer.origin(entry.node.span)));
        }
        deepen(&mut merged, value);
    }
    if merged.is_object() && problems.len() == before {
        match (declaration.check)(&merged) {
            Ok(checked) => merged = checked,
            Err(why) => problems.extend(
                given
                    .last()
                    .map(|Contribution { layer, entry }| wrong(declaration, layer, entry, &why)),
            ),
        }
    }
    Some(Resolved {
        value: merged,
        history,
        secret: false,
    })
}

fn deepen(lower: &mut Value, upper: Value) {
    match (lower, upper) {
        (Value::Object(lower), Value::Object(upper)) => {
            for (key, value) in upper {
                deepen(lower.entry(key).or_insert(Value::Null), value);
            }
        }
        (lower, upper) => *lower = upper,
    }
}

fn secret(
    declaration: &Declaration<'_>,
    given: &[Contribution<'_>],
    problems: &mut Vec<Diagnostic>,
) -> Option<Resolved> {
    let own = Value::from(format!("${{secret.{}}}", declaration.name));
    let declared = declaration.at.as_ref().map(|(file, _)| file);
    let origin = declared.map_or_else(|| Origin::layer("default"), |file| Origin::file("default", file));
    let mut history = vec![Setting::new(own, origin)];
    for Contribution { layer, entry } in given {
        let value = entry.node.value();
        if value.as_str().is_some_and(is_secret_reference) {
            history.push(Setting::new(value, layer.origin(entry.node.span)));
        } else {
            let problem = Diagnostic::error(
                "secret-in-values",
                format!(
                    "`{}` is a secret: its value is not written here",
                    declaration.name
                ),
            );
            problems.push(
                layer
                    .label(problem, entry.node.span, "only a reference is accepted")
                    .secret()
                    .help("give it to the operator's secret store, and remove it from this file and its history")
                    .help("to use another secret's name, write `\"${secret.NAME}\"`"),
            );
        }
    }
    let value = history.last().map(|setting| setting.value.clone())?;
    Some(Resolved {
        value,
        history,
        secret: true,
    })
}

fn is_secret_reference(text: &str) -> bool {
    let name = text
        .strip_prefix("${secret.")
        .and_then(|rest| rest.strip_suffix('}'));
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    name.is_some_and(|name| !name.is_empty() && name.bytes().all(allowed))
}

fn reserved(declarations: &[Declaration<'_>]) -> Vec<Diagnostic> {
    let taken = declarations
        .iter()
        .filter(|declaration| RESERVED.contains(&declaration.name));
    taken
        .map(|declaration| {
            let problem = Diagnostic::error(
                "reserved-parameter",
                format!(
                    "a parameter cannot be called `{}`: templates use that name",
                    declaration.name
                ),
            )
            .help(format!("call it `service-{}`, for example", declaration.name));
            pointed(problem, declaration, "declared here")
        })
        .collect()
}

fn unknown(layer: &Layer, entry: &Entry, declarations: &[Declaration<'_>]) -> Diagnostic {
    let problem = Diagnostic::error(
        "unknown-parameter",
        format!("there is no parameter `{}`", entry.name),
    );
    let problem = layer.label(problem, entry.key, "not declared under `[parameters]`");
    match nearest(
        &entry.name,
        declarations.iter().map(|declaration| declaration.name),
    ) {
        Some(meant) => problem.help(format!("did you mean `{meant}`?")),
        None => problem.help(format!(
            "declare it: `[parameters]` `{} = {{ type = ... }}`",
            entry.name
        )),
    }
}

fn wrong(declaration: &Declaration<'_>, layer: &Layer, entry: &Entry, why: &str) -> Diagnostic {
    let problem = Diagnostic::error(
        "wrong-value",
        format!("the value of `{}` does not fit", declaration.name),
    );
    let problem = match &layer.source {
        Source::Given(_) => problem.help(why),
        Source::Toml { .. } => problem,
    };
    let problem = layer.label(problem, entry.node.span, why);
    declaration.help.into_iter().fold(problem, |problem, help| {
        problem.help(format!("`{}` is {help}", declaration.name))
    })
}

fn missing(declaration: &Declaration<'_>, layers: &[&Layer]) -> Diagnostic {
    let name = declaration.name;
    let mut problem = Diagnostic::error("missing-value", format!("`{name}` has no value"));
    if let Some(help) = declaration.help {
        problem = problem.help(format!("`{name}` is {help}"));
    }
    let place = |rank: Rank| {
        layers
            .iter()
            .rev()
            .find(|layer| layer.rank == rank)
            .map(|layer| &layer.source)
    };
    let place = place(Rank::Overlay).or_else(|| place(Rank::Environment));
    problem = problem.help(match place {
        Some(Source::Toml {
            file,
            within: Within::Dependency(environment, dependency),
            ..
        }) => format!(
            "set it in `{}`, in `[environments.{environment}.dependencies.{dependency}]`: `values = {{ {name} = ... }}`",
            file.display()
        ),
        Some(Source::Toml { file, .. }) => {
            format!(
                "set it in `{}`: `{name} = ...`, or with `--set {name}=...`",
                file.display()
            )
        }
        _ => format!("set it with `--set {name}=...`"),
    });
    pointed(problem, declaration, "declared here without a default")
}

fn pointed(problem: Diagnostic, declaration: &Declaration<'_>, text: &str) -> Diagnostic {
    match &declaration.at {
        Some((file, span)) => problem.label(file, *span, text),
        None => problem,
    }
}
