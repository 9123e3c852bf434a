//! The operator of a run that is replayed: every name leads nowhere, because nobody goes there.

use std::path::PathBuf;

use serde_json::Value;
use slipway_model::RunId;
use slipway_plugin::{
    Address, Capabilities, Endpoint, Failure, FailureKind, Http, HttpAnswer, HttpRequest, Secret, Wanted,
};

use crate::{Event, Failed, Observer, Operator};

pub(super) struct Offline;

/// Where nothing is.
const NOWHERE: &str = "/dev/null/replay";

#[async_trait::async_trait]
impl Operator for Offline {
    async fn endpoint(&self, _: &str) -> Result<Endpoint, Failed> {
        Ok(Endpoint::at(Address::Unix(NOWHERE.into())))
    }

    async fn cluster(&self, _: Option<&str>) -> Result<Endpoint, Failed> {
        Ok(Endpoint::at(Address::Unix(NOWHERE.into())))
    }

    async fn look_up(
        &self,
        _: Option<&str>,
        wanted: &Wanted,
        _: &dyn Http,
    ) -> Result<Option<Value>, Failure> {
        Err(nobody(&wanted.to_string()))
    }

    async fn capabilities(&self, _: Option<&str>, _: &dyn Http) -> Result<Capabilities, Failure> {
        Err(nobody("what the cluster can do"))
    }

    async fn folder(&self, _: &str) -> Result<PathBuf, Failed> {
        Ok(NOWHERE.into())
    }

    fn host(&self, _: &str) -> Result<(), Failed> {
        Ok(())
    }

    fn plain_http(&self, _: &str) -> Result<(), Failed> {
        Ok(())
    }

    /// It would only be put into what leaves.
    async fn secret(&self, _: &str, name: &str) -> Result<Secret, Failed> {
        Ok(Secret::new(format!("secret {name} of a replay")))
    }
}

#[async_trait::async_trait]
impl Http for Offline {
    async fn send(&self, what: &str, _: &Endpoint, _: HttpRequest) -> Result<HttpAnswer, Failure> {
        Err(nobody(what))
    }
}

impl Observer for Offline {
    fn event(&self, _: &RunId, _: &Event) {}
}

fn nobody(what: &str) -> Failure {
    Failure::new(FailureKind::Refused, format!("{what}: a replay asks nobody"))
}
