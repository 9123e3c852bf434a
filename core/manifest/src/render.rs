//! Diagnostics as a person reads them: the source line, underlined, with cause and next step.

use std::path::Path;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use slipway_model::{Diagnostic, Severity};

/// More than this many are counted, not shown.
const SHOWN: usize = 100;

/// `source` gives the text of a file by the path that labels name; without it a label is shown as words.
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
    let mut text = String::new();
    for diagnostic in diagnostics.iter().take(SHOWN) {
        let groups = group(diagnostic, &source);
        text.push_str(&renderer.render(&[groups]));
        text.push_str("\n\n");
    }
    if diagnostics.len() > SHOWN {
        text.push_str(&format!("and {} more\n", diagnostics.len() - SHOWN));
    }
    text
}

fn group<'d, 's: 'd>(diagnostic: &'d Diagnostic, source: &impl Fn(&Path) -> Option<&'s str>) -> Group<'d> {
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
        let Some(text) = source(file) else {
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

fn boundary(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len()))
        .rev()
        .find(|offset| text.is_char_boundary(*offset))
        .unwrap_or(0)
}
