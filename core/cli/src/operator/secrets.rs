//! Secrets of services, by environment and name.

use std::collections::BTreeMap;

use slipway_engine::Failed;
use slipway_plugin::Secret;

use super::{
    buckets::BucketSettings, endpoints::EndpointSettings, file::OperatorFile, ledger::LedgerSettings,
    place::path, registries::LoginSettings, secret_source::SecretSource,
};
use crate::telemetry;

impl OperatorFile {
    /// Whether anybody says where a secret is kept.
    pub(crate) fn knows_secret(&self, environment: &str, name: &str) -> bool {
        self.source(environment, name).is_some()
    }

    /// What says where a secret is kept.
    pub(crate) fn secret_line(environment: &str, name: &str) -> String {
        format!(
            "[secrets.{environment}] {name} = {{ env = \"...\" }} in {}",
            path().display()
        )
    }

    pub(super) fn read_secret(&self, environment: &str, name: &str) -> Result<Secret, Failed> {
        let source = self.source(environment, name).ok_or_else(|| {
            Failed::new(format!(
                "nobody says where the secret `{name}` of {environment} is"
            ))
            .hint(Self::secret_line(environment, name))
        })?;
        source.read(&format!("the secret {name}"))
    }

    /// Of everything in the file.
    pub(super) fn sources(&self) -> impl Iterator<Item = &SecretSource> {
        let services = self.secrets.values().flat_map(BTreeMap::values);
        let registries = self.credentials.values().map(LoginSettings::source);
        let endpoints = self.endpoints.values().flat_map(EndpointSettings::sources);
        let buckets = self.buckets.values().flat_map(BucketSettings::sources);
        let ledger = self.ledger.iter().filter_map(LedgerSettings::source);
        services
            .chain(registries)
            .chain(endpoints)
            .chain(buckets)
            .chain(ledger)
    }

    /// Those that whatever this process starts inherits. What cannot be read is none.
    pub(super) fn inherited(&self) -> Vec<Secret> {
        let inherited = self.sources().filter(|source| source.is_inherited());
        inherited
            .filter_map(|source| source.read("a secret").ok())
            .chain(telemetry::credentials().into_iter().map(Secret::new))
            .collect()
    }

    fn source(&self, environment: &str, name: &str) -> Option<&SecretSource> {
        [environment, "*"]
            .iter()
            .find_map(|environment| self.secrets.get(*environment)?.get(name))
    }
}
