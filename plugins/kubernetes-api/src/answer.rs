//! What the API answered.

use serde_json::Value;
use slipway_sdk::{Failure, http::Response};

use crate::Refusal;

#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    body: Vec<u8>,
}

impl Answer {
    pub(crate) fn of(response: Response) -> Self {
        Self {
            status: response.status,
            body: response.body,
        }
    }

    /// The document, or the refusal.
    pub fn told(&self) -> Result<Value, Refusal> {
        if !(200..300).contains(&self.status) {
            return Err(Refusal::of(self.status, &self.body));
        }
        Ok(serde_json::from_slice(&self.body).unwrap_or_default())
    }

    /// The document; anything else is a failure of what was being done.
    pub fn success(&self, doing: &str) -> Result<Value, Failure> {
        self.told().map_err(|refusal| refusal.failure(doing))
    }

    /// None if it is not there.
    pub fn found(&self, doing: &str) -> Result<Option<Value>, Failure> {
        if self.status == 404 {
            return Ok(None);
        }
        self.success(doing).map(Some)
    }

    /// For what is no document, such as logs.
    pub fn bytes(self, doing: &str) -> Result<Vec<u8>, Failure> {
        if (200..300).contains(&self.status) {
            Ok(self.body)
        } else {
            Err(Refusal::of(self.status, &self.body).failure(doing))
        }
    }
}
