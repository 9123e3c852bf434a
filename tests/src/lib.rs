//! What the end-to-end tests share: a service's folder on a bench, a real agent, the real program.

mod authors;
mod bench;
mod breaking;
mod cluster;
mod kills;
mod memories;
mod notices;
mod platform;
mod program;
mod registry;
mod relay;
mod search;
mod side_by_side;
mod signing;
mod storage;
mod swept;

pub use authors::{built_once, equip, languages, own_tests};
pub use bench::{Bench, Ran};
pub use breaking::Breaking;
pub use cluster::{Cluster, Effects, Site, image_archive, objects, push_image, server_program};
pub use kills::{Kill, interrupted, one_in, spread};
pub use memories::{Seen, watch_memories};
pub use notices::Notices;
pub use platform::Platform;
pub use program::{fixture, free_port, installed, program, tarball};
pub use registry::{PASSWORD, RegistryServer, credentials};
pub use relay::{Relay, Relayed};
pub use search::{files_with, forms, holds, holds_one, stands};
pub use side_by_side::{benches_for, side_by_side};
pub use signing::{Key, attach_bundles, attach_simple, payload, statement};
pub use storage::Storage;
pub use swept::Swept;
