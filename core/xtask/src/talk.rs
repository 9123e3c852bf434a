//! What every task needs: to say something, to run a program, to find the repository.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

/// Why a task ended, for the person who started it.
#[derive(Debug, PartialEq)]
pub(crate) struct Failed(pub(crate) String);

impl Failed {
    /// For `map_err`: what could not be done to which file.
    pub(crate) fn to<E: std::fmt::Display>(what: &str, path: &Path) -> impl FnOnce(E) -> Self {
        let before = format!("cannot {what} {}", path.display());
        move |error| Self(format!("{before}: {error}"))
    }
}

#[expect(clippy::print_stderr, reason = "the only place where a task talks")]
pub(crate) fn say(text: &str) {
    eprintln!("{text}");
}

/// For people.
pub(crate) fn spent(started: Instant) -> String {
    let seconds = started.elapsed().as_secs();
    format!("{} min {} s", seconds / 60, seconds % 60)
}

/// Where `Cargo.toml` of the workspace is.
pub(crate) fn root() -> PathBuf {
    let mut path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    path.pop();
    path.pop();
    path
}

/// The cargo that started this program.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    // What cargo has told this program about itself: there are build scripts that look at it, and would run again, with all
    // that is built of them, each time that cargo is started from somewhere else.
    let told = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars() {
        if told(&name) {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a program that talks for itself.
pub(crate) fn run(command: &mut Command) -> Result<(), Failed> {
    let shown = shown(command);
    match command.stdin(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failed(format!("{shown}: {status}"))),
        Err(error) => Err(Failed(format!("{shown} cannot be started: {error}"))),
    }
}

/// What a program answers, if it answers and succeeds.
pub(crate) fn ask(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
