//! Whether what a registry has may be used: the manifest that a reference means, by its digest, signed as the policy demands.

use serde::{Deserialize, Serialize};
use slipway_model::Digest;
use slipway_registry::{Repository, Signature, Signatures, Useless, signatures};

use super::{
    Demand, Rule, Trust, TrustedKey,
    area::{place_of, place_of_url},
};
use crate::Failed;

/// What was let in, and on whose word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Admitted {
    /// Such as `artifact web`.
    pub what: String,
    /// Registry and repository, or a folder.
    pub place: String,
    pub digest: Digest,
    /// The part of the policy that it was held against, as the operator calls it.
    pub policy: String,
    /// None where that demands none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<Signed>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Signed {
    /// As the operator calls it.
    pub key: String,
    pub fingerprint: Digest,
    /// Whole, so that it can be verified again with nothing but a key.
    pub signature: Signature,
}

/// How many reasons a person is told.
const TOLD: usize = 8;

/// Holds a manifest against the policy, with the signatures that are beside it.
pub async fn admit(
    trust: &Trust,
    (source, digest): (&Repository, Digest),
    what: &str,
) -> Result<Admitted, Failed> {
    let place = place_of(source, None).unwrap_or_default();
    admit_at(trust, (source, digest), (what, &place)).await
}

/// The same of what is counted as from another place than where it was put down.
pub(crate) async fn admit_at(
    trust: &Trust,
    (source, digest): (&Repository, Digest),
    (what, place): (&str, &str),
) -> Result<Admitted, Failed> {
    let rule = trust.rule_for(place, what)?;
    let admitted = |signed| Admitted {
        what: what.to_owned(),
        place: place.to_owned(),
        digest,
        policy: rule.area.to_string(),
        signed,
    };
    if rule.demand == Demand::Unsigned {
        return Ok(admitted(None));
    }
    let beside = signatures(source, &digest).await.map_err(Failed::from_error)?;
    let mut why = Vec::new();
    for signature in &beside.found {
        match rule.demand.verify(signature, digest) {
            Ok(key) => {
                let signed = Signed {
                    key: key.name.clone(),
                    fingerprint: key.key.fingerprint(),
                    signature: signature.clone(),
                };
                return Ok(admitted(Some(signed)));
            }
            Err(useless) => why.push((signature.manifest, useless.to_string())),
        }
    }
    Err(refused(rule, (what, place, digest), why, beside))
}

/// Nothing of the web is signed this way.
pub(crate) fn admit_web(trust: &Trust, url: &str) -> Result<(), Failed> {
    let place = place_of_url(url)?;
    let rule = trust.rule_for(&place, "what is fetched")?;
    if rule.demand == Demand::Unsigned {
        return Ok(());
    }
    let text = format!(
        "{place} is refused: {} demands a signature, and only what is in a registry has one",
        rule.line
    );
    let hint = "take it from a registry, or write the host into the operator's file with `unsigned = true`";
    Err(Failed::new(text).hint(hint))
}

impl Trust {
    pub(super) fn rule_for(&self, place: &str, what: &str) -> Result<&Rule, Failed> {
        self.rule(place).ok_or_else(|| {
            let file = self.file.display();
            let text = format!("{what} is refused: {file} says nothing of {place}, and trusts only what it names");
            let host = place.split('/').next().unwrap_or_default();
            let area = if host.is_empty() { place } else { host };
            Failed::new(text).hint(format!(
                "[trust.\"{area}\"] keys = [\"...\"] in {file} says whose signatures count there, `unsigned = true` that none is needed"
            ))
        })
    }
}

impl Demand {
    /// Who has signed it.
    pub(super) fn verify(&self, signature: &Signature, digest: Digest) -> Result<&TrustedKey, Useless> {
        let Self::Signed { keys, claims } = self else {
            return Err(Useless::Stranger);
        };
        let public = keys.iter().map(|known| &known.key);
        let by = signature.verify(&digest, public, claims)?;
        keys.iter()
            .find(|known| known.key == *by)
            .ok_or(Useless::Stranger)
    }

    fn names(&self) -> String {
        match self {
            Self::Unsigned => String::new(),
            Self::Signed { keys, .. } => {
                let names: Vec<_> = keys.iter().map(|known| known.name.as_str()).collect();
                names.join(", ")
            }
        }
    }
}

fn refused(
    rule: &Rule,
    (what, place, digest): (&str, &str, Digest),
    mut why: Vec<(Digest, String)>,
    beside: Signatures,
) -> Failed {
    why.extend(beside.unusable);
    let (line, names) = (&rule.line, rule.demand.names());
    let mut hint = format!("whose signatures count says {line}: {names}");
    if !place.starts_with('/') {
        hint.push_str(&format!("; `cosign sign --key KEY {place}@{digest}` signs it"));
    }
    if why.is_empty() {
        let text = format!("{what} is refused: nobody has signed {place}@{digest}");
        return Failed::new(text).hint(hint);
    }
    let many = match why.len() {
        1 => "its signature does not count".to_owned(),
        many => format!("none of its {many} signatures counts"),
    };
    let mut reasons: Vec<_> = why
        .iter()
        .take(TOLD)
        .map(|(manifest, why)| format!("in {}: {why}", manifest.short()))
        .collect();
    if why.len() > TOLD || beside.more {
        reasons.push("and more".to_owned());
    }
    let reasons = reasons.join("; ");
    Failed::new(format!("{what} is refused: {place}@{digest}: {many}: {reasons}")).hint(hint)
}
