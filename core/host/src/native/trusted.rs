//! What the operator says of native libraries.

use std::{collections::BTreeSet, ffi::OsString};

use slipway_model::Digest;

/// Which native libraries are loaded, and by what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Native {
    /// The program that loads one, with its arguments: it calls [`super::serve`].
    pub program: Vec<OsString>,
    pub trusted: BTreeSet<Digest>,
    /// Also where the operating system lacks something that would confine it.
    pub unconfined: bool,
}
