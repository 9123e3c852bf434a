//! What one plugin is granted in one environment: what it asks for, found at the operator's.

use std::collections::BTreeMap;

use serde_json::Value;
use slipway_plugin::{CLUSTER, Endpoint, Folder, Need};

use crate::{Engine, Failed};

/// By the names that the plugin's calls know them by.
#[derive(Default)]
pub(super) struct Granted {
    pub(super) endpoints: BTreeMap<String, Endpoint>,
    pub(super) folders: BTreeMap<String, Folder>,
    pub(super) hosts: Vec<String>,
}

/// What was found at the operator's already: two plugins that ask for the same get the same.
pub(super) struct Finder<'a> {
    engine: &'a Engine,
    endpoints: BTreeMap<String, Endpoint>,
    /// By kubeconfig context; empty is the current one.
    clusters: BTreeMap<String, Endpoint>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(engine: &'a Engine) -> Self {
        Self {
            engine,
            endpoints: BTreeMap::new(),
            clusters: BTreeMap::new(),
        }
    }

    pub(super) async fn find(&mut self, needs: &[Need], settings: &Value) -> Result<Granted, Failed> {
        let mut granted = Granted::default();
        for need in needs {
            match need {
                Need::Endpoint(name) => {
                    for (known, operators) in name.of(settings) {
                        let endpoint = self.endpoint(operators).await?;
                        granted.endpoints.insert(known.to_owned(), endpoint);
                    }
                }
                Need::Cluster(setting) => {
                    let endpoint = self.cluster(settings[setting].as_str()).await?;
                    granted.endpoints.insert(CLUSTER.to_owned(), endpoint);
                }
                Need::Host(name) => {
                    for (known, operators) in name.of(settings) {
                        self.engine.operator.host(operators)?;
                        granted.hosts.push(known.to_owned());
                    }
                }
                // Given call by call.
                Need::Folder(_) if need.is_of_the_call() => {}
                Need::Folder(name) => {
                    let path = self.engine.operator.folder(name).await?;
                    granted
                        .folders
                        .insert(name.clone(), Folder { path, writable: true });
                }
            }
        }
        Ok(granted)
    }

    async fn endpoint(&mut self, name: &str) -> Result<Endpoint, Failed> {
        if let Some(endpoint) = self.endpoints.get(name) {
            return Ok(endpoint.clone());
        }
        let endpoint = self.engine.operator.endpoint(name).await?;
        self.endpoints.insert(name.to_owned(), endpoint.clone());
        Ok(endpoint)
    }

    async fn cluster(&mut self, context: Option<&str>) -> Result<Endpoint, Failed> {
        let key = context.unwrap_or_default();
        if let Some(endpoint) = self.clusters.get(key) {
            return Ok(endpoint.clone());
        }
        let endpoint = self.engine.operator.cluster(context).await?;
        self.clusters.insert(key.to_owned(), endpoint.clone());
        Ok(endpoint)
    }
}
