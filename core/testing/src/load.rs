//! Requests at a steady rate from many connections, and what came of every one of them.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::Request;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;

/// A load that runs until it is finished.
pub struct Load {
    stop: Arc<AtomicBool>,
    tally: Arc<Mutex<Tally>>,
    workers: Vec<JoinHandle<()>>,
    began: Instant,
}

/// What was sent and what came back.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    pub seconds: f64,
    pub sent: u64,
    /// No answer at all: refused, reset, cut short, timed out.
    pub failed: u64,
    /// By status and by the version that the service answers with.
    pub answers: BTreeMap<String, u64>,
    /// The first few failures, in words.
    pub failures: Vec<String>,
}

const TIMEOUT: Duration = Duration::from_secs(10);
/// What the service says its version is.
const VERSION: &str = "x-version";

impl Load {
    /// `rate` requests a second to `url`, from `connections` workers.
    pub fn start(url: &str, rate: u32, connections: u32) -> Self {
        let client: Client<HttpConnector, Empty<Bytes>> = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(connections as usize)
            .build_http();
        let (stop, tally) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(Mutex::new(Tally::default())),
        );
        let every = Duration::from_secs_f64(f64::from(connections) / f64::from(rate));
        let workers = (0..connections).map(|worker| {
            let (client, url) = (client.clone(), url.to_owned());
            let (stop, tally) = (stop.clone(), tally.clone());
            tokio::spawn(async move {
                let offset = every.mul_f64(f64::from(worker) / f64::from(connections));
                let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + offset, every);
                while !stop.load(Ordering::Relaxed) {
                    ticks.tick().await;
                    let answer = ask(&client, &url).await;
                    tally.lock().unwrap_or_else(PoisonError::into_inner).count(answer);
                }
            })
        });
        Self {
            workers: workers.collect(),
            stop,
            tally,
            began: Instant::now(),
        }
    }

    /// What came of it so far.
    pub fn tally(&self) -> Tally {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner).clone();
        tally.seconds = self.began.elapsed().as_secs_f64();
        tally
    }

    /// Waits for the requests under way.
    pub async fn finish(self) -> Tally {
        let seconds = self.began.elapsed().as_secs_f64();
        self.stop.store(true, Ordering::Relaxed);
        for worker in self.workers {
            worker.await.expect("a worker of the load does not panic");
        }
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Tally { seconds, ..tally }
    }
}

impl Tally {
    /// Answers with this status from this version.
    pub fn answers(&self, status: u16, version: &str) -> u64 {
        self.answers
            .get(&format!("{status} {version}"))
            .copied()
            .unwrap_or_default()
    }

    /// Requests a second that were really sent.
    pub fn rate(&self) -> f64 {
        if self.seconds > 0.0 {
            self.sent as f64 / self.seconds
        } else {
            0.0
        }
    }

    /// Everything that is not a 2xx.
    pub fn bad(&self) -> u64 {
        let bad = self.answers.iter().filter(|(answer, _)| !answer.starts_with('2'));
        self.failed + bad.map(|(_, count)| count).sum::<u64>()
    }

    fn count(&mut self, answer: Result<String, String>) {
        self.sent += 1;
        match answer {
            Ok(answer) => *self.answers.entry(answer).or_default() += 1,
            Err(failure) => {
                self.failed += 1;
                if self.failures.len() < 10 {
                    self.failures.push(failure);
                }
            }
        }
    }
}

async fn ask(client: &Client<HttpConnector, Empty<Bytes>>, url: &str) -> Result<String, String> {
    let request = Request::get(url)
        .body(Empty::new())
        .map_err(|error| error.to_string())?;
    let answer = async {
        let response = client
            .request(request)
            .await
            .map_err(|error| format!("{error:?}"))?;
        let (head, body) = response.into_parts();
        body.collect()
            .await
            .map_err(|error| format!("cut short: {error:?}"))?;
        let version = head
            .headers
            .get(VERSION)
            .and_then(|version| version.to_str().ok())
            .unwrap_or("?");
        Ok(format!("{} {version}", head.status.as_u16()))
    };
    tokio::time::timeout(TIMEOUT, answer)
        .await
        .unwrap_or_else(|_| Err("no answer in time".to_owned()))
}
