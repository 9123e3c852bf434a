//! `slipway status`.

use clap::Args;
use jiff::Timestamp;
use serde_json::json;
use slipway_engine::{
    Engine, Opening, RunError,
    steps::{Observed, View},
};
use slipway_journal::{EnvironmentState, Scope};
use slipway_model::EnvironmentName;
use slipway_plugin::{Change, InstanceState};
use slipway_report::{Environment, Instance, Observation, RunLine};

use super::{Done, looking::Known, runs};
use crate::{
    context::Context,
    error::{CommandError, ErrorKind},
};

/// Say what is deployed, what really runs, and whether the two differ
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Only this environment
    environment: Option<EnvironmentName>,
    /// Fail with exit code 7 if what runs is not what was deployed
    #[arg(long)]
    check: bool,
}

impl Status {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let known = Known::find(context).await?;
        let environments = match self.environment {
            Some(environment) => match known.project.as_ref().map(|project| &project.manifest.clusters) {
                Some(clusters) if clusters.contains_key(&environment) => {
                    clusters[&environment].environments.clone()
                }
                _ => vec![environment],
            },
            None => known.environments.clone(),
        };
        let engine = match &known.store {
            Some(_) => Some(context.engine(context.workspace()).await?),
            // Nothing was run from here, and looking leaves nothing behind.
            None => None,
        };
        let mut found = Vec::new();
        for environment in environments {
            let scope = known.scope(&environment).await?;
            let mut looked = match &engine {
                Some(engine) => look(engine, scope).await?,
                None => never(scope),
            };
            let written = known
                .project
                .as_ref()
                .map(|project| &project.manifest.environments);
            looked.opening = written
                .and_then(|written| written.get(&environment))
                .and_then(|written| Opening::at(context.ambient().now(), written));
            found.push(looked);
        }
        context.ui.answer(&json!({ "environments": found }), || {
            found
                .iter()
                .map(Environment::words)
                .collect::<Vec<_>>()
                .join("\n")
        });
        let unsure = found
            .iter()
            .find_map(|environment| environment.observed.trouble.as_ref());
        let drift: usize = found.iter().map(|environment| environment.drift.len()).sum();
        match (self.check, unsure, drift) {
            (true, Some(trouble), _) => Err(CommandError::failed(format!(
                "not everything could be seen: {trouble}"
            ))),
            (true, None, 1..) => {
                let text = format!("{drift} difference(s) between what runs and what was deployed");
                Err(CommandError::new(ErrorKind::Different, text))
            }
            _ => Ok(()),
        }
    }
}

/// Of an environment in which nothing was done yet.
fn never(Scope { service, environment }: Scope) -> Environment {
    let (state, seen) = (EnvironmentState::default(), Observation::default());
    Environment::of((service, environment), state, seen, None)
}

async fn look(engine: &Engine, scope: Scope) -> Result<Environment, CommandError> {
    let run = runs::latest(&engine.store, Some(scope.environment.clone())).await?;
    let run = run.map(|run| RunLine::of(&run, Timestamp::now()));
    let (_, state) = engine.store.environment(&scope).await?;
    // Where nothing was deployed there is nothing to see, and nobody has to be asked.
    let seen = if state == EnvironmentState::default() {
        Observation::default()
    } else {
        match observe(engine, &scope, &state).await {
            Ok((observed, changed)) => observation(observed, &changed),
            Err(error) => Observation {
                trouble: Some(CommandError::from(error).message),
                ..Observation::default()
            },
        }
    };
    Ok(Environment::of(
        (scope.service, scope.environment),
        state,
        seen,
        run,
    ))
}

async fn observe(
    engine: &Engine,
    scope: &Scope,
    state: &EnvironmentState,
) -> Result<(Observed, Vec<Change>), RunError> {
    let Some(mut view) = View::open(engine, scope, state).await? else {
        return Ok((Observed::default(), Vec::new()));
    };
    let observed = view.observe().await?;
    // While a candidate stands beside the current revision, two of them have something to say about one place.
    let changed = match (&state.current, &state.candidate) {
        (Some(current), None) => view.drift(engine, current).await?,
        _ => Vec::new(),
    };
    Ok((observed, changed))
}

fn observation(observed: Observed, changed: &[Change]) -> Observation {
    let changed = changed
        .iter()
        .map(|change| format!("{}: {}", change.subject, change.detail));
    let route = observed.route.unwrap_or_default();
    let weight = |name| {
        route
            .flows
            .iter()
            .find(|flow| flow.instance == name)
            .map(|flow| flow.weight)
    };
    let instances = observed
        .instances
        .into_iter()
        .map(|instance| Instance {
            weight: weight(instance.name.clone()),
            well: matches!(
                instance.state,
                InstanceState::Healthy | InstanceState::Partial | InstanceState::Starting
            ),
            state: word(instance.state).to_owned(),
            ports: instance
                .ports
                .into_iter()
                .map(|port| (port.name, port.address))
                .collect(),
            name: instance.name,
            revision: instance.revision,
            restarts: instance.restarts,
            detail: instance.detail,
        })
        .collect();
    Observation {
        instances,
        changed: changed.collect(),
        address: route.address,
        preview_address: route.preview_address,
        trouble: None,
    }
}

fn word(state: InstanceState) -> &'static str {
    match state {
        InstanceState::Starting => "starting",
        InstanceState::Partial => "partial",
        InstanceState::Healthy => "healthy",
        InstanceState::Unhealthy => "unhealthy",
        InstanceState::Failed => "failed",
        InstanceState::Stopping => "stopping",
        InstanceState::Stopped => "stopped",
    }
}
