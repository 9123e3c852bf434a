//! What commands that change an environment are told to go ahead with outside of its windows.

use clap::Args;
use slipway_engine::{Opening, Step};
use slipway_model::EnvironmentName;

use super::{Done, services::Service};
use crate::{
    context::Context,
    error::{CommandError, ErrorKind},
};

#[derive(Debug, Args)]
pub(super) struct Outside {
    /// Go ahead outside of the environment's windows or in a freeze; the record says who did and why
    #[arg(id = "outside-window", long = "outside-window", value_name = "REASON", value_parser = reason)]
    pub(super) reason: Option<String>,
}

/// A run of one service is refused by itself. Of several, none may have begun when one of them is.
pub(super) fn in_time(
    context: &Context,
    services: &[Service],
    (steps, environment): (&[Step], Option<&EnvironmentName>),
) -> Done {
    let changes = steps.iter().any(|step| step.changes());
    let (Some(environment), true, 2..) = (environment, changes, services.len()) else {
        return Ok(());
    };
    let now = context.ambient().now();
    for Service { project, .. } in services {
        let manifest = &project.manifest;
        let names = manifest.environments_of(environment).into_iter();
        let mut openings = names.filter_map(|name| Opening::at(now, &manifest.environments[name]));
        if let Some(closed) = openings.find(|opening| !opening.open) {
            let service = &manifest.service.name;
            let refusal = closed.refusal(&format!("{service} in {environment}"));
            return Err(CommandError {
                kind: ErrorKind::Closed,
                ..refusal.into()
            });
        }
    }
    Ok(())
}

fn reason(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("say why, for whoever reads the record".to_owned()),
        said => Ok(said.to_owned()),
    }
}
