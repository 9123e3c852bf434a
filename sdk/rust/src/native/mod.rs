//! A plugin as a native library: what its one symbol answers, how a verb comes in and how a capability is asked for. Whoever writes
//! a plugin sees nothing of this: the macros use it.

mod abi;
pub mod capabilities;
#[allow(unreachable_pub, reason = "the host has it too")]
mod cbor;
mod entry;
mod symbol;
mod verbs;

pub use abi::{ABI, Bytes, Call, Entry, Host, Plugin};
pub use entry::answer;
pub use verbs::{check, format, router, target};
