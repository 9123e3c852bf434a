//! Whose signatures count, place by place, as the operator says it; and what is done with that: what comes from a registry
//! is admitted before it is used, by the digest that is used from then on, and what was admitted is held against the policy
//! once more before it is deployed.
//!
//! Without a policy nothing is asked of anybody. With one, what it says nothing of is refused.

mod admit;
mod area;
mod confirm;
mod policy;
mod record;

pub use admit::{Admitted, Signed, admit};
pub(crate) use admit::{admit_at, admit_web};
pub use area::{Area, NotAnArea};
pub(crate) use area::{place_of, place_of_file};
pub use confirm::{By, Verdict};
pub(crate) use confirm::{confirm, verdicts};
pub use policy::{Demand, Rule, Trust, TrustedKey};
pub(crate) use record::Record;
