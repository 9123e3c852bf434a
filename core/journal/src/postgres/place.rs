//! Which database an error is about, and what a person can do about it.

use jiff::Timestamp;
use tokio_postgres::error::SqlState;

use super::settings::source_of;
use crate::{Error, Result};

#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) ledger: String,
}

impl Place {
    pub(super) fn time(&self, text: &str) -> Result<Timestamp> {
        text.parse().map_err(|error: jiff::Error| self.damaged(error))
    }

    pub(super) fn error(&self, operation: &'static str, source: &tokio_postgres::Error) -> Error {
        let ledger = self.ledger.clone();
        match source.code() {
            Some(&SqlState::DISK_FULL) => Error::NoRoom { ledger },
            Some(&SqlState::DATA_CORRUPTED | &SqlState::INDEX_CORRUPTED) => self.damaged(reason(source)),
            _ => Error::Server {
                ledger,
                operation,
                reason: reason(source),
            },
        }
    }

    pub(super) fn refused(&self, reason: impl Into<String>) -> Error {
        Error::Refused {
            ledger: self.ledger.clone(),
            reason: reason.into(),
        }
    }

    /// What is in the tables is not what this program writes.
    pub(super) fn damaged(&self, reason: impl ToString) -> Error {
        Error::Damaged {
            ledger: self.ledger.clone(),
            reason: reason.to_string(),
        }
    }

    pub(super) fn closed(&self) -> Error {
        Error::Closed {
            ledger: self.ledger.clone(),
        }
    }
}

/// Details of the server's are left out: they may quote what was written.
pub(super) fn reason(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(told) => format!("{} (code {})", told.message(), told.code().code()),
        None => source_of(error),
    }
}

/// Why no connection was made, with the next step where one is known.
pub(super) fn reason_of_refusal(error: &tokio_postgres::Error) -> String {
    let reason = reason(error);
    let next = match error.code() {
        Some(&SqlState::INVALID_CATALOG_NAME) => "make it with `createdb`",
        Some(&SqlState::INVALID_PASSWORD | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION) => {
            "check the user of the URL and the password"
        }
        Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
            "let the user make the schema `slipway` once: GRANT CREATE ON DATABASE ..."
        }
        Some(_) => return reason,
        None if reason.contains("certificate") => {
            "name its issuer's certificate by `sslrootcert=FILE` in the URL; `sslmode` says what has to be proven"
        }
        None if reason.contains("TLS") => {
            "give it a certificate, or say `sslmode=disable` where nobody can listen"
        }
        None if reason.contains("password missing") => "it stands in the URL or beside it",
        None => return reason,
    };
    format!("{reason}; {next}")
}
