//! What a cluster has, for a format. Who may know what of it is the engine's to say.

use slipway_plugin::{EffectClass, Failure, FailureKind, Wanted};

use crate::{
    bindings::imports::{lookup::Host, types},
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
}

fn none() -> Failure {
    Failure::new(FailureKind::Refused, "nothing is looked up in a cluster here")
        .hint("the artifact's setting `lookup` lists the kinds that may be")
}
