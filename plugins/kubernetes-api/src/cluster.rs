//! The only place that calls the host. An API server that restarts, or has too much to do, is waited for.

use serde_json::Value;
use slipway_sdk::{
    Failure, FailureKind, clock,
    http::{Endpoint, Response},
};

use crate::{
    Answer, Ask, list_of,
    retry::{Patience, passing},
};

/// The API server that the operator granted.
pub const CLUSTER: Endpoint = Endpoint("cluster");

pub fn ask(ask: Ask) -> Result<Answer, Failure> {
    let mut answers = ask_all(vec![ask])?;
    answers
        .pop()
        .ok_or_else(|| Failure::failed("a request was sent and not answered"))
}

/// Asks them at the same time; answers in their order. What did not get through is asked again, for a bounded time.
pub fn ask_all(asks: Vec<Ask>) -> Result<Vec<Answer>, Failure> {
    let mut answers: Vec<Option<Answer>> = vec![None; asks.len()];
    let mut patience = Patience::default();
    loop {
        let open: Vec<usize> = (0..asks.len())
            .filter(|index| answers[*index].is_none())
            .collect();
        if open.is_empty() {
            return Ok(answers.into_iter().flatten().collect());
        }
        let mut hurdle = Hurdle::default();
        let asked: Vec<_> = open.iter().map(|index| asks[*index].clone()).collect();
        for (index, told) in open.into_iter().zip(ask_once(&asked, &mut hurdle)?) {
            answers[index] = told.map(Answer::of);
        }
        if let Some(failure) = hurdle.failure {
            match patience.next(hurdle.retry_after_ms) {
                Some(wait) => clock::sleep(wait),
                None => {
                    let hint = "the API server does not answer or has too much to do: look at it, then `slipway resume`";
                    return Err(failure.hint(hint));
                }
            }
        }
    }
}

/// Asks them at the same time, once; none for those that did not get through, and `hurdle` says why.
pub(crate) fn ask_once(asks: &[Ask], hurdle: &mut Hurdle) -> Result<Vec<Option<Response>>, Failure> {
    let requests: Vec<_> = asks.iter().map(Ask::request).collect();
    let mut answers = Vec::new();
    for (ask, told) in asks.iter().zip(CLUSTER.send_all(&requests)?) {
        answers.push(match told {
            Ok(response) if passing(response.status) => {
                hurdle.meet_answer(ask, &response);
                None
            }
            Ok(response) => Some(response),
            Err(failure) if failure.kind == FailureKind::Unavailable => {
                hurdle.meet(failure, None);
                None
            }
            Err(failure) => return Err(failure),
        });
    }
    Ok(answers)
}

/// An object; none if it is not there.
pub fn get(path: &str) -> Result<Option<Value>, Failure> {
    ask(Ask::get(path))?.found(&format!("reading {path}"))
}

/// The items of a list.
pub fn list(path: &str) -> Result<Vec<Value>, Failure> {
    let document = ask(Ask::get(path))?.success(&format!("listing {path}"))?;
    Ok(list_of(document.get("items")).to_vec())
}

/// Why some requests of a batch have to be sent again.
#[derive(Default)]
pub(crate) struct Hurdle {
    pub(crate) failure: Option<Failure>,
    pub(crate) retry_after_ms: Option<u64>,
}

impl Hurdle {
    fn meet(&mut self, failure: Failure, retry_after_ms: Option<u64>) {
        self.failure.get_or_insert(failure);
        self.retry_after_ms = self.retry_after_ms.max(retry_after_ms);
    }

    fn meet_answer(&mut self, ask: &Ask, response: &Response) {
        let header = response
            .header("retry-after")
            .and_then(|seconds| seconds.parse::<u64>().ok());
        let refusal = crate::Refusal::of(response.status, &response.body);
        let asked = header.map(|seconds| seconds * 1000).or(refusal.retry_after_ms);
        let failure = refusal.failure(&format!("{} {}", ask.method, ask.path));
        self.meet(Failure::new(FailureKind::Unavailable, failure.message), asked);
    }
}
