//! `slipway rollback`.

use clap::Args;
use slipway_engine::{
    Engine, Member, Request, RunError, Work, begin, idle, project::manifest_in, steps::deployed_plan,
};
use slipway_journal::{Deployed, EnvironmentState, Scope};
use slipway_model::EnvironmentName;
use slipway_report::TIME;

use super::{
    Done,
    running::{carry_out, failed, stop_on_ctrl_c, tell},
    runs,
    together::{Part, as_begun, beside, together, told_together},
};
use crate::{context::Context, error::CommandError};

/// Put users back on a revision that was current before; nothing is released or adapted anew
#[derive(Debug, Args)]
pub(crate) struct Rollback {
    /// One of the manifest's environments
    environment: EnvironmentName,
    /// The revision, by the beginning of its digest, or its version; without it the one before
    #[arg(long, value_name = "REVISION")]
    to: Option<String>,
}

impl Rollback {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let workspace = context.workspace();
        context.ledger(&workspace).await?;
        let engine = context.engine(workspace).await?;
        let scope = runs::scope(&engine.store, &self.environment).await?;
        let stop = stop_on_ctrl_c(context);
        // What runs now may be another's to change: what was before is known when that has ended.
        idle(&engine, &scope, &stop).await?;
        let (_, state) = engine.store.environment(&scope).await?;
        let to = choose(&state, self.to.as_deref()).map_err(|error| match state.previous.as_slice() {
            [] => error.hint("`slipway redeploy ENTRY` takes a revision from the archive"),
            previous => previous.iter().fold(error, |error, one| {
                error.hint(format!(
                    "--to {} is {}, there since {}",
                    one.revision.short(),
                    one.version,
                    one.at.strftime(TIME)
                ))
            }),
        })?;
        context.ui.say(&format!(
            "back to {} (revision {})",
            to.version,
            to.revision.short()
        ));
        let work = Work::RollBack {
            revision: to.revision,
        };
        if let Some(parts) = all_of_them(context, &engine, to, work.clone()).await? {
            let went = together(context, (&self.environment, None), parts, &stop).await?;
            return told_together(context, Some(&self.environment), &went);
        }
        let request = Request::new(scope.service, Some(self.environment), work);
        let run = begin(&engine, &request, stop).await?;
        let ended = carry_out(context, &engine, &run, &request, None).await?;
        tell(context, &ended);
        failed(&ended)
    }
}

/// With those that were released together with this revision and are not on what they had with it.
async fn all_of_them(
    context: &Context,
    engine: &Engine,
    to: &Deployed,
    work: Work,
) -> Result<Option<Vec<Part>>, CommandError> {
    let then = engine.store.run(to.run.as_str()).await.map_err(RunError::from)?;
    let Ok(Request {
        together,
        environment: Some(environment),
        ..
    }) = serde_json::from_str(&then.plan)
    else {
        return Ok(None);
    };
    let mut parts = Vec::new();
    for Member {
        service, file, run, ..
    } in together
    {
        let file = beside(&manifest_in(&context.file), &file);
        let project = as_begun(context, &file, &run).await?;
        let engine = context.engine_of(&project).await?;
        let revision = deployed_plan(&engine, &run).await?.plan.new.revision;
        let scope = Scope {
            service,
            environment: environment.clone(),
        };
        let (_, state) = engine.store.environment(&scope).await.map_err(RunError::from)?;
        if state.current.is_some_and(|current| current.revision == revision) {
            continue;
        }
        let work = Work::RollBack { revision };
        context.ui.say(&format!(
            "{} with it, back to revision {}",
            scope.service,
            revision.short()
        ));
        parts.push(Part { project, work });
    }
    if parts.is_empty() {
        return Ok(None);
    }
    let project = as_begun(context, &manifest_in(&context.file), &to.run).await?;
    parts.push(Part { project, work });
    Ok(Some(parts))
}

fn choose<'a>(state: &'a EnvironmentState, wanted: Option<&str>) -> Result<&'a Deployed, CommandError> {
    let current = state.current.as_ref().map(|current| current.revision);
    let mut previous = state
        .previous
        .iter()
        .filter(|previous| Some(previous.revision) != current);
    let Some(wanted) = wanted else {
        return previous
            .next()
            .ok_or_else(|| CommandError::failed("there is no revision to go back to"));
    };
    let digits = wanted.strip_prefix("sha256:").unwrap_or(wanted);
    let means = |one: &&Deployed| {
        !digits.is_empty() && (one.revision.hex().starts_with(digits) || one.version == wanted)
    };
    let found: Vec<_> = previous.filter(means).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(CommandError::usage(format!(
            "no revision that can be gone back to is called `{wanted}`"
        ))),
        _ => Err(CommandError::usage(format!("`{wanted}` is several revisions"))),
    }
}

#[cfg(test)]
mod tests {
    use slipway_model::Digest;

    use super::*;

    fn deployed(name: &str) -> Deployed {
        Deployed {
            revision: Digest::of(name),
            package: Digest::of("package"),
            version: name.to_owned(),
            instances: Vec::new(),
            run: "r-1".parse().unwrap(),
            at: "2026-01-01T00:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn the_one_before_or_the_one_named() {
        let previous = ["3", "2", "1", "1"].map(deployed).to_vec();
        let state = EnvironmentState {
            current: Some(deployed("3")),
            candidate: None,
            previous,
        };
        let check = |wanted: Option<&str>, expected: Option<&str>| {
            let found = choose(&state, wanted).ok().map(|one| one.version.as_str());
            assert_eq!(found, expected, "{wanted:?}");
        };
        check(None, Some("2"));
        check(Some("2"), Some("2"));
        check(Some(&Digest::of("2").short()), Some("2"));
        check(Some(&Digest::of("2").to_string()), Some("2"));
        check(Some("3"), None);
        check(Some("1"), None);
        check(Some("sha256:"), None);
        check(Some(""), None);
    }
}
