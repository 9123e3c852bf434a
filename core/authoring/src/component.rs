//! Core modules become components. One in Rust carries its contract; one in Go is given it here, with the little system that Go's
//! runtime wants.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, SourceMap};

use crate::{Error, Result, sources};

/// What Go's runtime imports, and the system that takes its place (`sdk/go/closed-wasi.wat`).
const WASI: &str = "wasi_snapshot_preview1";
const SYSTEM: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/closed-wasi.wasm"));
const KINDS: [&str; 4] = ["format", "target", "router", "check"];

/// Of a module that carries its contract. Validated.
pub fn of_rust(module: &[u8]) -> Result<Vec<u8>> {
    let encoded = ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(ComponentEncoder::encode);
    encoded.map_err(refused)
}

/// Of a module that Go has built. Validated.
pub fn of_go(mut module: Vec<u8>) -> Result<Vec<u8>> {
    let kind = KINDS.iter().find(|kind| {
        let describe = format!("slipway:plugin/{kind}@0.1.0#describe");
        module
            .windows(describe.len())
            .any(|window| window == describe.as_bytes())
    });
    let Some(kind) = kind else {
        let nothing =
            "it exports no plugin: `main.go` calls `Export` of `slipway/target` or of another kind in `init`";
        return Err(Error::Component(nothing.to_owned()));
    };
    let mut system = SYSTEM.to_vec();
    let mut contract = SourceMap::default();
    for (path, text) in sources::CONTRACT {
        contract.push_str(path, *text);
    }
    let encode = || {
        let mut resolve = Resolve::default();
        let contract = contract.parse().map_err(|(_, error)| anyhow::Error::new(error))?;
        let package = resolve.push_group(contract)?;
        // The little system writes to the log, whatever the plugin itself imports.
        for (bytes, world) in [
            (&mut module, format!("{kind}-plugin")),
            (&mut system, "capabilities".to_owned()),
        ] {
            let world = resolve.select_world(&[package], Some(&world))?;
            embed_component_metadata(bytes, &resolve, world, StringEncoding::UTF8, false)?;
        }
        let mut encoder = ComponentEncoder::default();
        let encoder = encoder.validate(true).module(&module)?;
        encoder.adapter(WASI, &system)?.encode()
    };
    encode().map_err(refused)
}

fn refused(error: impl std::fmt::Debug + std::fmt::Display) -> Error {
    Error::Component(format!("{error:#}"))
}
