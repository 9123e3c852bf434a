//! Programs of checks, analyses and hooks: in the service's folder, for so long and with so much to say as is allowed.

use std::{io, path::Path, process::ExitStatus, process::Stdio};

use slipway_model::Duration;
use slipway_plugin::Mask;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    process::Command,
    time::timeout,
};

/// Of what a program prints, so much is read by whoever wants its beginning.
const OUTPUT: usize = 64 << 10;

/// What is kept of what a program prints, in bounded memory.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kept {
    /// The beginning. A pipe that is read no further ends who writes on.
    First,
    /// The last so many bytes. It may say as much as it likes.
    Last(usize),
}

pub(crate) struct Ended {
    pub(crate) program: String,
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

/// Why there is nothing to say of how a program ended.
pub(crate) enum NoEnd {
    TooLate(String),
    Broken(String),
}

/// What it says of secrets is masked: it has the environment and the files of whoever started Slipway.
pub(crate) async fn run(
    folder: &Path,
    run: &[String],
    variables: impl IntoIterator<Item = (String, String)>,
    (limit, kept): (Duration, Kept),
    mask: &Mask,
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
        // Ctrl-C is for Slipway, which stops after it and not in the midst of it.
        .process_group(0)
        .kill_on_drop(true);
    let mut child = command
        .spawn()
        .map_err(|cause| broken(format!("`{program}` cannot be started: {cause}")))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let all = async { tokio::try_join!(child.wait(), read(stdout, kept, mask), read(stderr, kept, mask)) };
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

async fn read(from: Option<impl AsyncRead + Unpin>, kept: Kept, mask: &Mask) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let Some(mut from) = from else { return Ok(text) };
    let Kept::Last(most) = kept else {
        from.take(OUTPUT as u64).read_to_end(&mut text).await?;
        if text.len() == OUTPUT {
            // The beginning of a secret is not known for one.
            text.truncate(mask.whole(&text));
        }
        return Ok(mask.mask(&text));
    };
    // Nor is its end.
    let kept = most + mask.longest();
    while from.read_buf(&mut text).await? > 0 {
        // Now and then, so that little is moved.
        if text.len() > kept + OUTPUT {
            text.drain(..text.len() - kept);
        }
    }
    text.drain(..text.len().saturating_sub(kept));
    let mut masked = mask.mask(&text);
    masked.drain(..masked.len().saturating_sub(most));
    Ok(masked)
}

impl Ended {
    /// With what it said of it.
    pub(crate) fn failure(&self) -> Option<String> {
        let said = if self.stderr.is_empty() {
            &self.stdout
        } else {
            &self.stderr
        };
        if self.status.success() {
            return None;
        }
        let ended = format!("`{}` ended with {}", self.program, self.status);
        Some(match excerpt(&String::from_utf8_lossy(said)) {
            said if said.is_empty() => ended,
            said => format!("{ended}: {said}"),
        })
    }
}

pub(crate) fn excerpt(text: &str) -> String {
    text.trim()
        .chars()
        .map(|char| if char.is_control() { ' ' } else { char })
        .take(200)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sh(script: &str, kept: Kept) -> Result<Ended, NoEnd> {
        sh_masked(script, kept, &Mask::default()).await
    }

    async fn sh_masked(script: &str, kept: Kept, mask: &Mask) -> Result<Ended, NoEnd> {
        let command = ["sh", "-c", script].map(str::to_owned);
        let variables = [("WHAT".to_owned(), "that".to_owned())];
        run(
            &std::env::temp_dir(),
            &command,
            variables,
            (Duration::from_secs(1), kept),
            mask,
        )
        .await
    }

    #[tokio::test]
    async fn what_programs_say_of_secrets_is_masked() {
        let mask = Mask::of_secrets([], [slipway_plugin::Secret::new("hunter22")]);
        let said = async |script: &str, kept| match sh_masked(script, kept, &mask).await {
            Ok(ended) => String::from_utf8(ended.stdout).unwrap(),
            Err(_) => panic!("it ends"),
        };
        assert_eq!(said("echo a hunter22 b", Kept::First).await, "a *** b\n");
        assert_eq!(said("echo hunter22", Kept::Last(6)).await, "***\n");
        // Whatever is cut off in the midst of one.
        let long = format!("head -c {} /dev/zero | tr '\\0' x; echo hunter22", OUTPUT - 4);
        assert!(said(&long, Kept::First).await.ends_with("xxx"));
        assert_eq!(
            said("printf 'hunter22 and more'", Kept::Last(13)).await,
            "*** and more"
        );
    }

    #[tokio::test]
    async fn programs_are_heard_and_limited() {
        let Ok(ended) = sh("echo $WHAT; echo no >&2; exit 3", Kept::First).await else {
            panic!("it ends");
        };
        assert_eq!(ended.stdout, b"that\n");
        let failure = ended.failure().unwrap();
        assert!(
            failure.starts_with("`sh` ended with") && failure.ends_with(": no"),
            "{failure}"
        );
        assert!(
            matches!(sh("sleep 60", Kept::First).await, Err(NoEnd::TooLate(why)) if why.contains("did not end within 1s"))
        );
        let Ok(loud) = sh("exec yes", Kept::First).await else {
            panic!("it ends when nobody listens");
        };
        assert_eq!(loud.stdout.len(), OUTPUT);
        assert!(loud.failure().is_some());
        let Ok(long) = sh("seq 100000", Kept::Last(7)).await else {
            panic!("it may say as much as it likes");
        };
        assert_eq!(long.stdout, b"100000\n");
        assert!(long.failure().is_none());
    }
}
