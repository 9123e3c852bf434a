//! The judge: functional tests of instances now, and analyses of logs and metrics over time. A verdict is a pure
//! function of recorded evidence; only gathering the evidence touches the outside.

mod analysis;
mod check;
mod level;
mod metrics;
mod reach;
mod verdict;

pub use analysis::judge;
pub use level::{level_of, message_of};
pub use metrics::Selector;
pub use slipway_judge::Look;
pub use verdict::{Evidence, Outcome, Sample, Verdict};

pub(crate) use analysis::outcome;
pub(crate) use check::{address, check};
pub(crate) use metrics::{query, scrape};
pub(crate) use reach::Reach;
