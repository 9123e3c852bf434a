//! Core modules become components, which are kept where others look for them.

use std::{fs, path::Path};

use slipway_authoring::{component_of_go, component_of_rust};

use super::{files::replace, stamp::digest};
use crate::talk::{Failed, say};

pub(super) fn of_rust(module: &Path, target: &Path) -> Result<(), Failed> {
    let bytes = fs::read(module).map_err(Failed::to("read", module))?;
    write(module, target, component_of_rust(&bytes))
}

pub(super) fn of_go(module: &Path, target: &Path) -> Result<(), Failed> {
    let bytes = fs::read(module).map_err(Failed::to("read", module))?;
    write(module, target, component_of_go(bytes))
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
