//! A run under way: activities that are performed once and then answered from the journal.

mod activity;
mod again;
mod caller;
mod choice;
mod claim;
mod event;
mod given;
mod group;
mod guard;
mod lease;
mod question;
mod recorder;
mod signal;
mod wait;

pub use activity::Run;
pub use caller::Caller;
pub use choice::Choice;
pub(crate) use claim::Claimant;
pub use event::Event;
pub(crate) use given::given;
pub(crate) use group::Gate;
pub use group::Group;
pub(crate) use guard::Switch;
pub use question::Question;
pub(crate) use signal::{Told, Untold};
pub(crate) use wait::Wait;
