//! Secrets of services, by environment and name.

use slipway_engine::Failed;
use slipway_plugin::Secret;

use super::{file::OperatorFile, place::path, secret_source::SecretSource};

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

    fn source(&self, environment: &str, name: &str) -> Option<&SecretSource> {
        [environment, "*"]
            .iter()
            .find_map(|environment| self.secrets.get(*environment)?.get(name))
    }
}
