//! Objects as they are and as they change: listed once, watched from there on, and listed anew where the server does not
//! remember that far back. One that is restarted, or has too much to do, is waited for.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use slipway_sdk::{Failure, clock};

use crate::{
    Answer, Ask,
    cluster::{Hurdle, ask_all, ask_once},
    retry::Patience,
    watch::Watch,
};

/// Events within so much time are told together.
const QUIET_MS: u32 = 100;
/// Kinds that can only be listed are listed so often.
const DEAF_MS: u64 = 2_000;

/// Any number of lists, by their paths.
#[derive(Default)]
pub struct Watching {
    watches: BTreeMap<String, Watch>,
    patience: Patience,
}

impl Watching {
    /// From where another one was: what there is, is not known, but whether it has changed will be.
    pub fn since(cursor: &str) -> Self {
        let versions: BTreeMap<String, String> = serde_json::from_str(cursor).unwrap_or_default();
        let watch = |(path, version)| (path, Watch::since(version));
        Self {
            watches: versions.into_iter().map(watch).collect(),
            patience: Patience::default(),
        }
    }

    /// Empty where not all of it can be watched.
    pub fn cursor(&self) -> String {
        let version = |(path, watch): (&String, &Watch)| {
            let version = watch.version().filter(|_| watch.hears())?;
            Some((path.clone(), json!(version)))
        };
        let versions: Option<Map<_, _>> = self.watches.iter().map(version).collect();
        versions.map_or_else(String::new, |versions| Value::Object(versions).to_string())
    }

    /// From the next turn on. `metadata_only`: without what they say of how they stand.
    pub fn want(&mut self, path: &str, metadata_only: bool) {
        self.watches
            .entry(path.to_owned())
            .or_insert_with(|| Watch::of(metadata_only));
    }

    pub fn leave(&mut self, path: &str) {
        self.watches.remove(path);
    }

    /// What there is, by name; nothing before it was listed.
    pub fn objects(&self, path: &str) -> impl Iterator<Item = &Value> + use<'_> {
        self.watches.get(path).into_iter().flat_map(Watch::objects)
    }

    /// Lists what is not known. Answers whether there was anything to list.
    pub fn list(&mut self) -> Result<bool, Failure> {
        let mut open: Vec<_> = self
            .watches
            .iter_mut()
            .filter(|(_, watch)| watch.version().is_none())
            .collect();
        let asks = open
            .iter()
            .map(|(path, watch)| Ask::list(path, watch.metadata_only));
        let answers = ask_all(asks.collect())?;
        for ((path, watch), answer) in open.iter_mut().zip(answers) {
            let list = answer.found(&format!("listing {path}"))?;
            watch.listed(list);
        }
        Ok(!open.is_empty())
    }

    /// Waits until something changes, at most so long; what is not known is listed instead. Answers whether anything may
    /// be another than before.
    pub fn turn(&mut self, ms: u64) -> Result<bool, Failure> {
        if self.list()? {
            return Ok(true);
        }
        let mut heard: Vec<_> = self
            .watches
            .iter_mut()
            .filter(|(_, watch)| watch.hears())
            .collect();
        let asks: Vec<_> = heard
            .iter()
            .filter_map(|(path, watch)| {
                Some(Ask::watch(
                    path,
                    watch.version()?,
                    watch.metadata_only,
                    ms,
                    QUIET_MS,
                ))
            })
            .collect();
        if asks.is_empty() {
            clock::sleep(ms.min(DEAF_MS));
            return Ok(self.forget_deaf());
        }
        let (mut changed, mut answered, mut hurdle) = (false, false, Hurdle::default());
        for (((path, watch), ask), told) in heard.iter_mut().zip(&asks).zip(ask_once(&asks, &mut hurdle)?) {
            let Some(answer) = told.map(Answer::of) else {
                continue;
            };
            answered = true;
            changed |= match answer.status {
                200 => watch.hear(&answer.bytes(&format!("watching {path}"))?),
                // Too long ago; or a kind that is gone, or cannot be watched.
                404 | 405 | 410 => watch.forget(answer.status != 410),
                _ => return Err(refused(&answer, &ask.path)),
            };
        }
        if answered {
            self.patience = Patience::default();
        } else if let Some(failure) = hurdle.failure {
            let Some(wait) = self.patience.next(hurdle.retry_after_ms) else {
                return Err(failure.hint(
                    "the API server does not answer or has too much to do: look at it, then `slipway resume`",
                ));
            };
            clock::sleep(wait.min(ms));
        }
        Ok(self.forget_deaf() || changed)
    }

    fn forget_deaf(&mut self) -> bool {
        let deaf = self.watches.values_mut().filter(|watch| !watch.hears());
        deaf.map(|watch| watch.forget(true)).count() > 0
    }
}

fn refused(answer: &Answer, path: &str) -> Failure {
    match answer.success(&format!("watching {path}")) {
        Err(failure) => failure,
        Ok(_) => Failure::failed(format!(
            "watching {path}: status {} is not understood",
            answer.status
        )),
    }
}
