//! What a cluster has, for a format. Who may know what of it is the engine's to say.

use serde_json::Value;
use slipway_plugin::{Capabilities, EffectClass, Failure, FailureKind, Wanted};

use crate::{
    bindings::imports::{
        lookup::{ClusterCapabilities, Host},
        types,
    },
    limits,
    session::Session,
};

impl Host for Session {
    async fn find(
        &mut self,
        api_version: String,
        kind: String,
        namespace: String,
        name: String,
    ) -> wasmtime::Result<Result<Option<String>, types::Failure>> {
        let lookup = self.call.as_ref().and_then(|call| call.lookup.clone());
        let limit = self.limits.answer;
        let wanted = Wanted {
            api_version,
            kind,
            namespace,
            name,
        };
        let request = serde_json::to_value(&wanted)?;
        let perform = async move {
            let found = lookup.ok_or_else(none)?.find(&wanted).await?;
            let found = found.map(|found| found.to_string());
            match found.as_ref().map_or(0, String::len) {
                size if size > limit => {
                    let most = limits::bytes(limit);
                    let text = format!("{wanted}: {size} bytes, and at most {most} are handed on");
                    Err(Failure::new(FailureKind::Unsupported, text).hint("look up one by its name"))
                }
                _ => Ok(found),
            }
        };
        let told = self
            .effect(("lookup", "find"), EffectClass::Read, request, perform)
            .await?;
        Ok(told.map_err(Into::into))
    }

    async fn capabilities(&mut self) -> wasmtime::Result<Result<ClusterCapabilities, types::Failure>> {
        let lookup = self.call.as_ref().and_then(|call| call.lookup.clone());
        let perform = async move { lookup.ok_or_else(none)?.capabilities().await };
        let told = self
            .effect(
                ("lookup", "capabilities"),
                EffectClass::Read,
                Value::Null,
                perform,
            )
            .await?;
        let found = told.map(|found: Capabilities| ClusterCapabilities {
            version: found.version,
            apis: found.apis,
        });
        Ok(found.map_err(Into::into))
    }
}

fn none() -> Failure {
    Failure::new(FailureKind::Refused, "nothing is looked up in a cluster here")
        .hint("the artifact's setting `lookup` lists the kinds that may be; `capabilities` says that it may be asked what it is")
}
