//! What a native library and the program that loads it hand each other: `sdk/c/slipway_plugin.h` in Rust. Never changed, only
//! added to at the end, which `size` tells.

use std::ffi::c_char;

pub const ABI: u32 = 1;

/// The one symbol of a library says what it is and which contract it was built for: `slipway_target_0_1`, say. It is a function
/// without arguments, and answers a table that stays.
pub type Entry = unsafe extern "C" fn() -> *const Plugin;

/// Asks for something by its name: a verb of the plugin, or a capability of the host such as `http.send`. Input and answer
/// are CBOR. It answers 0, or another number where the answer is a text that says why there is none. The answer belongs to
/// whoever is asked, and is good until it is asked again.
pub type Call = unsafe extern "C" fn(
    host: *const Host,
    operation: *const c_char,
    input: *const u8,
    length: usize,
    answer: *mut Bytes,
) -> i32;

#[repr(C)]
pub struct Bytes {
    pub at: *const u8,
    pub length: usize,
}

/// What a plugin asks. Only good while the plugin is asked something itself, and on the thread on which that happens.
#[repr(C)]
pub struct Host {
    pub abi: u32,
    pub size: u32,
    pub call: Call,
}

/// What a plugin is asked through.
#[repr(C)]
pub struct Plugin {
    pub abi: u32,
    pub size: u32,
    pub call: Call,
}
