//! What is merged with what, and what came of it.

use crate::yaml::Node;

pub(crate) struct Merged {
    pub node: Option<Node>,
    /// It is the patch's, not what was there with changes.
    pub from_patch: bool,
    /// It is a null that somebody wrote out, which stays.
    pub keep_null: bool,
}

impl Merged {
    pub(crate) fn nothing() -> Self {
        Self::of(None, false)
    }

    pub(crate) fn of(node: Option<Node>, from_patch: bool) -> Self {
        Self {
            node,
            from_patch,
            keep_null: false,
        }
    }
}

/// What is there, and what a patch makes of it.
pub(crate) struct Pair {
    pub dest: Option<Node>,
    pub patch: Option<Node>,
    /// Both are the patch's: what is added by a patch is merged with itself.
    pub same: bool,
}
