//! A core module that carries its contract becomes a component.

use wit_component::ComponentEncoder;

use crate::{Error, Result};

/// Validated.
pub fn component(module: &[u8]) -> Result<Vec<u8>> {
    let encoded = ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(ComponentEncoder::encode);
    encoded.map_err(|error| Error::Component(format!("{error:#}")))
}
