//! Waiting for another run that changes the same environment.

use std::time::Duration;

use tokio::time::Instant;

/// Waited for so long at most, and told of once.
pub(crate) struct Wait {
    limit: Duration,
    began: Option<Instant>,
}

impl Wait {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit, began: None }
    }

    /// True the first time, if there is to be any waiting.
    pub(crate) fn begins(&mut self) -> bool {
        let first = self.began.is_none() && !self.limit.is_zero();
        self.began.get_or_insert_with(Instant::now);
        first
    }

    pub(crate) fn is_over(&self) -> bool {
        self.limit.is_zero() || self.began.is_some_and(|began| began.elapsed() >= self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn told_once_and_ended_in_time() {
        let mut wait = Wait::new(Duration::from_secs(60));
        assert!(!wait.is_over());
        assert!(wait.begins() && !wait.begins() && !wait.is_over());
        let mut none = Wait::new(Duration::ZERO);
        assert!(!none.begins() && none.is_over());
    }
}
