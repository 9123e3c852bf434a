//! Work that blocks, off the threads that everything else runs on.

use slipway_plugin::{Failure, FailureKind};

/// Runs what blocks (files, archives) beside the program. Once begun it goes on to its end, which its own bounds set.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(Failure::new(FailureKind::Failed, error.to_string())))
}
