//! The four kinds of plugin as the port sees them. One file a kind: its types converted plainly in both directions,
//! and its verbs. What a plugin answers is checked here: names, digests, documents, paths.

mod check;
mod convert;
mod format;
mod router;
mod target;

pub(crate) use check::CheckPlugin;
pub(crate) use format::FormatPlugin;
pub(crate) use router::RouterPlugin;
pub(crate) use target::TargetPlugin;
