//! `cargo xtask`: the tasks of those who work on Slipway itself.
fn main() {}
