//! The contract in Rust, one module a world. The capabilities are shared, so that one wrapper serves every role.

pub mod capabilities;
pub mod check;
pub mod format;
pub mod router;
pub mod target;
