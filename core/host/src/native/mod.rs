//! Plugins that are native libraries. One is loaded by a process of its own, which the operating system confines; what it does
//! to the outside goes through this process all the same, over a pipe, as the effects of any other plugin.
//!
//! Only what the operator trusts, by digest, is loaded at all. A call that breaks ends the process, and the next one begins with
//! another. A process that has answered is asked again: a library may keep something from one call to the next, which nobody
//! can see from here; `slipway plugin test` finds out whether it does the same again.

// The same bytes on both sides: written once, in the kit.
#[path = "../../../../sdk/rust/src/native/abi.rs"]
#[cfg(target_os = "linux")]
#[allow(unreachable_pub, reason = "the kit hands it on")]
mod abi;
#[path = "../../../../sdk/rust/src/native/cbor/mod.rs"]
#[allow(unreachable_pub, reason = "as above")]
mod cbor;

mod calls;
mod child;
mod elf;
mod ended;
mod frame;
mod library;
mod process;
mod trusted;

pub use child::serve;
pub(crate) use elf::{describe, is_library};
pub(crate) use library::{Library, Unloadable};
pub use trusted::Native;
