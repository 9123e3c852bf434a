//! Programs of checks and analyses: in the service's folder, for so long and with so much to say as is allowed.

use std::{io, path::Path, process::ExitStatus, process::Stdio};

use slipway_model::Duration;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    process::Command,
    time::timeout,
};

/// Of what a program prints, so much is read; it may end then or be killed by what nobody reads.
const OUTPUT: u64 = 64 << 10;

pub(super) struct Ended {
    pub(super) program: String,
    pub(super) status: ExitStatus,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

/// Why there is nothing to say of how a program ended.
pub(super) enum NoEnd {
    TooLate(String),
    Broken(String),
}

pub(super) async fn run(
    folder: &Path,
    run: &[String],
    variables: impl IntoIterator<Item = (String, String)>,
    limit: Duration,
) -> Result<Ended, NoEnd> {
    let broken = |what: String| NoEnd::Broken(what);
    let (program, arguments) = run
        .split_first()
        .ok_or_else(|| broken("no program is named".to_owned()))?;
    // A name is looked for in PATH; a path is one of the service's folder, wherever the command is typed.
    let mut command = match program.contains('/') {
        true => Command::new(folder.join(program)),
        false => Command::new(program),
    };
    command
        .current_dir(folder)
        .args(arguments)
        .envs(variables)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command
        .spawn()
        .map_err(|cause| broken(format!("`{program}` cannot be started: {cause}")))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let all = async { tokio::try_join!(child.wait(), read(stdout), read(stderr)) };
    let (status, stdout, stderr) = timeout(limit.std(), all)
        .await
        .map_err(|_| NoEnd::TooLate(format!("`{program}` did not end within {limit}")))?
        .map_err(|cause| broken(format!("`{program}`: {cause}")))?;
    Ok(Ended {
        program: program.clone(),
        status,
        stdout,
        stderr,
    })
}

/// The beginning; a pipe that is read no further ends who writes on.
async fn read(from: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    if let Some(from) = from {
        from.take(OUTPUT).read_to_end(&mut text).await?;
    }
    Ok(text)
}

impl Ended {
    /// With what it said of it.
    pub(super) fn failure(&self) -> Option<String> {
        let said = if self.stderr.is_empty() {
            &self.stdout
        } else {
            &self.stderr
        };
        let said = excerpt(&String::from_utf8_lossy(said));
        (!self.status.success()).then(|| format!("`{}` ended with {}: {said}", self.program, self.status))
    }
}

pub(super) fn excerpt(text: &str) -> String {
    text.trim()
        .chars()
        .map(|char| if char.is_control() { ' ' } else { char })
        .take(200)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sh(script: &str) -> Result<Ended, NoEnd> {
        let command = ["sh", "-c", script].map(str::to_owned);
        let variables = [("WHAT".to_owned(), "that".to_owned())];
        run(&std::env::temp_dir(), &command, variables, Duration::from_secs(1)).await
    }

    #[tokio::test]
    async fn programs_are_heard_and_limited() {
        let Ok(ended) = sh("echo $WHAT; echo no >&2; exit 3").await else {
            panic!("it ends");
        };
        assert_eq!(ended.stdout, b"that\n");
        let failure = ended.failure().unwrap();
        assert!(
            failure.starts_with("`sh` ended with") && failure.ends_with(": no"),
            "{failure}"
        );
        assert!(
            matches!(sh("sleep 60").await, Err(NoEnd::TooLate(why)) if why.contains("did not end within 1s"))
        );
        let Ok(loud) = sh("exec yes").await else {
            panic!("it ends when nobody listens");
        };
        assert_eq!(loud.stdout.len() as u64, OUTPUT);
        assert!(loud.failure().is_some());
    }
}
