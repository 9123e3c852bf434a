//! What is wrong with a template, in the words and places of the one who wrote it.

use std::error::Error as _;

use minijinja::{Error, ErrorKind};
use slipway_model::{Diagnostic, Span};

use super::scan::tags;
use crate::nearest::nearest;

/// What can be meant, for those who mistype.
pub(crate) struct Known<'a> {
    /// Everything that a template can name without defining it.
    pub(crate) names: Vec<&'a str>,
    /// What is reached through `params` and `artifacts`.
    pub(crate) indirect: Vec<String>,
    pub(crate) includes: Vec<&'a str>,
}

/// The diagnostic without its label, the template and the place that it is about.
pub(crate) fn failed(known: &Known<'_>, error: &Error) -> (Diagnostic, Option<String>, Option<Span>) {
    let error = innermost(error);
    let span = error.range().map(Span::from);
    let name = error.name().map(str::to_owned);
    let problem = match error.kind() {
        ErrorKind::UndefinedError => {
            let text = error.template_source().zip(error.range());
            let text = text.and_then(|(source, range)| whole_name(source, range));
            undefined(known, text.unwrap_or("a name"))
        }
        ErrorKind::OutOfFuel => Diagnostic::error(
            "template-too-long",
            "the template takes too long or writes too much",
        )
        .help("look for a loop over too many things, or an include of itself"),
        ErrorKind::SyntaxError => Diagnostic::error("template-syntax", words(error))
            .help("text with braces of its own stands between `{% raw %}` and `{% endraw %}`"),
        ErrorKind::TemplateNotFound => {
            let text = error.template_source().zip(error.range());
            let text = text
                .and_then(|(source, range)| source.get(range))
                .unwrap_or_default();
            let wanted = text.split(['"', '\'']).nth(1).unwrap_or(text);
            let problem = Diagnostic::error(
                "include-not-found",
                format!("there is no file `{wanted}` to include"),
            )
            .help("an include names a text file by its path below `config/`");
            match nearest(wanted, known.includes.iter().copied()) {
                Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                None => problem,
            }
        }
        _ => Diagnostic::error("template-failed", words(error)),
    };
    (problem, name, span)
}

pub(crate) fn undefined(known: &Known<'_>, name: &str) -> Diagnostic {
    let problem = Diagnostic::error("undefined-name", format!("`{name}` is not defined"));
    if name.contains(['.', '[']) {
        return match nearest(name, known.indirect.iter().map(String::as_str)) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => problem,
        };
    }
    match nearest(&name.replace('-', "_"), known.names.iter().copied()) {
        Some(meant) if meant != name => problem.help(format!("did you mean `{meant}`?")),
        _ => problem.help(
            "a template knows the declared parameters (with `_` for `-`, or `params[\"a-name\"]`), `service`, \
             `version`, `environment` and `artifacts.<name>.digest`",
        ),
    }
}

/// Where a template first uses `name` in a tag.
pub(crate) fn place_of_name(source: &str, name: &str) -> Option<Span> {
    let word = |character: char| character.is_alphanumeric() || character == '_';
    tags(source).into_iter().find_map(|tag| {
        let text = &source[tag.inner.clone()];
        text.match_indices(name)
            .find(|(start, _)| {
                let before = text[..*start].chars().next_back();
                let after = text[start + name.len()..].chars().next();
                !before.is_some_and(|before| word(before) || before == '.') && !after.is_some_and(word)
            })
            .map(|(start, _)| Span {
                start: tag.inner.start + start,
                end: tag.inner.start + start + name.len(),
            })
    })
}

/// The whole line, where the engine knows no more.
pub(crate) fn span_of_line(source: &str, line: Option<usize>) -> Span {
    let start = line.map_or(0, |line| {
        source.split_inclusive('\n').take(line - 1).map(str::len).sum()
    });
    let length = source[start..].find('\n').unwrap_or(source.len() - start);
    Span {
        start,
        end: start + length,
    }
}

/// The engine points at `.wbe.digest` of `artifacts.wbe.digest`.
fn whole_name(source: &str, range: std::ops::Range<usize>) -> Option<&str> {
    let found = source.get(range.clone())?;
    let part = |character: char| character.is_alphanumeric() || matches!(character, '_' | '.');
    let start = if found.starts_with('.') {
        source.get(..range.start)?.trim_end_matches(part).len()
    } else {
        range.start
    };
    source.get(start..range.end).map(str::trim)
}

/// An error inside an included file comes wrapped in the one that included it.
fn innermost(error: &Error) -> &Error {
    let mut found = error;
    while let Some(inner) = found.source().and_then(|inner| inner.downcast_ref::<Error>()) {
        found = inner;
    }
    found
}

fn words(error: &Error) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    }
}
