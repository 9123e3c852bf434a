//! Programs that are asked and run.

use std::process::{Command, Stdio};

use crate::{Error, Result};

/// What a program answers, if it answers and succeeds.
pub(crate) fn ask(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs it to its end, which has to be a good one. What it says comes to stderr.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .map_err(|source| Error::Start {
            command: shown(command),
            source,
        })?;
    match status.success() {
        true => Ok(()),
        false => Err(Error::Failed {
            command: shown(command),
            status,
        }),
    }
}

pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}
