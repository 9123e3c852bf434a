//! What keeps running when the command line ends: the supervisor of instances and the embedded router.

pub mod api;
