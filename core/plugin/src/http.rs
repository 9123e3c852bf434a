//! HTTP to an endpoint for those beside plugins who ask one: checks and analyses.

use std::time::Duration;

use crate::{Endpoint, Failure};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    pub method: String,
    /// Begins with one `/`; may carry a query.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub timeout: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpAnswer {
    pub status: u16,
    pub body: Vec<u8>,
}

#[async_trait::async_trait]
pub trait Http: Send + Sync {
    /// An answer of any status is no failure. Redirects are not followed. `what` is asked, in the words of errors.
    async fn send(
        &self,
        what: &str,
        endpoint: &Endpoint,
        request: HttpRequest,
    ) -> Result<HttpAnswer, Failure>;
}
