//! How long to wait for an API server that restarts or has too much to do. Pure.

const FIRST_MS: u64 = 250;
const LONGEST_MS: u64 = 8_000;
/// Longer than an API server takes to restart, and much shorter than a call may take.
const PATIENCE_MS: u64 = 60_000;

/// What has been waited so far.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    turns: u32,
    spent_ms: u64,
}

impl Patience {
    /// How long to wait now; none when it has been long enough. The server may ask for more time.
    pub(crate) fn next(&mut self, asked_ms: Option<u64>) -> Option<u64> {
        let own = (FIRST_MS << self.turns.min(10)).min(LONGEST_MS);
        let wait = asked_ms.map_or(own, |asked| asked.max(own));
        if self.spent_ms + wait > PATIENCE_MS {
            return None;
        }
        self.turns += 1;
        self.spent_ms += wait;
        Some(wait)
    }
}

/// A status that may be another one soon.
pub(crate) fn passing(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502..=504)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let mut patience = Patience::default();
        let waits: Vec<_> = std::iter::from_fn(|| patience.next(None)).collect();
        assert_eq!(waits[..6], [250, 500, 1000, 2000, 4000, 8000]);
        let total: u64 = waits.iter().sum();
        assert!((50_000..=60_000).contains(&total), "{total}");
        assert_eq!(Patience::default().next(Some(5000)), Some(5000));
        assert_eq!(Patience::default().next(Some(1)), Some(250));
        assert_eq!(Patience::default().next(Some(70_000)), None);
    }
}
