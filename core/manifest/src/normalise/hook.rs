//! Hooks, with their defaults.

use slipway_model::Duration;

use super::plain::plain;
use crate::{Hook, HookFailure, HookPlace, written};

const TIMEOUT: Duration = Duration::from_secs(300);

pub(super) fn hook(name: &str, written: &written::Hook) -> Option<Hook> {
    Some(Hook {
        name: name.to_owned(),
        at: written.at.as_ref()?.value,
        place: written.place.as_ref().map_or(HookPlace::Operator, |at| at.value),
        artifact: written.artifact.as_ref().map(|at| at.value.clone()),
        part: written.part.as_ref().map(|at| at.value.clone()),
        run: plain(written.run.as_ref()),
        timeout: written.timeout.as_ref().map_or(TIMEOUT, |timeout| timeout.value),
        repeatable: written.repeatable.as_ref().is_some_and(|at| at.value),
        on_failure: written
            .on_failure
            .as_ref()
            .map_or(HookFailure::Fail, |at| at.value),
        point_of_no_return: written.point_of_no_return.as_ref().is_some_and(|at| at.value),
    })
}
