//! The judge: functional tests of instances now, and analyses of requests, logs and metrics over time. A verdict is a pure
//! function of recorded evidence; only gathering the evidence touches the outside.

mod analysis;
mod check;
mod document;
mod level;
mod metrics;
mod page;
mod printed;
mod reach;
mod traffic;
mod verdict;

pub use analysis::judge;
pub use level::{level_of, message_of};
pub use page::Selector;
pub use slipway_judge::Look;
pub use traffic::{Counted, requests};
pub use verdict::{Evidence, Outcome, Sample, Verdict};

pub(crate) use analysis::{is_lost, outcome};
pub(crate) use check::{address, check};
pub(crate) use document::{document, document_of};
pub(crate) use metrics::{Measured, query};
pub(crate) use page::scrape;
pub(crate) use printed::printed;
pub(crate) use reach::Reach;
pub(crate) use traffic::since;
