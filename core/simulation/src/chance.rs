//! Everything that is left to chance, from one seed.

use std::{
    ops::RangeInclusive,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use fastrand::Rng;

/// Clones draw from the same source.
#[derive(Debug, Clone)]
pub(crate) struct Chance(Arc<Mutex<Rng>>);

impl Chance {
    pub(crate) fn of(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Rng::with_seed(seed))))
    }

    /// Another source, which this one has drawn. Whoever has one of their own draws the same, whatever others do meanwhile.
    pub(crate) fn fork(&self) -> Self {
        Self::of(self.draw(|rng| rng.u64(..)))
    }

    pub(crate) fn percent(&self, percent: u32) -> bool {
        self.permille(percent * 10)
    }

    pub(crate) fn permille(&self, permille: u32) -> bool {
        self.draw(|rng| rng.u32(0..1000)) < permille
    }

    pub(crate) fn number(&self, range: RangeInclusive<u64>) -> u64 {
        self.draw(|rng| rng.u64(range))
    }

    pub(crate) fn millis(&self, range: RangeInclusive<u64>) -> Duration {
        Duration::from_millis(self.number(range))
    }

    pub(crate) fn pick<T: Copy>(&self, among: &[T]) -> T {
        among[self.draw(|rng| rng.usize(0..among.len()))]
    }

    fn draw<T>(&self, draw: impl FnOnce(&mut Rng) -> T) -> T {
        draw(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
