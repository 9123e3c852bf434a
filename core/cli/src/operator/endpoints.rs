//! What plugins and analyses may reach, by name.

use std::collections::BTreeMap;

use serde::Deserialize;
use slipway_engine::Failed;
use slipway_plugin::{Address, Endpoint};

use super::{file::OperatorFile, place::path, secret_source::SecretSource};

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct EndpointSettings {
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, SecretSource>,
}

impl EndpointSettings {
    pub(super) fn sources(&self) -> impl Iterator<Item = &SecretSource> {
        self.headers.values()
    }
}

impl OperatorFile {
    pub(super) fn granted_endpoint(&self, name: &str) -> Result<Endpoint, Failed> {
        let known = self.endpoints.get(name).ok_or_else(|| {
            Failed::new(format!("the operator has granted no endpoint `{name}`")).hint(format!(
                "[endpoints.{name}] url = \"...\" in {}",
                path().display()
            ))
        })?;
        let mut headers = Vec::new();
        for (header, source) in &known.headers {
            headers.push((
                header.clone(),
                source.read(&format!("the header {header} of endpoint {name}"))?,
            ));
        }
        Ok(Endpoint {
            headers,
            ..Endpoint::at(Address::Url(known.url.clone()))
        })
    }
}
