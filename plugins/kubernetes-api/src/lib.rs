//! The Kubernetes API as the target and the routers need it, over the guest kit's HTTP: how objects are named, where
//! they are, what is asked, what an answer means, and who owns which field. Knows nothing of what Slipway runs there.

mod answer;
mod ask;
mod cluster;
mod discovery;
mod id;
mod managers;
mod names;
mod refusal;
mod resource;
mod retry;
mod time;
mod value;

pub use answer::Answer;
pub use ask::Ask;
pub use cluster::{CLUSTER, ask, ask_all, get, list};
pub use discovery::Discovery;
pub use id::Id;
pub use managers::{Manager, managers, owner_of};
pub use names::{LABEL_LIMIT, NAME_LIMIT, fitting, short, suffixed};
pub use refusal::{Cause, Refusal};
pub use resource::Resource;
pub use time::{parse_time, print_time};
pub use value::{at, items, list_of, number, text};
