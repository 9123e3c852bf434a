//! The database that holds the ledgers of a team.

use serde::Deserialize;
use slipway_engine::Failed;
use slipway_journal::PostgresSettings;

use super::{file::OperatorFile, place::path, secret_source::SecretSource};

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct LedgerSettings {
    url: String,
    /// Replaces the one of the URL.
    password: Option<SecretSource>,
    /// How long a server that is lost in the midst of a run is waited for.
    wait: Option<slipway_model::Duration>,
}

impl LedgerSettings {
    pub(super) fn source(&self) -> Option<&SecretSource> {
        self.password.as_ref()
    }
}

impl OperatorFile {
    /// The database that holds the ledgers, if one does.
    pub(crate) fn ledger(&self) -> Result<Option<PostgresSettings>, Failed> {
        let Some(LedgerSettings { url, password, wait }) = &self.ledger else {
            return Ok(None);
        };
        let mut settings: PostgresSettings = url
            .parse()
            .map_err(|error| Failed::new(format!("{}: [ledger] url: {error}", path().display())))?;
        if let Some(password) = password {
            settings = settings.password(password.read("the password of the ledger")?.reveal());
        }
        if let Some(wait) = wait {
            settings = settings.patience(wait.std());
        }
        Ok(Some(settings))
    }

    /// What says that a database holds the ledgers.
    pub(crate) fn ledger_line() -> String {
        format!("[ledger] url = \"postgresql://...\" in {}", path().display())
    }
}
