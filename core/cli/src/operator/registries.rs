//! Credentials of registries, and the hosts that are asked without TLS.

use serde::Deserialize;
use slipway_engine::Failed;
use slipway_registry::{Credentials, Login};

use super::{file::OperatorFile, place::path, secret_source::SecretSource};

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct LoginSettings {
    username: String,
    password: SecretSource,
}

impl LoginSettings {
    pub(super) fn source(&self) -> &SecretSource {
        &self.password
    }
}

impl Credentials for OperatorFile {
    fn login(&self, host: &str) -> Option<Login> {
        let known = self.credentials.get(host)?;
        match known.password.read(&format!("the password for {host}")) {
            Ok(password) => Some(Login::new(&known.username, password.reveal())),
            Err(failed) => {
                tracing::warn!("{failed}");
                None
            }
        }
    }
}

impl OperatorFile {
    pub(super) fn may_ask_plainly(&self, host: &str) -> Result<(), Failed> {
        if self.plain_http.contains(host) {
            return Ok(());
        }
        let text = format!(
            "it comes over http:// and without a digest: whoever is between here and {host} decides what it says"
        );
        Err(Failed::new(text).hint(format!(
            "name it by https://; or take it as it comes: plain-http = [\"{host}\"] in {}",
            path().display()
        )))
    }
}
