//! How buckets are reached, to which archives are copied.

use serde::Deserialize;
use slipway_archive::BucketAccess;
use slipway_engine::Failed;

use super::{file::OperatorFile, place::path, secret_source::SecretSource};

/// A bucket of S3 or of what speaks it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct BucketSettings {
    /// Unless it is Amazon's.
    endpoint: Option<String>,
    #[serde(default = "BucketSettings::region")]
    region: String,
    access_key: SecretSource,
    secret_key: SecretSource,
    session_token: Option<SecretSource>,
}

impl OperatorFile {
    /// How a bucket is reached.
    pub(crate) fn bucket(&self, name: &str) -> Result<BucketAccess, Failed> {
        let known = self.buckets.get(name).ok_or_else(|| {
            Failed::new(format!("nobody says how the bucket `{name}` is reached")).hint(format!(
                "[buckets.{name}] endpoint = \"...\", access-key = {{ env = \"...\" }} and secret-key = {{ env = \"...\" }} in {}",
                path().display()
            ))
        })?;
        let read = |source: &SecretSource, what: &str| -> Result<String, Failed> {
            Ok(source
                .read(&format!("the {what} of bucket {name}"))?
                .reveal()
                .to_owned())
        };
        let token = known.session_token.as_ref();
        Ok(BucketAccess {
            endpoint: known.endpoint.clone(),
            region: known.region.clone(),
            access_key: read(&known.access_key, "access key")?,
            secret_key: read(&known.secret_key, "secret key")?,
            token: token.map(|token| read(token, "session token")).transpose()?,
        })
    }
}

impl BucketSettings {
    pub(super) fn sources(&self) -> impl Iterator<Item = &SecretSource> {
        [&self.access_key, &self.secret_key]
            .into_iter()
            .chain(&self.session_token)
    }

    /// What servers that know no regions call theirs.
    fn region() -> String {
        "us-east-1".to_owned()
    }
}
