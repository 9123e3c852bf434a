//! Where a secret is read from, at the moment of use.

use std::{env, fs, path::PathBuf, process};

use serde::Deserialize;
use slipway_engine::Failed;
use slipway_plugin::Secret;

use super::{credential, encrypted, place};

#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Written")]
pub(super) enum SecretSource {
    Env(String),
    File(PathBuf),
    Command(Vec<String>),
    /// A file that `age` has encrypted, and the file with the key that it was encrypted for.
    Age {
        file: PathBuf,
        identity: PathBuf,
    },
    /// What systemd hands to the unit that Slipway is started by.
    Credential(String),
}

const SOURCES: &str = "`env`, `file`, `command`, `age` with `identity`, `credential`";

/// One of the keys; `identity` goes with `age`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    env: Option<String>,
    file: Option<PathBuf>,
    command: Option<Vec<String>>,
    age: Option<PathBuf>,
    identity: Option<PathBuf>,
    credential: Option<String>,
}

impl SecretSource {
    pub(super) fn read(&self, what: &str) -> Result<Secret, Failed> {
        let text = match self {
            Self::Env(name) => env::var(name).map_err(|_| {
                Failed::new(format!(
                    "{what} is to be in the environment as {name}, and is not"
                ))
            })?,
            Self::File(path) => {
                let path = place::beside(path);
                fs::read_to_string(&path)
                    .map_err(|error| Failed::new(format!("{what} is to be in {}: {error}", path.display())))?
            }
            Self::Command(words) => command(words, what)?,
            Self::Age { file, identity } => {
                encrypted::read(&place::beside(file), &place::beside(identity), what)?
            }
            Self::Credential(name) => credential::read(name, what)?,
        };
        Ok(Secret::new(text.trim_end_matches(['\n', '\r'])))
    }

    /// The environment's that it stands in.
    pub(super) fn variable(&self) -> Option<&str> {
        match self {
            Self::Env(name) => Some(name),
            _ => None,
        }
    }

    /// Whether all that this process starts has it too.
    pub(super) fn is_inherited(&self) -> bool {
        matches!(self, Self::Env(_) | Self::Credential(_))
    }
}

impl TryFrom<Written> for SecretSource {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let Written {
            env,
            file,
            command,
            age,
            identity,
            credential,
        } = written;
        let age = match (age, identity) {
            (Some(file), Some(identity)) => Some(Self::Age { file, identity }),
            (Some(_), None) => return Err("`age` needs the key too: identity = \"FILE\"".to_owned()),
            (None, Some(_)) => return Err("`identity` is the key of `age = \"FILE\"`".to_owned()),
            (None, None) => None,
        };
        let named = [
            env.map(Self::Env),
            file.map(Self::File),
            command.map(Self::Command),
            age,
            credential.map(Self::Credential),
        ];
        let mut named = named.into_iter().flatten();
        match (named.next(), named.next()) {
            (Some(Self::Credential(name)), None) if !credential::is_name(&name) => {
                Err(format!("`{name}` is no name of a credential"))
            }
            (Some(source), None) => Ok(source),
            (None, _) => Err(format!("a secret has a source: one of {SOURCES}")),
            (Some(_), Some(_)) => Err(format!("a secret has one source, and not several of {SOURCES}")),
        }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn read(text: &str) -> Result<SecretSource, String> {
        let written: Result<BTreeMap<String, SecretSource>, _> = toml::from_str(text);
        let mut written = written.map_err(|error| error.to_string())?;
        written.remove("a").ok_or_else(|| "nothing is written".to_owned())
    }

    #[track_caller]
    fn refused(text: &str, why: &str) {
        let error = read(text).expect_err(text);
        assert!(error.contains(why) && error.contains("line 1"), "{error}");
    }

    #[test]
    fn a_secret_has_one_source() {
        for good in [
            r#"a = { env = "A" }"#,
            r#"a = { file = "a" }"#,
            r#"a = { command = ["pass", "a"] }"#,
            r#"a = { age = "a.age", identity = "~/key" }"#,
            r#"a = { credential = "db-password" }"#,
        ] {
            read(good).expect(good);
        }
        refused(r#"a = { env = "A", file = "a" }"#, "one source, and not several");
        refused("a = {}", "a secret has a source: one of `env`");
        refused(r#"a = { age = "a.age" }"#, r#"identity = "FILE""#);
        refused(r#"a = { identity = "key" }"#, "`identity` is the key of");
        refused(
            r#"a = { credential = "../a" }"#,
            "`../a` is no name of a credential",
        );
        refused(r#"a = { envv = "A" }"#, "unknown field `envv`");
    }
}
