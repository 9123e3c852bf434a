//! What GitHub Actions shows beside the code, where this runs in one of its jobs.

use std::{
    env,
    path::{Path, PathBuf},
};

use slipway_model::{Diagnostic, Severity};
use slipway_report::{Level, Place, annotation};

use crate::error::Problems;

/// Whether whoever reads what is printed understands them.
pub(crate) fn wanted() -> bool {
    env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true")
}

/// A line for each thing that is wrong.
pub(crate) fn of_problems(problems: &Problems) -> Vec<String> {
    let root = env::var_os("GITHUB_WORKSPACE").map(PathBuf::from);
    let of = |diagnostic| of_diagnostic(diagnostic, problems, root.as_deref());
    problems.diagnostics.iter().map(of).collect()
}

fn of_diagnostic(diagnostic: &Diagnostic, problems: &Problems, root: Option<&Path>) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
    };
    let label = diagnostic.labels.first();
    let mut text = diagnostic.message.clone();
    let said = label
        .map(|label| label.text.as_str())
        .filter(|said| !said.is_empty());
    for more in said.into_iter().chain(diagnostic.help.iter().map(String::as_str)) {
        text.push('\n');
        text.push_str(more);
    }
    let file = label.map(|label| below(&label.file, root));
    let place = label.zip(file.as_deref()).map(|(label, file)| {
        let source = problems.sources.get(&label.file).map_or("", String::as_str);
        let (line, column) = position(source, label.span.start);
        Place { file, line, column }
    });
    annotation(level, &diagnostic.code, place, &text)
}

/// As the repository knows it.
fn below(file: &Path, root: Option<&Path>) -> PathBuf {
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_path_buf());
    let inside = root.and_then(|root| absolute.strip_prefix(root).ok());
    inside.unwrap_or(file).to_path_buf()
}

/// From 1, in characters.
fn position(source: &str, start: usize) -> (usize, usize) {
    let before = source.get(..start).unwrap_or(source);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use slipway_model::{Label, Span};

    use super::*;

    #[test]
    fn a_diagnostic_has_its_place() {
        let label = Label {
            file: "/repo/shop/deploy.toml".into(),
            span: Span { start: 18, end: 21 },
            text: "here".to_owned(),
            secret: false,
        };
        let mut diagnostic = Diagnostic::error("unknown-key", "no key is called so: `nme`");
        diagnostic.labels.push(label);
        diagnostic.help.push("did you mean `name`?".to_owned());
        let source = (
            "/repo/shop/deploy.toml".into(),
            "[service]\n# ü\nä nme = 1\n".to_owned(),
        );
        let problems = Problems::new(vec![diagnostic, Diagnostic::warning("old", "100%")], [source]);
        let lines: Vec<_> = problems
            .diagnostics
            .iter()
            .map(|diagnostic| of_diagnostic(diagnostic, &problems, Some(Path::new("/repo"))))
            .collect();
        assert_eq!(
            lines,
            [
                "::error file=shop/deploy.toml,line=3,col=3,title=unknown-key::no key is called so: `nme`%0Ahere%0Adid you mean `name`?",
                "::warning title=old::100%25"
            ]
        );
    }
}
