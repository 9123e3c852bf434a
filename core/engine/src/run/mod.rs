//! A run under way: activities that are performed once and then answered from the journal.

mod activity;
mod caller;
mod event;
mod group;
mod lease;
mod question;
mod recorder;
mod signal;

pub use activity::Run;
pub use caller::Caller;
pub use event::Event;
pub(crate) use group::Gate;
pub use group::Group;
pub use question::Question;
pub(crate) use signal::Told;
