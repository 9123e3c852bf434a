//! Diagnostics as a person reads them: the source line, underlined, with cause and next step.

use std::{borrow::Cow, collections::BTreeMap, path::Path};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use slipway_model::{Diagnostic, Severity};

use crate::conceal::{boundary, conceal};

/// More than this many are counted, not shown.
const SHOWN: usize = 100;

/// `source` gives the text of a file by the path that labels name; without it a label is shown as words. What one
/// diagnostic calls a secret none of them shows.
pub fn render<'s>(
    diagnostics: &[Diagnostic],
    source: impl Fn(&Path) -> Option<&'s str>,
    color: bool,
) -> String {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let sources = sources(diagnostics, source);
    let mut text = String::new();
    for diagnostic in diagnostics.iter().take(SHOWN) {
        let groups = group(diagnostic, &sources);
        text.push_str(&renderer.render(&[groups]));
        text.push_str("\n\n");
    }
    if diagnostics.len() > SHOWN {
        text.push_str(&format!("and {} more\n", diagnostics.len() - SHOWN));
    }
    text
}

/// The files that diagnostics are about, without the secrets that any of them found.
fn sources<'d, 's>(
    diagnostics: &'d [Diagnostic],
    source: impl Fn(&Path) -> Option<&'s str>,
) -> BTreeMap<&'d Path, Cow<'s, str>> {
    let mut secrets: BTreeMap<&Path, Vec<_>> = BTreeMap::new();
    for label in diagnostics.iter().flat_map(|diagnostic| &diagnostic.labels) {
        let secrets = secrets.entry(&label.file).or_default();
        secrets.extend(label.secret.then_some(label.span));
    }
    let concealed = |(file, secrets): (_, Vec<_>)| {
        let text = source(file)?;
        Some((file, conceal(text, secrets.into_iter())))
    };
    secrets.into_iter().filter_map(concealed).collect()
}

fn group<'d>(diagnostic: &'d Diagnostic, sources: &'d BTreeMap<&Path, Cow<'_, str>>) -> Group<'d> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(
        level
            .primary_title(diagnostic.message.as_str())
            .id(diagnostic.code.as_str()),
    );
    let mut files = diagnostic
        .labels
        .iter()
        .map(|label| label.file.as_path())
        .collect::<Vec<_>>();
    files.dedup();
    for file in files {
        let labels = diagnostic
            .labels
            .iter()
            .enumerate()
            .filter(|(_, label)| label.file == file);
        let Some(text) = sources.get(file).map(Cow::as_ref) else {
            group = labels.fold(group, |group, (_, label)| {
                group.element(Level::NOTE.message(format!("{}: {}", label.file.display(), label.text)))
            });
            continue;
        };
        let annotations = labels.map(|(index, label)| {
            let kind = if index == 0 {
                AnnotationKind::Primary
            } else {
                AnnotationKind::Context
            };
            let start = boundary(text, label.span.start);
            let end = boundary(text, first_line_end(text, start, label.span.end));
            kind.span(start..end)
                .label(Some(label.text.as_str()).filter(|text| !text.is_empty()))
        });
        let snippet = Snippet::source(text)
            .path(file.display().to_string())
            .annotations(annotations);
        group = group.element(snippet);
    }
    diagnostic.help.iter().fold(group, |group, help| {
        group.element(Level::HELP.message(help.as_str()))
    })
}

/// A whole table is too much to underline: its first line stands for it.
fn first_line_end(text: &str, start: usize, end: usize) -> usize {
    let end = end.clamp(start, text.len());
    text.as_bytes()[start..end]
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(end, |length| start + length)
}
