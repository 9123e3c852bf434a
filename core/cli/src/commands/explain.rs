//! `slipway explain`.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use clap::Args;
use serde_json::{Value, json};
use slipway_config::{Explained, Origin, Origins, Resolved, Setting, explain};
use slipway_engine::revision::ORIGINS;
use slipway_model::EnvironmentName;

use super::Done;
use crate::{context::Context, error::CommandError};

/// Say which file and line set a final value, and which earlier values lost
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// One of the manifest's environments
    environment: EnvironmentName,
    /// A file of deployment/ENVIRONMENT, and in it a line (`Caddyfile:3`), a key (`app.toml:server.port`) or a JSON
    /// pointer (`workloads/app.json:/instances`)
    #[arg(value_name = "FILE[:PLACE]")]
    place: String,
}

impl Explain {
    pub(crate) fn run(self, context: &Context) -> Done {
        let origins = read(context, &self.environment)?;
        let (file, path) = locate(&origins, &self.place);
        let explained = explain(&origins, &file, path).map_err(|error| {
            let files = origins
                .files
                .keys()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", ");
            CommandError::usage(error.to_string()).hint(format!("there are: {files}"))
        })?;
        context
            .ui
            .answer(&json!({ "file": file, "explained": explained }), || {
                explained
                    .iter()
                    .map(|one| words(&file, one))
                    .collect::<Vec<_>>()
                    .join("\n")
            });
        Ok(())
    }
}

fn read(context: &Context, environment: &EnvironmentName) -> Result<Origins, CommandError> {
    let path = context.workspace().deployment(environment).join(ORIGINS);
    let bytes = fs::read(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => CommandError::failed(format!("nothing is adapted for {environment} yet"))
            .hint(format!("`slipway adapt {environment}` first")),
        _ => CommandError::failed(format!("cannot read {}: {error}", path.display())),
    })?;
    let mut origins: Origins = serde_json::from_slice(&bytes).map_err(|error| {
        CommandError::failed(format!("{}: {error}", path.display()))
            .hint(format!("`slipway adapt {environment}` writes it anew"))
    })?;
    // They are kept as seen from the service's folder, and told as seen from where the person stands.
    let root = context.workspace().root().to_path_buf();
    let here = std::env::current_dir().unwrap_or_default();
    origins.rename_files(|file| {
        let path = root.join(file);
        // Above the folder of a laid-out package is the service that decides for it.
        let path = match file.starts_with("..") {
            true => fs::canonicalize(&path).unwrap_or(path),
            false => path,
        };
        seen_from(&here, &path)
    });
    Ok(origins)
}

/// As a person who stands in `here` would write it, where it is below.
fn seen_from(here: &Path, path: &Path) -> PathBuf {
    let below = path.strip_prefix(here).unwrap_or(path);
    below.strip_prefix(".").unwrap_or(below).to_path_buf()
}

/// The file as origins know it, and the place in it. The folder `config/` may be left out.
fn locate<'a>(origins: &Origins, place: &'a str) -> (String, Option<&'a str>) {
    let known = |file: &str| {
        let below = format!("config/{file}");
        let mut names = [file.to_owned(), below].into_iter();
        names.find(|name| origins.files.contains_key(name))
    };
    if let Some(file) = known(place) {
        return (file, None);
    }
    match place.split_once(':') {
        Some((file, path)) => (known(file).unwrap_or_else(|| file.to_owned()), Some(path)),
        None => (place.to_owned(), None),
    }
}

fn words(
    file: &str,
    Explained {
        explanation,
        parameters,
    }: &Explained,
) -> String {
    let place = match (&explanation.path, explanation.line) {
        (Some(path), _) if !path.is_empty() => format!("{file}:{path}"),
        (_, Some(line)) => format!("{file}:{line}"),
        _ => file.to_owned(),
    };
    let mut text = format!("{place} = {}\n", shown(&explanation.value));
    text.push_str(&history(&explanation.history, "  "));
    text + &made_from(parameters)
}

fn made_from(parameters: &BTreeMap<String, Resolved>) -> String {
    let mut text = String::new();
    for (name, resolved) in parameters {
        let value = if resolved.secret {
            "(secret)".to_owned()
        } else {
            shown(&resolved.value)
        };
        text.push_str(&format!("  from parameter {name} = {value}\n"));
        if !resolved.secret {
            text.push_str(&history(&resolved.history, "    "));
        }
    }
    text
}

/// The winner first, then those that lost, the nearest first.
fn history(history: &[Setting], indent: &str) -> String {
    let mut text = String::new();
    for (position, setting) in history.iter().rev().enumerate() {
        let by = place(&setting.origin);
        let part = if setting.path.is_empty() {
            String::new()
        } else {
            format!(" {}", setting.path)
        };
        let line = match (position, setting.removed) {
            (0, false) => format!("set by {by}{part}"),
            (0, true) => format!("removed by {by}{part}"),
            (_, true) => format!("over {by}{part}, which removed it"),
            (_, false) => format!("over {by}{part}, which says {}", shown(&setting.value)),
        };
        text.push_str(&format!("{indent}{line}\n"));
    }
    text
}

fn place(origin: &Origin) -> String {
    let Origin {
        layer,
        file,
        line,
        column,
    } = origin;
    let mut text = layer.clone();
    if let Some(file) = file {
        text.push_str(&format!(" ({}", file.display()));
        for number in [line, column].into_iter().flatten() {
            text.push_str(&format!(":{number}"));
        }
        text.push(')');
    }
    text
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_as_a_person_writes_them() {
        let check = |path: &str, expected: &str| {
            assert_eq!(
                seen_from(Path::new("/home/me"), Path::new(path)),
                Path::new(expected)
            );
        };
        check("./deploy.toml", "deploy.toml");
        check("shop/deploy.toml", "shop/deploy.toml");
        check("/home/me/shop/deploy.toml", "shop/deploy.toml");
        check("/home/me/./deploy.toml", "deploy.toml");
        check("/home/you/deploy.toml", "/home/you/deploy.toml");
        check("../shop/deploy.toml", "../shop/deploy.toml");
    }
}
