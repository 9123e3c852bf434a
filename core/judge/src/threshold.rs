//! Against fixed bounds.

use crate::{Outcome, Series, Settings};

pub(crate) fn threshold(settings: &Settings, seen: &Series) -> (Outcome, String) {
    let Some(level) = seen.level() else {
        return (Outcome::Inconclusive, "nothing was seen".to_owned());
    };
    match (settings.min, settings.max) {
        (Some(min), _) if level < min => (Outcome::Fail, format!("{seen}, at least {min} is needed")),
        (_, Some(max)) if level > max => (Outcome::Fail, format!("{seen}, at most {max} is allowed")),
        _ => (Outcome::Pass, seen.to_string()),
    }
}
