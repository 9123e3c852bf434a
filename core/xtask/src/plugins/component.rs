//! Core modules become components. One in Rust carries its contract; one in Go is given it here, with the little system
//! that Go's runtime wants.

use std::{fs, path::Path};

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::{files::replace, stamp::digest};
use crate::talk::{Failed, say};

/// What Go's runtime imports, and the system that takes its place (`sdk/go/closed-wasi.wat`).
const WASI: &str = "wasi_snapshot_preview1";

pub(super) fn of_rust(module: &Path, target: &Path) -> Result<(), Failed> {
    let bytes = fs::read(module).map_err(Failed::to("read", module))?;
    write(module, target, slipway_authoring::component(&bytes))
}

/// `world` is what the module implements, in the contract of this repository.
pub(super) fn of_go(root: &Path, module: &Path, world: &str, target: &Path) -> Result<(), Failed> {
    let mut bytes = fs::read(module).map_err(Failed::to("read", module))?;
    let system = root.join("sdk/go/closed-wasi.wat");
    let mut system_bytes = wat::parse_file(&system).map_err(Failed::to("read", &system))?;
    let contract = root.join("sdk/wit/slipway-plugin@0.1.0");
    let mut resolve = Resolve::default();
    let (package, _) = resolve
        .push_dir(&contract)
        .map_err(Failed::to("read", &contract))?;
    let mut encode = || {
        // The little system writes to the log, whatever the plugin itself imports.
        for (bytes, world) in [(&mut bytes, world), (&mut system_bytes, "capabilities")] {
            let world = resolve.select_world(&[package], Some(world))?;
            embed_component_metadata(bytes, &resolve, world, StringEncoding::UTF8, false)?;
        }
        let mut encoder = ComponentEncoder::default();
        let encoder = encoder.validate(true).module(&bytes)?;
        encoder.adapter(WASI, &system_bytes)?.encode()
    };
    let encoded = encode();
    write(module, target, encoded)
}

fn write<E: std::fmt::Debug>(
    module: &Path,
    target: &Path,
    encoded: Result<Vec<u8>, E>,
) -> Result<(), Failed> {
    let component = encoded.map_err(|error| {
        Failed(format!(
            "{} cannot become a component: {error:?}",
            module.display()
        ))
    })?;
    replace(target, &component)?;
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    say(&format!(
        "  {name}: {} KiB, sha256:{}",
        component.len() >> 10,
        digest(&component)
    ));
    Ok(())
}
