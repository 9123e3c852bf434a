//! `slipway`: wiring, arguments, printing and exit codes.
fn main() {}
