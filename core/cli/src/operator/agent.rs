//! The agent of this user.

use std::{env, path::PathBuf};

use serde::Deserialize;
use slipway_agent::Client;
use slipway_engine::Failed;

use super::{file::OperatorFile, place::home, secret_source::SecretSource};
use crate::telemetry;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct AgentSettings {
    dir: Option<PathBuf>,
}

impl OperatorFile {
    /// The agent, started if it does not run.
    pub(crate) async fn agent(&self) -> Result<&Client, Failed> {
        let connect = || async {
            let exe = env::current_exe().map_err(Failed::from_error)?;
            let own = self.sources().filter_map(SecretSource::variable);
            let secret: Vec<_> = own.chain([telemetry::HEADERS]).collect();
            Client::connect_or_start(&self.agent_dir(), &exe, &secret)
                .await
                .map_err(Failed::from_error)
        };
        self.client.get_or_try_init(connect).await
    }

    /// Where the agent of this user keeps everything.
    pub(crate) fn agent_dir(&self) -> PathBuf {
        if let Some(dir) = env::var_os("SLIPWAY_AGENT_DIR") {
            return dir.into();
        }
        self.agent
            .dir
            .clone()
            .unwrap_or_else(|| home("XDG_STATE_HOME", ".local/state").join("slipway/agent"))
    }
}
