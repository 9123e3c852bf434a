//! The file as it is written.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs, io,
    path::PathBuf,
    sync::Arc,
};

use serde::Deserialize;
use slipway_agent::Client;
use slipway_engine::Failed;
use tokio::sync::OnceCell;

use super::{
    agent::AgentSettings,
    archive::ArchiveSettings,
    buckets::BucketSettings,
    clusters::ClusterSettings,
    endpoints::EndpointSettings,
    grants::HostSettings,
    ledger::LedgerSettings,
    native::NativeSettings,
    place::path,
    registries::LoginSettings,
    secret_source::SecretSource,
    trust::{SigningSettings, TrustSettings},
};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct OperatorFile {
    pub(super) agent: AgentSettings,
    pub(super) archive: ArchiveSettings,
    /// Where the ledgers of services are; otherwise each is in the folder of its service.
    pub(super) ledger: Option<LedgerSettings>,
    /// By name, for copies of archives.
    pub(super) buckets: BTreeMap<String, BucketSettings>,
    /// By name, as manifests and plugins know them.
    pub(super) endpoints: BTreeMap<String, EndpointSettings>,
    /// By the name that manifests use for a context; others are looked up in the kubeconfig that kubectl would read.
    pub(super) clusters: BTreeMap<String, ClusterSettings>,
    pub(super) folders: BTreeMap<String, PathBuf>,
    /// Where plugins may run programs.
    pub(super) hosts: BTreeMap<String, HostSettings>,
    /// By `host` or `host:port` of a registry.
    pub(super) credentials: BTreeMap<String, LoginSettings>,
    /// Which native libraries are loaded.
    pub(super) native: NativeSettings,
    /// Hosts (`host` or `host:port`) that are asked over `http://` for what no digest is known of.
    pub(super) plain_http: BTreeSet<String>,
    /// By environment and name; the environment `*` is any.
    pub(super) secrets: BTreeMap<String, BTreeMap<String, SecretSource>>,
    /// What signs the packages that are released.
    pub(super) signing: SigningSettings,
    /// Whose signatures count, by registry and path; without it nobody's are asked for.
    pub(super) trust: Option<TrustSettings>,
    /// Connected when first needed; the path of its socket is good as long as it lives.
    #[serde(skip)]
    pub(super) client: Arc<OnceCell<Client>>,
}

impl OperatorFile {
    /// Empty where there is none.
    pub(crate) fn read() -> Result<Self, Failed> {
        let path = path();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error)
                if error.kind() == io::ErrorKind::NotFound && env::var_os("SLIPWAY_OPERATOR").is_none() =>
            {
                return Ok(Self::default());
            }
            Err(error) => {
                return Err(Failed::new(format!(
                    "cannot read the operator's file {}: {error}",
                    path.display()
                )));
            }
        };
        toml::from_str(&text)
            .map_err(|error| Failed::new(format!("the operator's file {}: {error}", path.display())))
    }
}
