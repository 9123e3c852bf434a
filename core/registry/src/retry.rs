//! How long to wait and how often to try: time limits without a total, back-off, `Retry-After`.

use std::time::Duration;

use crate::error::Cause;

#[derive(Debug, Clone, Copy)]
pub struct Patience {
    pub connect: Duration,
    /// For the next byte, in either direction.
    pub idle: Duration,
    /// Tries of one request, the first included.
    pub attempts: u32,
    /// Before the second try; doubled before each further one.
    pub pause: Duration,
    /// The longest pause, also where the server asks for more.
    pub longest_pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            attempts: 5,
            pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(30),
        }
    }
}

impl Patience {
    /// Runs `attempt` until it succeeds, fails for good, or was tried often enough.
    pub(crate) async fn retry<T, F>(&self, mut attempt: impl FnMut() -> F) -> Result<T, Cause>
    where
        F: Future<Output = Result<T, Cause>>,
    {
        let mut tried = 0;
        loop {
            match attempt().await {
                Err(cause) => {
                    tried += 1;
                    self.wait(tried, cause).await?;
                }
                done => return done,
            }
        }
    }

    /// Sleeps before the next try, or gives the cause back if there is none.
    pub(crate) async fn wait(&self, tried: u32, cause: Cause) -> Result<(), Cause> {
        if tried >= self.attempts || !cause.is_transient() {
            return Err(cause);
        }
        let backed_off = self.pause.saturating_mul(1 << (tried - 1).min(16));
        let asked = match &cause {
            Cause::Status {
                retry_after: Some(after),
                ..
            } => *after,
            _ => Duration::ZERO,
        };
        tracing::debug!(tried, %cause, "trying again");
        tokio::time::sleep(backed_off.max(asked).min(self.longest_pause)).await;
        Ok(())
    }
}
