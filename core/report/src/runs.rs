//! Runs in a list, the newest first.

use jiff::{Timestamp, Unit};
use serde::Serialize;
use slipway_journal::Run;
use slipway_model::{Digest, EnvironmentName, RunId, ServiceName};

use crate::{TIME, table};

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RunLine {
    pub run: RunId,
    pub service: ServiceName,
    pub environment: EnvironmentName,
    pub steps: Vec<String>,
    /// As the journal says, or `interrupted`.
    pub state: &'static str,
    pub started: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// Which process works on it, while one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    pub summary: String,
}

impl RunLine {
    pub fn of(run: &Run, now: Timestamp) -> Self {
        let interrupted = run.is_interrupted(now);
        let by = run
            .holder
            .as_ref()
            .filter(|_| run.ended.is_none() && !interrupted);
        Self {
            run: run.id.clone(),
            service: run.service.clone(),
            environment: run.environment.clone(),
            steps: run.steps.clone(),
            state: if interrupted {
                "interrupted"
            } else {
                run.state.as_str()
            },
            started: run.started,
            ended: run.ended,
            by: by.map(|holder| format!("process {} on {}", holder.owner.pid, holder.owner.host)),
            summary: run.summary.clone(),
        }
    }

    pub fn is_interrupted(&self) -> bool {
        self.state == "interrupted"
    }

    /// One line, with the next step where there is one.
    pub fn words(&self) -> String {
        let Self {
            run, state, summary, ..
        } = self;
        let mut text = format!("{run} {state} ({})", self.steps.join(", "));
        if let Some(by) = &self.by {
            text.push_str(&format!(", {by}"));
        }
        if self.is_interrupted() {
            text.push_str(&format!(": `slipway resume {run}` goes on"));
        } else if !summary.is_empty() {
            text.push_str(&format!(": {}", brief(summary)));
        }
        text
    }

    fn took(&self) -> String {
        let Some(ended) = self.ended else {
            return "-".to_owned();
        };
        let span = self
            .started
            .until(ended)
            .and_then(|span| span.round(jiff::SpanRound::new().largest(Unit::Hour).smallest(Unit::Second)));
        span.map_or_else(|_| "-".to_owned(), |span| format!("{span:#}"))
    }
}

/// A table of runs, as they are given.
pub fn history(runs: &[RunLine]) -> String {
    let rows: Vec<_> = runs
        .iter()
        .map(|run| {
            let started = run.started.strftime(TIME).to_string();
            let place = run.environment.to_string();
            let steps = run.steps.join(",");
            vec![
                run.run.to_string(),
                place,
                steps,
                run.state.to_owned(),
                started,
                run.took(),
                brief(&run.summary),
            ]
        })
        .collect();
    table(
        &[
            "RUN",
            "ENVIRONMENT",
            "STEPS",
            "STATE",
            "STARTED",
            "TOOK",
            "SUMMARY",
        ],
        &rows,
    )
}

/// The first line, with digests as short as people name them.
fn brief(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let mut words = line.split(' ').map(|word| {
        word.parse::<Digest>()
            .map_or_else(|_| word.to_owned(), |digest| digest.short())
    });
    let first = words.next().unwrap_or_default();
    words.fold(first, |text, word| text + " " + &word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_brief() {
        let check = |text: &str, expected: &str| assert_eq!(brief(text), expected);
        let digest = Digest::of("package");
        check("", "");
        check("no room\non the disk", "no room");
        check(
            &format!("shop 1 is package {digest}"),
            &format!("shop 1 is package {}", digest.short()),
        );
        check("a  b", "a  b");
    }
}
