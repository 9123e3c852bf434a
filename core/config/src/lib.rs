//! The final configuration of one environment, and the origin of every final value.
//!
//! Pure: files and values in, files and diagnostics out. Knows nothing of folders, registries or plugins, nor of
//! what a parameter's type accepts: the caller brings that as a function.

mod adapt;
mod explain;
mod folder;
mod formats;
mod layer;
mod layered;
mod nearest;
mod node;
mod origin;
mod overlay;
mod patch;
mod template;
mod tree;
mod values;

pub use adapt::{Adapted, adapt};
pub use explain::{ExplainError, Explained, Explanation, Origins, explain};
pub use folder::{Folder, SourceFile};
pub use layer::{Layer, Rank};
pub use origin::{Origin, Setting};
pub use template::{Facts, Place, Templates};
pub use tree::{File, Tree, TreeError, check_path, tree_digest};
pub use values::{Declaration, RESERVED, Resolved, Values};
