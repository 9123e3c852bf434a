//! Carries a plan out: every action under the journal, against one environment, and the way back when one fails.

mod approve;
mod ask;
mod asked;
mod check;
mod claim;
mod collect;
mod confirm;
mod counted;
mod execute;
mod granted;
mod guard;
mod healthy;
mod hold;
mod hook;
mod instances;
mod meanwhile;
mod measure;
mod route;
mod score;
mod site;
mod soak;
mod state;
mod task;

pub(crate) use approve::change_of;
pub(crate) use asked::can_be_asked;
pub(crate) use claim::{claim, had_claimed};
pub(crate) use counted::can_be_counted;
pub(crate) use execute::{End, Executor, Phase};
pub(crate) use site::{LocalBlob, Site};
