//! Everything else that the engine is given: the operator, HTTP to instances, the clock, ids, and whoever watches.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::Timestamp;
use serde_json::Value;
use slipway_engine::{Ambient, Event, Failed, Observer, Operator};
use slipway_model::RunId;
use slipway_plugin::{
    Address, Capabilities, Endpoint, Failure, FailureKind, Http, HttpAnswer, HttpRequest, Secret, Wanted,
};
use tokio::time::Instant;

use crate::wire::Wire;

pub(crate) struct SimulatedOperator;

#[async_trait::async_trait]
impl Operator for SimulatedOperator {
    async fn endpoint(&self, name: &str) -> Result<Endpoint, Failed> {
        Ok(Endpoint::at(Address::Url(format!("http://{name}"))).fenced())
    }

    async fn cluster(&self, _: Option<&str>) -> Result<Endpoint, Failed> {
        Err(none("cluster"))
    }

    async fn look_up(&self, _: Option<&str>, _: &Wanted, _: &dyn Http) -> Result<Option<Value>, Failure> {
        Ok(None)
    }

    async fn capabilities(&self, _: Option<&str>, _: &dyn Http) -> Result<Capabilities, Failure> {
        Err(Failure::new(FailureKind::Unsupported, "there is no cluster"))
    }

    async fn folder(&self, _: &str) -> Result<PathBuf, Failed> {
        Err(none("folder"))
    }

    fn host(&self, _: &str) -> Result<(), Failed> {
        Err(none("host"))
    }

    fn plain_http(&self, _: &str) -> Result<(), Failed> {
        Err(none("plain HTTP"))
    }

    async fn secret(&self, _: &str, _: &str) -> Result<Secret, Failed> {
        Err(none("secret"))
    }
}

fn none(what: &str) -> Failed {
    Failed::new(format!("there is no {what} in a simulation"))
}

pub(crate) struct SimulatedHttp(pub(crate) Wire);

#[async_trait::async_trait]
impl Http for SimulatedHttp {
    async fn send(&self, _: &str, endpoint: &Endpoint, _: HttpRequest) -> Result<HttpAnswer, Failure> {
        let wire = &self.0;
        wire.process.boundary("ask").await;
        tokio::time::sleep(wire.chance.millis(0..=30)).await;
        let name = match &endpoint.address {
            Address::Url(url) => url
                .trim_start_matches("http://")
                .trim_end_matches(":80")
                .parse()
                .ok(),
            Address::Unix(_) => None,
        };
        let status = name.and_then(|name| wire.world.answer(&name));
        let status = status.ok_or_else(|| Failure::new(FailureKind::Unavailable, "nobody answers"))?;
        Ok(HttpAnswer {
            status,
            body: Vec::new(),
        })
    }
}

pub(crate) struct SimulatedTime {
    pub(crate) began: Instant,
    pub(crate) runs: AtomicU64,
}

impl Ambient for SimulatedTime {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + self.began.elapsed()
    }

    fn run_id(&self) -> RunId {
        let number = self.runs.fetch_add(1, Ordering::Relaxed) + 1;
        format!("run-{number:04}")
            .parse()
            .expect("letters, a hyphen and digits are a run id")
    }

    fn who(&self) -> String {
        "somebody@somewhere".to_owned()
    }
}

/// Writes down what it is told.
pub(crate) struct Listener(pub(crate) Arc<crate::trace::Trace>);

impl Observer for Listener {
    fn event(&self, run: &RunId, event: &Event) {
        let told = serde_json::to_value(event).unwrap_or_default();
        self.0.say(format_args!(
            "{run} tells {}",
            told["event"].as_str().unwrap_or_default()
        ));
    }
}
