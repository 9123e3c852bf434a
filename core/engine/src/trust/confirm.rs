//! Before a package is deployed: all that was admitted for it is verified once more, with the keys that count now.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::json;
use slipway_journal::Class;
use slipway_model::Digest;
use slipway_registry::Form;

use super::{Admitted, Demand, Record, Trust};
use crate::{Engine, Event, Failed, Run, RunError, rollout::had_claimed};

/// What was found, for the record: without the signature itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Verdict {
    pub what: String,
    pub place: String,
    pub digest: Digest,
    pub policy: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct By {
    pub key: String,
    pub fingerprint: Digest,
    /// The manifest that holds the signature.
    pub signature: Digest,
    pub form: Form,
}

/// Nothing where there is no policy, or where the run has begun to change its place already.
pub(crate) async fn confirm(engine: &Engine, run: &Run, package: Digest) -> Result<(), RunError> {
    let Some(trust) = engine.trust.as_deref() else {
        return Ok(());
    };
    if had_claimed(run) {
        return Ok(());
    }
    let request = json!({ "trust": package });
    let verdicts: Vec<Verdict> = run
        .activity("plan/trust", Class::Read, request, || async {
            let record = Record::read(&engine.workspace, package)?;
            let record = record.ok_or_else(|| unknown(trust, package))?;
            let held = record.admitted.iter().map(|admitted| trust.hold(admitted));
            Ok(held.collect::<Result<_, Failed>>()?)
        })
        .await?;
    for verdict in verdicts {
        run.tell(Event::Trusted { verdict }).await?;
    }
    Ok(())
}

/// Those of a run, for its archive.
pub(crate) fn verdicts(run: &Run) -> Vec<Verdict> {
    run.journal().with_status(|status| {
        let told = status.events().iter().filter(|event| event.kind == "trusted");
        told.filter_map(|event| serde_json::from_value(event.data["verdict"].clone()).ok())
            .collect()
    })
}

impl Trust {
    pub(crate) fn hold(&self, admitted: &Admitted) -> Result<Verdict, Failed> {
        let Admitted {
            what,
            place,
            digest,
            signed,
            ..
        } = admitted;
        let rule = self.rule_for(place, what)?;
        let by = match (&rule.demand, signed) {
            (Demand::Unsigned, _) => None,
            (Demand::Signed { .. }, None) => {
                let text = format!(
                    "{what} is refused: {place}@{digest} was released when no signature was demanded, and {} demands one",
                    rule.line
                );
                return Err(Failed::new(text).hint("`slipway release` verifies it"));
            }
            (demand @ Demand::Signed { .. }, Some(signed)) => {
                let key = demand.verify(&signed.signature, *digest).map_err(|why| {
                    let text = format!(
                        "{what} is refused: the signature of {place}@{digest} by {} counts no longer: {why}",
                        signed.key
                    );
                    Failed::new(text).hint(format!("whose signatures count says {}", rule.line))
                })?;
                Some(By {
                    key: key.name.clone(),
                    fingerprint: key.key.fingerprint(),
                    signature: signed.signature.manifest,
                    form: signed.signature.form,
                })
            }
        };
        Ok(Verdict {
            what: what.clone(),
            place: place.clone(),
            digest: *digest,
            policy: rule.area.to_string(),
            by,
        })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, digest) = (&self.what, self.digest.short());
        match &self.by {
            Some(by) => write!(
                f,
                "{what}: {digest} is signed with {} (key {}), as {} demands",
                by.key,
                by.fingerprint.short(),
                self.policy
            ),
            None => write!(f, "{what}: {digest} needs no signature, says {}", self.policy),
        }
    }
}

impl From<&Admitted> for Verdict {
    fn from(admitted: &Admitted) -> Self {
        Self {
            what: admitted.what.clone(),
            place: admitted.place.clone(),
            digest: admitted.digest,
            policy: admitted.policy.clone(),
            by: admitted.signed.as_ref().map(|signed| By {
                key: signed.key.clone(),
                fingerprint: signed.fingerprint,
                signature: signed.signature.manifest,
                form: signed.signature.form,
            }),
        }
    }
}

fn unknown(trust: &Trust, package: Digest) -> Failed {
    let text = format!(
        "package {package} is refused: nobody knows where what is in it came from, it was released without the [trust] of {}",
        trust.file.display()
    );
    Failed::new(text).hint("`slipway release` verifies what it is made of")
}
