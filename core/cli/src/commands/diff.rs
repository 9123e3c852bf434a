//! `slipway diff`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

use clap::Args;
use serde::Serialize;
use similar::TextDiff;
use slipway_engine::{
    Caller, Engine,
    lock::Lock,
    project::Project,
    revision::{DIGEST, ORIGINS},
    steps::{Adaptation, generate},
};
use slipway_journal::Scope;
use slipway_model::{Digest, EnvironmentName};
use slipway_report::{Line, Tone};

use super::{Done, running::assignment};
use crate::{
    context::Context,
    error::{CommandError, ErrorKind},
    ui::toned,
};

/// Compare what runs in an environment with what it would become, or two environments with each other
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// One of the manifest's environments
    environment: EnvironmentName,
    /// Compare with this environment instead of what runs
    other: Option<EnvironmentName>,
    /// Set a parameter, above every other value
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment, conflicts_with = "other")]
    set: Vec<(String, String)>,
    /// Fail with exit code 7 if there are differences
    #[arg(long)]
    check: bool,
}

#[derive(Serialize)]
struct Answer {
    from: Side,
    to: Side,
    files: Vec<FileDiff>,
}

#[derive(Serialize)]
struct Side {
    environment: EnvironmentName,
    /// Absent where nothing runs.
    revision: Option<Digest>,
}

#[derive(Serialize)]
struct FileDiff {
    path: String,
    change: Change,
    /// Unified; absent where a side is no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Change {
    Added,
    Removed,
    Changed,
}

type Files = BTreeMap<String, Vec<u8>>;

/// Lines of context around a change.
const CONTEXT: usize = 3;

impl Diff {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let project = context.project().await?;
        let engine = context.engine_of(&project).await?;
        let Self {
            environment,
            other,
            set,
            check,
        } = self;
        let (from, to) = match other {
            None => {
                let to = adapted(&engine, &project, &environment, set).await?;
                (running(&engine, &project, environment).await?, to)
            }
            Some(other) => {
                let from = adapted(&engine, &project, &environment, Vec::new()).await?;
                (from, adapted(&engine, &project, &other, Vec::new()).await?)
            }
        };
        let files = compare(&files(&engine, &from)?, &files(&engine, &to)?);
        let answer = Answer { from, to, files };
        context.ui.answer(&answer, || words(&answer));
        if check && !answer.files.is_empty() {
            return Err(CommandError::new(
                ErrorKind::Different,
                format!("{} files differ", answer.files.len()),
            ));
        }
        Ok(())
    }
}

async fn running(
    engine: &Engine,
    project: &Project,
    environment: EnvironmentName,
) -> Result<Side, CommandError> {
    let scope = Scope {
        service: project.manifest.service.name.clone(),
        environment,
    };
    let (_, state) = engine.store.environment(&scope).await?;
    Ok(Side {
        environment: scope.environment,
        revision: state.current.map(|current| current.revision),
    })
}

async fn adapted(
    engine: &Engine,
    project: &Project,
    environment: &EnvironmentName,
    set: Vec<(String, String)>,
) -> Result<Side, CommandError> {
    let package = Lock::read(&engine.workspace)?.package.ok_or_else(|| {
        CommandError::failed("nothing is released yet").hint("`slipway release` touches no environment")
    })?;
    let adaptation = Adaptation {
        environment: environment.clone(),
        package,
        set,
    };
    let adapted = generate(engine, Caller::Look, project, &adaptation).await?;
    Ok(Side {
        environment: adaptation.environment,
        revision: Some(adapted.revision),
    })
}

/// The deployment folder of a revision, without what only says where its values come from.
fn files(engine: &Engine, side: &Side) -> Result<Files, CommandError> {
    let Some(revision) = side.revision else {
        return Ok(Files::new());
    };
    let folder = engine.workspace.revision(revision);
    let mut files = Files::new();
    read(&folder, "", &mut files).map_err(|error| {
        let text = format!(
            "the folder of revision {} cannot be read: {}: {error}",
            revision.short(),
            folder.display()
        );
        CommandError::failed(text).hint("`slipway redeploy` brings a revision back from the archive")
    })?;
    files.retain(|path, _| ![ORIGINS, DIGEST].contains(&path.as_str()));
    Ok(files)
}

fn read(folder: &Path, prefix: &str, files: &mut Files) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.insert(path, fs::read(entry.path())?);
        }
    }
    Ok(())
}

fn compare(from: &Files, to: &Files) -> Vec<FileDiff> {
    let paths: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    let mut differences = Vec::new();
    for path in paths {
        let (old, new) = (from.get(path), to.get(path));
        let change = match (old, new) {
            (None, _) => Change::Added,
            (_, None) => Change::Removed,
            (old, new) if old == new => continue,
            _ => Change::Changed,
        };
        let text = |side: Option<&Vec<u8>>| String::from_utf8(side.cloned().unwrap_or_default()).ok();
        let diff = text(old).zip(text(new)).map(|(old, new)| {
            let names = (
                if old.is_empty() { "/dev/null" } else { path },
                if new.is_empty() { "/dev/null" } else { path },
            );
            TextDiff::from_lines(&old, &new)
                .unified_diff()
                .context_radius(CONTEXT)
                .header(names.0, names.1)
                .to_string()
        });
        differences.push(FileDiff {
            path: path.clone(),
            change,
            diff,
        });
    }
    differences
}

fn words(answer: &Answer) -> String {
    let side = |side: &Side| {
        let revision = side
            .revision
            .map_or("nothing".to_owned(), |revision| revision.short());
        format!("{} ({revision})", side.environment)
    };
    if answer.files.is_empty() {
        return format!("{} and {} are the same", side(&answer.from), side(&answer.to));
    }
    let mut text = format!("{} -> {}\n", side(&answer.from), side(&answer.to));
    for file in &answer.files {
        match &file.diff {
            Some(diff) => text.extend(diff.lines().map(|line| format!("{}\n", colored(line)))),
            None => text.push_str(&format!("{}: binary, {:?}\n", file.path, file.change)),
        }
    }
    text
}

fn colored(line: &str) -> String {
    let tone = match line.as_bytes().first() {
        Some(b'+') => Tone::Good,
        Some(b'-') => Tone::Bad,
        Some(b'@') => Tone::Dim,
        _ => Tone::Plain,
    };
    toned(&Line {
        tone,
        text: line.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: &[(&str, &[u8])], to: &[(&str, &[u8])], expected: &[(&str, Change, &str)]) {
        let files = |files: &[(&str, &[u8])]| -> Files {
            files
                .iter()
                .map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()))
                .collect()
        };
        let found = compare(&files(from), &files(to));
        let found: Vec<_> = found
            .iter()
            .map(|file| {
                (
                    file.path.as_str(),
                    file.change,
                    file.diff.as_deref().unwrap_or("binary"),
                )
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn file_by_file() {
        check(&[("a", b"x\n")], &[("a", b"x\n")], &[]);
        check(
            &[],
            &[("a", b"x\n")],
            &[("a", Change::Added, "--- /dev/null\n+++ a\n@@ -0,0 +1 @@\n+x\n")],
        );
        check(
            &[("a", b"x\n")],
            &[],
            &[("a", Change::Removed, "--- a\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n")],
        );
        let changed = "--- a\n+++ a\n@@ -1,2 +1,2 @@\n 1\n-2\n+3\n";
        check(
            &[("a", b"1\n2\n")],
            &[("a", b"1\n3\n")],
            &[("a", Change::Changed, changed)],
        );
        check(
            &[("a", b"\xff")],
            &[("a", b"x")],
            &[("a", Change::Changed, "binary")],
        );
    }
}
