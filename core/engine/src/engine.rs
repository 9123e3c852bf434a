//! What the engine is given by whoever runs it: plugins, a ledger, the operator's things, and the ambient world.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use jiff::Timestamp;
use serde_json::Value;
use slipway_archive::SigningKey;
use slipway_journal::Store;
use slipway_model::RunId;
use slipway_plugin::{Capabilities, Endpoint, Failure, Http, Plugins, Secret, Wanted};
use slipway_registry::Signer;

use crate::{Event, Failed, Workspace, lock::LockedPlugin, trust::Trust};

/// One service, with everything that its runs need.
pub struct Engine {
    pub workspace: Workspace,
    pub plugins: Arc<dyn Plugins>,
    /// Those of them that the manifest brings, by name, as they are locked.
    pub brought: BTreeMap<String, LockedPlugin>,
    pub store: Arc<dyn Store>,
    pub operator: Arc<dyn Operator>,
    /// For checks and analyses.
    pub http: Arc<dyn Http>,
    pub ambient: Arc<dyn Ambient>,
    pub observer: Arc<dyn Observer>,
    /// Signs the entries of the archive, where the operator has a key for that.
    pub signer: Option<Arc<SigningKey>>,
    /// Signs the packages that are released, where the operator has a key for that.
    pub package_signer: Option<Arc<Signer>>,
    /// Whose signatures count, where the operator says it: then nothing else is used.
    pub trust: Option<Arc<Trust>>,
    /// Carries the operator's credentials.
    pub registries: slipway_registry::Client,
    /// How long another run that changes the same environment is waited for.
    pub wait: std::time::Duration,
}

/// What the operator of a machine grants by name: addresses, folders and secrets that no manifest holds.
#[async_trait::async_trait]
pub trait Operator: Send + Sync {
    /// Where an endpoint is; makes sure that what belongs to this machine runs.
    async fn endpoint(&self, name: &str) -> Result<Endpoint, Failed>;
    /// The API server of a kubeconfig context; of the current one, if none is named.
    async fn cluster(&self, context: Option<&str>) -> Result<Endpoint, Failed>;
    /// What the cluster of a context has now, if it may be known: what comes of it is kept and shown.
    async fn look_up(
        &self,
        context: Option<&str>,
        wanted: &Wanted,
        http: &dyn Http,
    ) -> Result<Option<Value>, Failure>;
    /// What the cluster of a context is.
    async fn capabilities(&self, context: Option<&str>, http: &dyn Http) -> Result<Capabilities, Failure>;
    async fn folder(&self, name: &str) -> Result<PathBuf, Failed>;
    /// Whether plugins may run programs there.
    fn host(&self, name: &str) -> Result<(), Failed>;
    /// Whether what a host says without TLS is believed, where no digest tells. `host:port`, as URLs have it.
    fn plain_http(&self, host: &str) -> Result<(), Failed>;
    /// The value of a secret in an environment, fetched at the moment of use.
    async fn secret(&self, environment: &str, name: &str) -> Result<Secret, Failed>;
    /// What programs that this process starts can know as well, such as what stands in its environment.
    fn exposed(&self) -> Vec<Secret> {
        Vec::new()
    }
}

/// Time and chance, which tests decide.
pub trait Ambient: Send + Sync {
    fn now(&self) -> Timestamp;
    fn run_id(&self) -> RunId;
    /// Who acts, for the record: user and host.
    fn who(&self) -> String;
}

/// Told what happens after it is in the journal. Never asked.
pub trait Observer: Send + Sync {
    fn event(&self, run: &RunId, event: &Event);
}
