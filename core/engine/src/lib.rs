//! Plan and run: the four steps, the strategies, the executor, the judge, resume and roll-back.
//!
//! Knows nothing of any format or target: it speaks `slipway_plugin`. Whatever it does to the outside is an activity in
//! the journal, so that a run killed anywhere is resumed by running it again.

mod archived;
pub mod bundle;
mod calendar;
mod carried;
pub mod components;
pub mod dependencies;
mod drive;
mod engine;
mod error;
mod files;
mod image;
pub mod judge;
pub mod lock;
mod pack;
pub mod package;
mod program;
pub mod project;
mod redeploy;
mod registries;
mod replay;
pub mod revision;
mod rollout;
mod run;
mod sources;
pub mod steps;
pub mod strategies;
pub mod trust;
mod workspace;

pub use archived::ledger_of;
pub use calendar::Opening;
pub use drive::{
    Ended, Lead, Member, NotBegun, Request, Step, Work, adapted, begin, begin_as, drive, give_up, idle,
    reopen,
};
pub use engine::{Ambient, Engine, Observer, Operator};
pub use error::{Failed, Interruption, RunError};
pub use files::write_atomically;
pub use replay::{Replayed, replay};
pub use run::{Caller, Choice, Event, Group, Question, Run};
pub use sources::begun_with;
pub use workspace::Workspace;
