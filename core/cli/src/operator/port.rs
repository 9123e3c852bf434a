//! What the engine asks an operator, answered from the file.

use std::path::PathBuf;

use serde_json::Value;
use slipway_engine::{Failed, Operator};
use slipway_plugin::{Address, Capabilities, Endpoint, Failure, FailureKind, Http, Secret, Wanted};

use super::file::OperatorFile;
use crate::clusters;

#[async_trait::async_trait]
impl Operator for OperatorFile {
    async fn endpoint(&self, name: &str) -> Result<Endpoint, Failed> {
        if name == "agent" {
            let client = self.agent().await?;
            return Ok(Endpoint::at(Address::Unix(client.socket().to_path_buf())).fenced());
        }
        self.granted_endpoint(name)
    }

    async fn cluster(&self, context: Option<&str>) -> Result<Endpoint, Failed> {
        self.cluster_of(context)
    }

    async fn look_up(
        &self,
        context: Option<&str>,
        wanted: &Wanted,
        http: &dyn Http,
    ) -> Result<Option<Value>, Failure> {
        self.may_look_up(context, wanted)?;
        let cluster = self.cluster_of(context).map_err(unknown)?;
        clusters::look_up(http, &cluster, wanted).await
    }

    async fn capabilities(&self, context: Option<&str>, http: &dyn Http) -> Result<Capabilities, Failure> {
        let cluster = self.cluster_of(context).map_err(unknown)?;
        clusters::capabilities(http, &cluster).await
    }

    async fn folder(&self, name: &str) -> Result<PathBuf, Failed> {
        self.granted_folder(name)
    }

    fn host(&self, name: &str) -> Result<(), Failed> {
        self.granted_host(name)
    }

    fn plain_http(&self, host: &str) -> Result<(), Failed> {
        self.may_ask_plainly(host)
    }

    async fn secret(&self, environment: &str, name: &str) -> Result<Secret, Failed> {
        self.read_secret(environment, name)
    }

    fn exposed(&self) -> Vec<Secret> {
        self.inherited()
    }
}

fn unknown(failed: Failed) -> Failure {
    Failure {
        kind: FailureKind::Failed,
        message: failed.message,
        hint: failed.hint,
    }
}
