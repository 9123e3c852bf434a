//! Where a secret is read from, at the moment of use.

use std::{env, fs, path::PathBuf, process};

use serde::Deserialize;
use slipway_engine::Failed;
use slipway_plugin::Secret;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum SecretSource {
    Env(String),
    File(PathBuf),
    Command(Vec<String>),
}

impl SecretSource {
    pub(super) fn read(&self, what: &str) -> Result<Secret, Failed> {
        let text = match self {
            Self::Env(name) => env::var(name).map_err(|_| {
                Failed::new(format!(
                    "{what} is to be in the environment as {name}, and is not"
                ))
            })?,
            Self::File(path) => fs::read_to_string(path)
                .map_err(|error| Failed::new(format!("{what} is to be in {}: {error}", path.display())))?,
            Self::Command(words) => command(words, what)?,
        };
        Ok(Secret::new(text.trim_end_matches(['\n', '\r'])))
    }
}

fn command(words: &[String], what: &str) -> Result<String, Failed> {
    let (program, arguments) = words
        .split_first()
        .ok_or_else(|| Failed::new(format!("{what}: no command is named")))?;
    let output = process::Command::new(program)
        .args(arguments)
        .output()
        .map_err(|error| Failed::new(format!("{what} is to come from `{program}`: {error}")))?;
    if !output.status.success() {
        return Err(Failed::new(format!(
            "{what} is to come from `{program}`, which ended with {}",
            output.status
        )));
    }
    String::from_utf8(output.stdout).map_err(|_| Failed::new(format!("{what}: `{program}` prints no UTF-8")))
}
