//! `slipway adapt`.

use clap::Args;
use slipway_engine::{
    Failed, Step, Workspace,
    dependencies::Look,
    lock::Lock,
    project::{Decided, Project},
    steps::{Adaptation, Undecided, undecided},
};
use slipway_model::EnvironmentName;

use super::{
    Done,
    running::{assignment, known_everywhere},
    services::{Service, services},
    turns::{Asked, Jobs, steps_of},
};
use crate::{context::Context, error::CommandError, operator::OperatorFile, questions, values_file};

/// Generate the final configuration of one environment into deployment/
#[derive(Debug, Args)]
pub(crate) struct Adapt {
    /// One of the manifest's environments
    environment: EnvironmentName,
    /// Set a parameter, above every other value
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// First ask for every value that is missing (a line each on stdin), and write it into the environment's last overlay
    #[arg(long)]
    interactive: bool,
    #[command(flatten)]
    jobs: Jobs,
}

impl Adapt {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let Self {
            environment,
            set,
            interactive,
            jobs,
        } = self;
        let projects = context.projects().await?;
        known_everywhere(&projects, &environment)?;
        let services = services(context, projects, Look::AsReleased).await?;
        if interactive {
            for (position, service) in services.iter().enumerate() {
                // What is said on the command line is about the service that was asked for.
                let own = position + 1 == services.len();
                let set = if own { set.clone() } else { Vec::new() };
                for environment in service.project.manifest.environments_of(&environment) {
                    decide(context, service, environment, set.clone()).await?;
                }
            }
        }
        let asked = Asked {
            steps: vec![Step::Adapt],
            environment: Some(environment.clone()),
            set,
            jobs,
            ..Asked::default()
        };
        steps_of(context, &services, asked).await.map_err(|error| {
            let missing = |code: &str| code == "missing-value";
            let diagnostics = &error.problems.diagnostics;
            if diagnostics.iter().any(|diagnostic| missing(&diagnostic.code)) {
                error.hint(format!(
                    "`slipway adapt {environment} --interactive` asks for them"
                ))
            } else {
                error
            }
        })
    }
}

/// Asks for what one service's environment has not decided yet, and writes every answer down before the next question.
async fn decide(
    context: &Context,
    service: &Service,
    environment: &EnvironmentName,
    set: Vec<(String, String)>,
) -> Done {
    let project = &service.project;
    let workspace = Workspace::new(&project.root);
    let package = Lock::read(&workspace)?.package;
    let package =
        package.ok_or_else(|| Failed::new("nothing is released yet").hint("`slipway release` first"))?;
    let adaptation = Adaptation {
        environment: environment.clone(),
        package,
        set,
    };
    let engine = context.engine_of(project).await?;
    let Undecided { parameters, secrets } = undecided(&engine, project, &adaptation).await?;
    for secret in secrets {
        if !context.operator.knows_secret(environment.as_str(), &secret) {
            let line = OperatorFile::secret_line(environment.as_str(), &secret);
            context
                .ui
                .note(&format!("`{secret}` is a secret, and is not asked for: {line}"));
        }
    }
    if parameters.is_empty() {
        return Ok(());
    }
    let overlay = project.manifest.environments[environment].overlays.last();
    let overlay = overlay.ok_or_else(|| {
        let names: Vec<_> = parameters.iter().map(|(name, _)| format!("`{name}`")).collect();
        let missing = names.join(", ");
        match &project.decided {
            Some(Decided { file, name, .. }) => of_a_package(project, environment, &missing).hint(format!(
                "write them into {} under `[environments.{environment}.dependencies.{name}]`, as `values`",
                file.display()
            )),
            None => no_overlay(environment, &missing),
        }
    })?;
    let others: Vec<_> = project
        .manifest
        .environments
        .iter()
        .filter(|(name, other)| *name != environment && other.overlays.contains(overlay))
        .map(|(name, _)| name.as_str())
        .collect();
    if !others.is_empty() {
        let others = others.join(", ");
        context.ui.note(&format!(
            "what is answered counts for {others} too: overlay `{overlay}` is theirs as well"
        ));
    }
    let file = workspace.adaptations().join(overlay).join("values.toml");
    let draft = workspace.state().join("values.toml");
    for (name, parameter) in &parameters {
        let value = questions::ask(context.ui, name, parameter)?;
        values_file::add(&file, &draft, (name, &parameter.kind), &value)?;
    }
    let shown = file.strip_prefix(".").unwrap_or(&file);
    context.ui.say(&format!("written into {}", shown.display()));
    Ok(())
}

fn of_a_package(project: &Project, environment: &EnvironmentName, missing: &str) -> CommandError {
    let service = &project.manifest.service.name;
    CommandError::failed(format!("{missing}: no value for {service} in {environment}"))
}

fn no_overlay(environment: &EnvironmentName, missing: &str) -> CommandError {
    CommandError::failed(format!(
        "{missing}: no value in {environment}, which has no overlay to write one into"
    ))
    .hint(format!(
        "add `{environment} = {{}}` under `[overlays]` and `overlays = [\"{environment}\"]` under \
         `[environments.{environment}]`"
    ))
    .hint("or give it with `--set NAME=VALUE`")
}
