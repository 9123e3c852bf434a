//! The four steps. Each file reads as a runbook: what is done, in order, under the journal.

mod adapt;
mod adopt;
mod beside;
mod bring;
mod cutover;
mod depend;
mod deploy;
mod desk;
mod drop;
mod finish;
mod hooks;
mod inspect;
mod look_up;
mod observe;
mod plan;
mod provenance;
mod release;
mod show;
mod told;
mod undecided;

pub use adapt::{adapt, generate};
pub use adopt::adopt;
pub use cutover::{DeployedPlan, cutover, deployed_plan};
pub use deploy::{Outcome, Pace, deploy};
pub use desk::{Adaptation, Adapted};
pub(crate) use drop::abandon;
pub(crate) use finish::{APPEND, BODIES, DEPLOYMENT, JOURNAL, PACKAGE, REQUEST, REVISIONS, SIGNATURES};
pub use finish::{Finished, archive};
pub use observe::{Observed, View};
pub use plan::{Planned, plan};
pub(crate) use release::PLUGINS;
pub use release::{ReleaseOptions, Released, release};
pub use show::show;
pub use undecided::{Undecided, undecided};
