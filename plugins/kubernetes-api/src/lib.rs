//! The Kubernetes API as the target and the routers need it, over the guest kit's HTTP: how objects are named, where
//! they are, what is asked, what an answer means, and who owns which field. Knows nothing of what Slipway runs there.

mod address;
mod answer;
mod ask;
mod beside;
mod chosen;
mod cluster;
mod discovery;
pub mod endpoints;
mod id;
pub mod labels;
mod managers;
mod names;
mod refusal;
mod resource;
mod retry;
mod revisions;
mod time;
mod value;
mod watch;
mod watching;

pub use address::Address;
pub use answer::Answer;
pub use ask::Ask;
pub use beside::Beside;
pub use chosen::{choose, choose_along, leads_to, selector};
pub use cluster::{CLUSTER, ask, ask_all, get, list};
pub use discovery::Discovery;
pub use id::Id;
pub use labels::LABEL_LIMIT;
pub use managers::{Manager, is_hand_tool, managers, owner_of};
pub use names::{NAME_LIMIT, fitting, short, suffixed};
pub use refusal::{Cause, Refusal};
pub use resource::Resource;
pub use revisions::{RevisionService, is_revision_of, revisions};
pub use time::{parse_time, print_time};
pub use value::{at, items, list_of, number, text};
pub use watching::Watching;
