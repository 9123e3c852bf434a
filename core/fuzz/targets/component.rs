//! Any bytes as a plugin: they are refused, or it is known what they are, before anything of them is compiled.
#![no_main]

use libfuzzer_sys::fuzz_target;
use slipway_host::Host;

fuzz_target!(|bytes: &[u8]| {
    let mut host = Host::default();
    if let Ok(info) = host.add("fuzzed", bytes.to_vec(), None) {
        assert!(info.size > 0);
    }
});
