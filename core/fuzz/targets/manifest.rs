//! Any text as a manifest: it is one, or what is wrong with it is said at places that are in it.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let parsed = slipway_manifest::parse(Path::new("deploy.toml"), text);
    assert!(parsed.manifest.is_some() || !parsed.diagnostics.is_empty());
    for diagnostic in &parsed.diagnostics {
        for label in &diagnostic.labels {
            assert!(label.span.start <= label.span.end && label.span.end <= text.len());
        }
    }
});
