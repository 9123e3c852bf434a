//! Bearer tokens of clusters: written down, in a file that is renewed, or from a program as kubectl runs it
//! (`client.authentication.k8s.io`). What a program gives is kept for as long as it says.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Deserializer};
use serde_json::json;
use slipway_plugin::{Failure, FailureKind, Secret, TokenSource};
use tokio::{process::Command, sync::Mutex, time::timeout};

/// A program that asks a person something nobody sees would wait for ever.
const LIMIT: Duration = Duration::from_secs(60);
const INFO: &str = "KUBERNETES_EXEC_INFO";

#[derive(Debug)]
pub(crate) enum Token {
    Fixed(Secret),
    File(PathBuf),
    Exec(Exec, Mutex<Option<Lasting>>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Exec {
    api_version: String,
    command: PathBuf,
    #[serde(default, deserialize_with = "or_default")]
    args: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    env: Vec<Variable>,
    install_hint: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Variable {
    name: String,
    value: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Lasting {
    token: Secret,
    /// None for as long as the program runs.
    until: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Credential {
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    token: Option<String>,
    expiration_timestamp: Option<Timestamp>,
}

#[async_trait::async_trait]
impl TokenSource for Token {
    async fn token(&self) -> Result<Secret, Failure> {
        match self {
            Self::Fixed(token) => Ok(token.clone()),
            Self::File(path) => {
                let text = tokio::fs::read_to_string(path).await;
                let text = text
                    .map_err(|error| failed(format!("the token is to be in {}: {error}", path.display())))?;
                Ok(Secret::new(text.trim()))
            }
            Self::Exec(exec, kept) => {
                let mut kept = kept.lock().await;
                let fresh = kept.as_ref().filter(|lasting| lasting.is_fresh(Timestamp::now()));
                if let Some(lasting) = fresh {
                    return Ok(lasting.token.clone());
                }
                let lasting = exec.run().await?;
                *kept = Some(lasting.clone());
                Ok(lasting.token)
            }
        }
    }
}

impl Lasting {
    /// Not at the last moment: the request has to arrive as well.
    fn is_fresh(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now + 10.seconds() < until)
    }
}

impl Exec {
    /// A program that is named by a path is looked for from the kubeconfig's folder.
    pub(crate) fn beside(self, folder: &Path) -> Self {
        let command = if self.command.components().count() > 1 {
            folder.join(self.command)
        } else {
            self.command
        };
        Self { command, ..self }
    }

    async fn run(&self) -> Result<Lasting, Failure> {
        let program = self.command.display();
        let info = json!({
            "apiVersion": self.api_version,
            "kind": "ExecCredential",
            "spec": { "interactive": false },
        });
        let variables = self.env.iter().map(|variable| (&variable.name, &variable.value));
        let child = Command::new(&self.command)
            .args(&self.args)
            .envs(variables)
            .env(INFO, info.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .output();
        let output = timeout(LIMIT, child)
            .await
            .map_err(|_| {
                failed(format!(
                    "`{program}` gave no credential within {} s",
                    LIMIT.as_secs()
                ))
            })?
            .map_err(|error| {
                let failure = failed(format!("the credential is to come from `{program}`: {error}"));
                match &self.install_hint {
                    Some(hint) => failure.hint(hint.trim()),
                    None => failure,
                }
            })?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let last = said.trim().lines().last().unwrap_or_default();
            let text = format!(
                "`{program}`, which gives the credential, ended with {}: {last}",
                output.status
            );
            return Err(failed(text));
        }
        // The reader's own words would quote what it read.
        let nonsense = || failed(format!("`{program}` printed no token of {}", self.api_version));
        let credential: Credential = serde_json::from_slice(&output.stdout).map_err(|_| nonsense())?;
        let status = credential.status.ok_or_else(nonsense)?;
        Ok(Lasting {
            token: Secret::new(status.token.ok_or_else(nonsense)?),
            until: status.expiration_timestamp,
        })
    }
}

fn failed(message: String) -> Failure {
    Failure::new(FailureKind::Failed, message)
}

/// kubectl writes `null` where there is nothing.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
