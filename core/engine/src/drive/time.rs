//! Whether it is the time to change the environment. Decided once, at the beginning: a run that has begun goes to its end,
//! and goes on as it was decided if it was interrupted. Ways back never ask.

use serde::{Deserialize, Serialize};
use serde_json::json;
use slipway_journal::Class;

use super::{Request, Step};
use crate::{Event, Opening, Run, RunError, project::Project};

#[derive(Serialize, Deserialize)]
struct Decision {
    opening: Option<Opening>,
    by: String,
}

/// Refuses outside of the environment's windows, unless somebody has said why it must be all the same.
pub(super) async fn in_time(
    run: &Run,
    (request, steps): (&Request, &[Step]),
    project: &Project,
    outside: Option<&str>,
) -> Result<(), RunError> {
    let name = request.environment.as_ref();
    let found = name.and_then(|name| Some((name, project.manifest.environments.get(name)?)));
    let Some((name, environment)) = found.filter(|_| steps.iter().any(|step| step.changes())) else {
        return Ok(());
    };
    if environment.windows.is_empty() && environment.freezes.is_empty() {
        return Ok(());
    }
    let rules = json!({ "windows": environment.windows, "freezes": environment.freezes });
    let Decision { opening, by } = run
        .activity("window", Class::Read, rules, || async {
            Ok(Decision {
                opening: Opening::at(run.now(), environment),
                by: run.who(),
            })
        })
        .await?;
    let Some(opening) = opening else { return Ok(()) };
    let reason = outside.filter(|_| !opening.open).map(str::to_owned);
    let refusal = (!opening.open && reason.is_none()).then(|| opening.refusal(name));
    run.tell(Event::Timed { opening, by, reason }).await?;
    match refusal {
        Some(refusal) => Err(RunError::Closed(refusal)),
        None => Ok(()),
    }
}
