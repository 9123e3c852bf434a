//! Any bytes as an archive: what is in it is listed, read and unpacked within its bounds, or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| slipway_host::fuzzing::archive(bytes));
