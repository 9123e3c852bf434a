//! Whose signatures count, place by place, as the operator says it; and what is done with that: what comes from a registry
//! is admitted before it is used, by the digest that is used from then on, and what was admitted is held against the policy
//! once more before it is deployed.
//!
//! Without a policy nothing is asked of anybody. With one, what it says nothing of is refused.

mod admit;
mod area;
mod confirm;
mod record;

use std::{collections::BTreeMap, path::PathBuf};

use slipway_registry::PublicKey;

pub use admit::{Admitted, Signed, admit};
pub(crate) use admit::{admit_at, admit_web};
pub use area::{Area, NotAnArea};
pub(crate) use area::{place_of, place_of_file};
pub use confirm::{By, Verdict};
pub(crate) use confirm::{confirm, verdicts};
pub(crate) use record::Record;

/// The policy. What is longest decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    pub rules: Vec<Rule>,
    /// Where it is written.
    pub file: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub area: Area,
    pub demand: Demand,
    /// Where it is written: `operator.toml:12`.
    pub line: String,
}

/// What is asked of what comes from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Demand {
    /// Nothing.
    Unsigned,
    /// A signature by one of these.
    Signed {
        keys: Vec<TrustedKey>,
        /// That says at least this.
        claims: BTreeMap<String, String>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedKey {
    /// As the operator calls it.
    pub name: String,
    pub key: PublicKey,
}

impl Trust {
    pub(crate) fn rule(&self, place: &str) -> Option<&Rule> {
        let covering = self.rules.iter().filter(|rule| rule.area.covers(place));
        covering.max_by_key(|rule| rule.area.length())
    }
}
