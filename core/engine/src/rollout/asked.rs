//! Plugins that are asked about a revision, as checks and for analyses. What they find, and what each look of theirs
//! reads, is recorded as any call of a plugin.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};
use slipway_judge::Tally;
use slipway_manifest::{Binding, Check, Strategy};
use slipway_model::{Digest, Duration};
use slipway_plugin::{Call, Endpoint, Finding, FindingOutcome, Instance, Mask, ReadOnly, Seen, Subject};

use super::{Executor, granted::Finder};
use crate::{
    Engine, Failed, RunError,
    judge::{Measured, Outcome, Verdict},
};

/// That all plugins that a strategy asks are there, and what each may reach.
pub(crate) async fn can_be_asked(engine: &Engine, strategy: &Strategy) -> Result<(), RunError> {
    for binding in strategy.asked() {
        endpoints(engine, binding).await?;
    }
    Ok(())
}

impl Executor<'_> {
    /// A check by a plugin: asked once for all instances, and again after anything but a pass.
    pub(super) async fn plugin_verdict(
        &self,
        key: &str,
        (check, binding): (&Check, &Binding),
        revision: Digest,
        instances: &[Instance],
    ) -> Result<Verdict, RunError> {
        let subject = self.subject(revision, instances);
        let mut attempt = 0;
        loop {
            let key = format!("{key}/{attempt}");
            let found = self.ask_plugin(&key, binding, &subject, check.timeout).await?;
            let verdict = match found {
                Ok(finding) => told(check, revision, finding),
                Err(trouble) => Verdict::new(&check.name, revision, Outcome::Error, trouble),
            };
            if verdict.outcome == Outcome::Pass || attempt >= check.retries {
                return Ok(verdict);
            }
            self.run
                .pause_recorded(&format!("{key}/pause"), check.interval.std())
                .await?;
            attempt += 1;
        }
    }

    /// The same asked once, and in no record; nothing if there is no answer.
    pub(super) async fn plugin_glance(
        &self,
        (check, binding): (&Check, &Binding),
        revision: Digest,
        instances: &[Instance],
    ) -> Option<Verdict> {
        let subject = self.subject(revision, instances);
        let call = Call::new(Arc::new(ReadOnly));
        let found = self.finding(call, binding, &subject, check.timeout).await;
        found.ok().map(|finding| told(check, revision, finding))
    }

    /// The numbers that a plugin has for an analysis. That it has none is evidence as well.
    pub(super) async fn plugin_numbers(
        &self,
        key: &str,
        (binding, timeout): (&Binding, Duration),
        revision: Digest,
        instances: &[Instance],
    ) -> Result<Result<Measured, String>, RunError> {
        let subject = self.subject(revision, instances);
        let found = self.ask_plugin(key, binding, &subject, timeout).await?;
        Ok(found.map(Measured::from))
    }

    fn subject(&self, revision: Digest, instances: &[Instance]) -> Subject {
        let old = self.plan.old.as_ref().map(|old| old.revision);
        let own = instances.iter().filter(|instance| instance.revision == revision);
        Subject {
            service: self.plan.service.clone(),
            environment: self.plan.environment.clone(),
            revision,
            stable: old.filter(|old| *old != revision),
            instances: own
                .map(|instance| Seen {
                    name: instance.name.clone(),
                    ports: instance.ports.clone(),
                })
                .collect(),
        }
    }

    /// That a plugin does not answer, or breaks, is no failure of the run: it is what there is to be judged.
    async fn ask_plugin(
        &self,
        key: &str,
        binding: &Binding,
        subject: &Subject,
        timeout: Duration,
    ) -> Result<Result<Finding, String>, RunError> {
        let request = json!({ "ask": binding, "about": subject });
        let asked = self
            .run
            .ask(key, request, |call| self.finding(call, binding, subject, timeout))
            .await;
        match asked {
            Ok(finding) => Ok(Ok(finding)),
            Err(RunError::Failed(failed)) => Ok(Err(failed.message)),
            Err(other) => Err(other),
        }
    }

    async fn finding(
        &self,
        call: Call,
        binding: &Binding,
        subject: &Subject,
        timeout: Duration,
    ) -> Result<Finding, RunError> {
        let found = self.found(call, binding, subject.clone());
        let found = tokio::time::timeout(timeout.std(), found).await;
        found.unwrap_or_else(|_| {
            let text = format!("plugin {} has no answer within {timeout}", binding.plugin);
            Err(Failed::new(text).into())
        })
    }

    async fn found(&self, mut call: Call, binding: &Binding, subject: Subject) -> Result<Finding, RunError> {
        let plugin = self.engine.plugins.check(&binding.plugin).await?;
        call.endpoints = endpoints(self.engine, binding).await?;
        let settings = Value::Object(binding.settings.values.clone());
        let mut finding = plugin.check(call, settings, subject).await?;
        let mask = self.site.mask(self.engine);
        let texts = [&mut finding.message].into_iter().chain(&mut finding.evidence);
        texts.for_each(|text| *text = masked(&mask, text));
        Ok(finding)
    }
}

/// What a plugin may reach: as it asks for, as far as the operator has it.
async fn endpoints(engine: &Engine, binding: &Binding) -> Result<BTreeMap<String, Endpoint>, RunError> {
    let plugin = engine.plugins.check(&binding.plugin).await?;
    let settings = Value::Object(binding.settings.values.clone());
    let found = Finder::new(engine)
        .find(&plugin.describe().needs, &settings)
        .await?;
    Ok(found.endpoints)
}

fn told(check: &Check, revision: Digest, finding: Finding) -> Verdict {
    let outcome = match finding.outcome {
        FindingOutcome::Passed => Outcome::Pass,
        FindingOutcome::Failed => Outcome::Fail,
        FindingOutcome::Inconclusive => Outcome::Inconclusive,
    };
    Verdict {
        lines: finding.evidence,
        ..Verdict::new(&check.name, revision, outcome, finding.message)
    }
}

impl From<Finding> for Measured {
    fn from(finding: Finding) -> Self {
        match finding.outcome {
            FindingOutcome::Inconclusive => Self::default(),
            FindingOutcome::Passed | FindingOutcome::Failed => Self {
                values: finding.values,
                tallies: (finding.tallies.into_iter())
                    .map(|(events, of)| Tally { events, of })
                    .collect(),
                example: finding.evidence.into_iter().next(),
            },
        }
    }
}

fn masked(mask: &Mask, text: &str) -> String {
    String::from_utf8_lossy(&mask.mask(text.as_bytes())).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(outcome: FindingOutcome, values: &[f64], tallies: &[(u64, u64)]) -> Finding {
        Finding {
            outcome,
            message: "why".to_owned(),
            evidence: vec!["first".to_owned(), "second".to_owned()],
            values: values.to_vec(),
            tallies: tallies.to_vec(),
        }
    }

    #[test]
    fn numbers_are_those_of_who_has_something_to_say() {
        use FindingOutcome::{Failed, Inconclusive, Passed};
        let check = |found, values: &[f64], tallies: &[Tally]| {
            let measured = Measured::from(found);
            assert_eq!(measured.values, values);
            assert_eq!(measured.tallies, tallies);
        };
        check(finding(Passed, &[0.0], &[]), &[0.0], &[]);
        // It is for the bounds to say what is too much.
        check(finding(Failed, &[2.0], &[]), &[2.0], &[]);
        check(
            finding(Passed, &[], &[(1, 9)]),
            &[],
            &[Tally { events: 1, of: 9 }],
        );
        check(finding(Inconclusive, &[0.0], &[]), &[], &[]);
    }

    #[test]
    fn only_what_passed_is_a_pass() {
        let check: Check = serde_json::from_value(json!({
            "name": "quiet", "probe": { "plugin": { "plugin": "alerts", "settings": {} } },
            "timeout": "1m", "retries": 0, "interval": "5s",
        }))
        .unwrap();
        for (outcome, expected) in [
            (FindingOutcome::Passed, Outcome::Pass),
            (FindingOutcome::Failed, Outcome::Fail),
            (FindingOutcome::Inconclusive, Outcome::Inconclusive),
        ] {
            let verdict = told(&check, Digest::of(""), finding(outcome, &[], &[]));
            assert_eq!((verdict.outcome, verdict.detail.as_str()), (expected, "why"));
            assert_eq!(verdict.lines, ["first", "second"]);
        }
    }
}
