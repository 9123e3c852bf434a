//! JSON at the boundary becomes a plugin's own types, and failures that say which document was wrong.

use serde::{Serialize, de::DeserializeOwned};

use crate::{Failure, bindings::capabilities::slipway::plugin::types};

/// One service in one environment, with the plugin's settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Place<S> {
    pub service: String,
    pub environment: String,
    pub settings: S,
}

impl<S: DeserializeOwned> Place<S> {
    pub(crate) fn of(raw: types::Place) -> Result<Self, Failure> {
        let settings = parse("the settings", &raw.settings)?;
        Ok(Self {
            service: raw.service,
            environment: raw.environment,
            settings,
        })
    }
}

pub(crate) fn parse<T: DeserializeOwned>(what: &str, json: &str) -> Result<T, Failure> {
    serde_json::from_str(json)
        .map_err(|error| Failure::invalid(format!("{what} cannot be understood: {error}")))
}

pub(crate) fn print<T: Serialize>(what: &str, value: &T) -> Result<String, Failure> {
    serde_json::to_string(value)
        .map_err(|error| Failure::failed(format!("{what} cannot be written as JSON: {error}")))
}
