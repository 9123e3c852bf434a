//! `slipway init`.

use std::{
    env,
    fs::{self, File, OpenOptions},
    io::{self, BufRead as _, IsTerminal as _, Write as _},
    path::Path,
};

use clap::Args;
use serde_json::json;
use slipway_engine::project::FILE;
use slipway_model::ServiceName;

use super::Done;
use crate::{context::Context, error::CommandError};

/// Write a deploy.toml that works, for one service on this machine; nothing is overwritten
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The name of the service
    #[arg(long)]
    name: Option<ServiceName>,
    /// The archive (tar.gz, tar.zst, zip) that holds the program, relative to the folder
    #[arg(long, value_name = "PATH", value_parser = relative)]
    artifact: Option<String>,
    /// The program in the archive
    #[arg(long, value_name = "PROGRAM", value_parser = filled)]
    command: Option<String>,
    /// The port on which users come in
    #[arg(long)]
    port: Option<u16>,
}

const GITIGNORE: [&str; 3] = ["/.slipway/", "/assembly/", "/deployment/"];
const PORT: u16 = 8080;

impl Init {
    pub(crate) fn run(self, context: &Context) -> Done {
        let folder = folder(&context.file);
        let file = folder.join(FILE);
        if file.exists() {
            let text = format!("{} is there already", file.display());
            return Err(CommandError::failed(text).hint("`slipway validate` checks it"));
        }
        let asker = Asker {
            asks: io::stdin().is_terminal() && !context.ui.quiet && !context.ui.json(),
        };
        let name = asker.ask(
            "The service's name",
            self.name,
            suggested_name(folder),
            str::parse,
        )?;
        let artifact = asker.ask(
            "The archive with its program",
            self.artifact,
            suggested_archive(folder, &name),
            relative,
        )?;
        let command = asker.ask("The program in it", self.command, name.to_string(), filled)?;
        let port = asker.ask("The port for its users", self.port, PORT.to_string(), |text| {
            text.parse::<u16>()
        })?;
        let text = manifest(&name, &artifact, &command, port);
        let cannot = |error| CommandError::failed(format!("cannot write {}: {error}", file.display()));
        fs::create_dir_all(folder).map_err(cannot)?;
        File::create_new(&file)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(cannot)?;
        ignore(&folder.join(".gitignore"))?;
        if !folder.join(&artifact).exists() {
            context.ui.note(&format!(
                "{artifact} is not there yet: build it before `slipway release`"
            ));
        }
        let answer = json!({ "file": file, "service": name, "artifact": artifact, "port": port });
        context
            .ui
            .answer(&answer, || format!("{}\nnext: slipway run local", file.display()));
        Ok(())
    }
}

/// Asks a person, where there is one; otherwise what is not given is what would be suggested.
struct Asker {
    asks: bool,
}

impl Asker {
    fn ask<T, E: std::fmt::Display>(
        &self,
        question: &str,
        given: Option<T>,
        suggestion: String,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<T, CommandError> {
        if let Some(given) = given {
            return Ok(given);
        }
        let wrong = |error: E| CommandError::usage(format!("{question}: {error}"));
        if !self.asks {
            return parse(&suggestion).map_err(wrong);
        }
        loop {
            let cannot = |error: io::Error| CommandError::failed(format!("nobody answers: {error}"));
            write!(anstream::stderr(), "{question} [{suggestion}]: ").map_err(cannot)?;
            let mut answer = String::new();
            if io::stdin().lock().read_line(&mut answer).map_err(cannot)? == 0 {
                return parse(&suggestion).map_err(wrong);
            }
            let answer = Some(answer.trim())
                .filter(|answer| !answer.is_empty())
                .unwrap_or(&suggestion);
            match parse(answer) {
                Ok(value) => return Ok(value),
                Err(error) => writeln!(anstream::stderr(), "{error}").map_err(cannot)?,
            }
        }
    }
}

/// `--file` names the manifest that is to be, or its folder.
fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if file.file_name().is_some_and(|name| name == FILE) => parent,
        _ => file,
    }
}

/// The folder's name, as far as a service can have it.
fn suggested_name(folder: &Path) -> String {
    let full = fs::canonicalize(folder)
        .or_else(|_| std::path::absolute(folder))
        .or_else(|_| env::current_dir())
        .unwrap_or_default();
    let name = full
        .file_name()
        .map(|name| name.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    let name: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(40)
        .collect();
    Some(name.trim_matches('-').to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "service".to_owned())
}

/// An archive that is there, or one that could be.
fn suggested_archive(folder: &Path, name: &ServiceName) -> String {
    let is_archive = |name: &str| {
        [".tar.gz", ".tgz", ".tar.zst", ".zip", ".tar"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    let mut found = Vec::new();
    for below in [".", "dist", "build", "target"] {
        for entry in fs::read_dir(folder.join(below)).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_archive(&name) {
                found.push(if below == "." {
                    name
                } else {
                    format!("{below}/{name}")
                });
            }
        }
    }
    found.sort();
    found
        .into_iter()
        .next()
        .unwrap_or_else(|| format!("dist/{name}.tar.gz"))
}

fn relative(text: &str) -> Result<String, String> {
    let text = text.trim_start_matches("./");
    if text.is_empty() || text.starts_with('/') || text.split('/').any(|part| part == "..") {
        return Err("it is a path inside the folder of deploy.toml".to_owned());
    }
    Ok(text.to_owned())
}

fn filled(text: &str) -> Result<String, &'static str> {
    if text.is_empty() {
        Err("it needs a name")
    } else {
        Ok(text.to_owned())
    }
}

fn manifest(name: &ServiceName, artifact: &str, command: &str, port: u16) -> String {
    let [artifact, command] = [artifact, command].map(|text| toml::Value::from(text).to_string());
    format!(
        r#"# How {name} gets to its users: `slipway run local`. Every key is described by `slipway schema`.

[service]
name = "{name}"
version = "0.1.0"

# The program. It listens on the port that it is told.
[artifacts.app]
format = "tarball"
from = {artifact}
command = [{command}]
env = {{ PORT = "${{port.http}}" }}
ports = {{ http = {{}} }}
health = {{ tcp = true }}

# The new revision stands beside the old one, is checked, and then takes all users at once.
[strategy.careful]
type = "blue-green"

[environments.local]
strategy = "careful"
target = {{ plugin = "machine" }}
router = {{ plugin = "embedded", listen = "127.0.0.1:{port}" }}
"#
    )
}

/// Adds the lines that are missing.
fn ignore(path: &Path) -> Done {
    let cannot = |error| CommandError::failed(format!("cannot write {}: {error}", path.display()));
    let before = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        before => before.map_err(cannot)?,
    };
    let missing = GITIGNORE
        .iter()
        .filter(|line| !before.lines().any(|known| known.trim() == **line));
    let mut text: String = missing.map(|line| format!("{line}\n")).collect();
    if !before.is_empty() && !before.ends_with('\n') {
        text.insert(0, '\n');
    }
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .map_err(cannot)?;
    file.write_all(text.as_bytes()).map_err(cannot)
}
