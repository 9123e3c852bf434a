//! Registries by the names of deploy.toml. What they hold is verified here, whoever fetched it.

use serde::{Deserialize, Serialize};
use serde_json::json;
use slipway_model::Digest;
use slipway_plugin::{EffectClass, Failure, FailureKind};

use crate::{
    bindings::imports::{
        registry::{Descriptor, Host},
        types,
    },
    bytes::Bytes,
    limits,
    session::Session,
};

const MANIFEST: usize = 4 << 20;

#[derive(Serialize, Deserialize)]
struct Resolved {
    media_type: String,
    digest: Digest,
    size: u64,
}

impl Host for Session {
    async fn resolve(
        &mut self,
        registry: String,
        repository: String,
        reference: String,
    ) -> wasmtime::Result<Result<Descriptor, types::Failure>> {
        let access = self.call.as_ref().and_then(|call| call.registries.clone());
        let request = json!({ "registry": registry, "repository": repository, "reference": reference });
        let perform = async move {
            let access = access.ok_or_else(none)?;
            let (media_type, digest, size) = access.resolve(&registry, &repository, &reference).await?;
            Ok(Resolved {
                media_type,
                digest,
                size,
            })
        };
        let told = self
            .effect(("registry", "resolve"), EffectClass::Read, request, perform)
            .await?;
        Ok(told
            .map(|it| Descriptor {
                media_type: it.media_type,
                digest: it.digest.to_string(),
                size: it.size,
            })
            .map_err(Into::into))
    }

    async fn manifest(
        &mut self,
        registry: String,
        repository: String,
        digest: String,
    ) -> wasmtime::Result<Result<Vec<u8>, types::Failure>> {
        let access = self.call.as_ref().and_then(|call| call.registries.clone());
        let request = json!({ "registry": registry, "repository": repository, "digest": digest });
        let perform = async move {
            let wanted: Digest = digest.parse().map_err(|error: slipway_model::DigestError| {
                Failure::new(FailureKind::Invalid, error.to_string())
            })?;
            let bytes = access
                .ok_or_else(none)?
                .manifest(&registry, &repository, wanted)
                .await?;
            let failed = |problem| {
                Failure::new(
                    FailureKind::Failed,
                    format!("{registry}:{repository}@{digest}: {problem}"),
                )
            };
            if bytes.len() > MANIFEST {
                return Err(failed(format!(
                    "has {} bytes, at most {} are read",
                    bytes.len(),
                    limits::bytes(MANIFEST)
                )));
            }
            match Digest::of(&bytes) {
                found if found == wanted => Ok(Bytes(bytes)),
                found => Err(failed(format!("the registry sent bytes of {found}"))),
            }
        };
        let told = self
            .effect(("registry", "manifest"), EffectClass::Read, request, perform)
            .await?;
        Ok(told.map(|bytes| bytes.0).map_err(Into::into))
    }
}

fn none() -> Failure {
    Failure::new(FailureKind::Refused, "no registry is granted")
}
