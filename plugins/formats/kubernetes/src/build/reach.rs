//! What the paths in a kustomization lead to, and what they may not lead to: files outside of the kustomization's
//! folder, the folder itself, and anything that would have to be fetched.

use crate::{
    files::{Files, join, within},
    kustomization::{Kustomization, Located},
    problem::{Outcome, Problem},
};

pub(crate) enum Reached {
    File(String),
    Folder(String),
}

/// What a path in a kustomization of a folder leads to.
pub(crate) fn reach(
    files: &Files,
    folder: &str,
    path: &Located<String>,
    from: &Kustomization,
) -> Outcome<Reached> {
    let problem = |why: String| Problem::new(&from.file, why).at(path.place).key(&path.key);
    let written = &path.value;
    let target = join(folder, written).filter(|_| !written.starts_with('/'));
    if let Some(target) = &target {
        if files.get(target).is_some() {
            return inside(folder, target, written, problem).map(Reached::File);
        }
        if files.is_folder(target) {
            return Ok(Reached::Folder(target.clone()));
        }
    }
    if is_remote(written) {
        return Err(problem(format!(
            "`{written}` is somewhere else, and nothing is fetched here"
        ))
        .hint("put a copy into the artifact and name that")
        .into());
    }
    if written.starts_with('/') {
        return Err(problem(format!("`{written}` is absolute"))
            .hint("name it relative to the folder of the kustomization")
            .into());
    }
    Err(match target {
        Some(target) => problem(format!("there is no file and no folder `{target}`")),
        None => problem(format!("`{written}` leads out of the artifact")),
    }
    .hint("is it part of the artifact?")
    .into())
}

/// The content of a file that a kustomization names, for anything but `resources`.
pub(crate) fn file<'f>(
    files: &'f Files,
    folder: &str,
    path: &Located<String>,
    from: &Kustomization,
) -> Outcome<(&'f [u8], String)> {
    let problem = |why: String| Problem::new(&from.file, why).at(path.place).key(&path.key);
    match reach(files, folder, path, from)? {
        Reached::File(file) => Ok((files.get(&file).unwrap_or_default(), file)),
        Reached::Folder(_) => {
            Err(problem(format!("`{}` is a folder, and a file is needed", path.value)).into())
        }
    }
}

pub(crate) fn text<'f>(
    files: &'f Files,
    folder: &str,
    path: &Located<String>,
    from: &Kustomization,
) -> Outcome<(&'f str, String)> {
    let (_, file) = file(files, folder, path, from)?;
    Ok((files.text(&file)?, file))
}

fn inside(folder: &str, target: &str, written: &str, problem: impl Fn(String) -> Problem) -> Outcome<String> {
    if within(target, folder) {
        return Ok(target.to_owned());
    }
    Err(problem(format!(
        "the file `{written}` is outside of the folder of the kustomization"
    ))
    .hint("move it into the folder, or make its own folder a base with a kustomization")
    .into())
}

fn is_remote(path: &str) -> bool {
    let known = [
        "github.com/",
        "gitlab.com/",
        "bitbucket.org/",
        "git@",
        "git::",
        "ssh://",
    ];
    path.contains("://")
        || path.contains("?ref=")
        || path.contains(".git")
        || known.iter().any(|known| path.starts_with(known))
}
