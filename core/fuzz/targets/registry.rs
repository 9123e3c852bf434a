//! Any bytes as a registry's answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use slipway_registry::{Location, Reference};

fuzz_target!(|bytes: &[u8]| {
    slipway_registry::fuzzing::manifest(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        drop(text.parse::<Location>());
        drop(text.parse::<Reference>());
    }
});
