//! All commands that there are, and how one is chosen and run. Its error becomes the exit code here.

use std::{path::PathBuf, process::ExitCode};

use clap::{ColorChoice, Subcommand};
use tokio::runtime::Runtime;

use super::{
    abort, adapt, adopt, agent, archive, artifact, completions, cutover, decide, deploy, diff, explain,
    history, init, judge, ledger, logs, man, package, plan, plugin, redeploy, release, render, replay,
    report, resume, rollback, run, schema, signal, status, validate,
};
use crate::{
    args::Cli,
    context::{Context, Hooks},
    error::CommandError,
    reports::{Reports, Wanted},
    ui::Ui,
};

pub(crate) type Done = Result<(), CommandError>;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(init::Init),
    Validate(validate::Validate),
    Plan(plan::Plan),
    Diff(diff::Diff),
    Explain(explain::Explain),
    Render(render::Render),
    Release(release::Release),
    Adapt(adapt::Adapt),
    Deploy(deploy::Deploy),
    Cutover(cutover::Cutover),
    Run(run::Run),
    Adopt(adopt::Adopt),
    Status(status::Status),
    History(history::History),
    Logs(logs::Logs),
    Report(report::Report),
    Judge(judge::Judge),
    Rollback(rollback::Rollback),
    Redeploy(redeploy::Redeploy),
    Replay(replay::Replay),
    Pause(signal::Pause),
    Resume(resume::Resume),
    Promote(signal::Promote),
    Abort(abort::Abort),
    Approve(signal::Approve),
    Decide(decide::Decide),
    Archive(archive::Archive),
    Ledger(ledger::Ledger),
    Package(package::Package),
    Artifact(artifact::Artifact),
    Plugin(plugin::Plugin),
    Agent(agent::Agent),
    Schema(schema::Schema),
    Completions(completions::Completions),
    Man(man::Man),
}

pub(crate) fn dispatch(cli: Cli, hooks: Hooks) -> ExitCode {
    choose_color(cli.color);
    let ui = Ui {
        format: cli.format,
        quiet: cli.quiet,
    };
    let frame = Frame {
        ui,
        file: cli.file,
        wait: cli.wait.std(),
        verbose: cli.verbose,
        reports: cli.report,
        hooks,
    };
    let done = match cli.command {
        // These need nothing but what was typed; the agent sets up its own runtime and its own log.
        Command::Completions(command) => command.run(ui),
        Command::Man(command) => command.run(ui),
        Command::Agent(command) => command.run(ui),
        Command::Init(command) => frame.run(async |context| command.run(context)),
        Command::Validate(command) => frame.run(async |context| command.run(context).await),
        Command::Plan(command) => frame.run(async |context| command.run(context).await),
        Command::Diff(command) => frame.run(async |context| command.run(context).await),
        Command::Explain(command) => frame.run(async |context| command.run(context)),
        Command::Render(command) => frame.run(async |context| command.run(context).await),
        Command::Release(command) => frame.run(async |context| command.run(context).await),
        Command::Adapt(command) => frame.run(async |context| command.run(context).await),
        Command::Deploy(command) => frame.run(async |context| command.run(context).await),
        Command::Cutover(command) => frame.run(async |context| command.run(context).await),
        Command::Run(command) => frame.run(async |context| command.run(context).await),
        Command::Adopt(command) => frame.run(async |context| command.run(context).await),
        Command::Status(command) => frame.run(async |context| command.run(context).await),
        Command::History(command) => frame.run(async |context| command.run(context).await),
        Command::Logs(command) => frame.run(async |context| command.run(context).await),
        Command::Report(command) => frame.run(async |context| command.run(context).await),
        Command::Judge(command) => frame.run(async |context| command.run(context).await),
        Command::Rollback(command) => frame.run(async |context| command.run(context).await),
        Command::Replay(command) => frame.run(async |context| command.run(context).await),
        Command::Redeploy(command) => frame.run(async |context| command.run(context).await),
        Command::Pause(command) => frame.run(async |context| command.run(context).await),
        Command::Resume(command) => frame.run(async |context| command.run(context).await),
        Command::Promote(command) => frame.run(async |context| command.run(context).await),
        Command::Abort(command) => frame.run(async |context| command.run(context).await),
        Command::Decide(command) => frame.run(async |context| command.run(context).await),
        Command::Approve(command) => frame.run(async |context| command.run(context).await),
        Command::Archive(command) => frame.run(async |context| command.run(context).await),
        Command::Ledger(command) => frame.run(async |context| command.run(context).await),
        Command::Package(command) => frame.run(async |context| command.run(context).await),
        Command::Artifact(command) => frame.run(async |context| command.run(context).await),
        Command::Plugin(command) => frame.run(async |context| command.run(context).await),
        Command::Schema(command) => frame.run(async |context| command.run(context).await),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            ui.error(&error);
            ExitCode::from(error.kind.exit_code())
        }
    }
}

/// What a command is run in.
struct Frame {
    ui: Ui,
    file: PathBuf,
    wait: std::time::Duration,
    verbose: u8,
    reports: Vec<Wanted>,
    hooks: Hooks,
}

impl Frame {
    fn run(self, command: impl AsyncFnOnce(&Context) -> Done) -> Done {
        trace(self.verbose);
        let runtime = runtime()?;
        let mut context = Context::new(self.ui, self.file, self.wait, self.hooks)?;
        context.reports = Reports::new(self.reports)?;
        runtime.block_on(command(&context))
    }
}

pub(crate) fn runtime() -> Result<Runtime, CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| CommandError::failed(format!("cannot set up the runtime: {error}")))
}

fn choose_color(choice: ColorChoice) {
    let choice = match choice {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

fn trace(verbose: u8) {
    let level = match verbose {
        0 => "error",
        1 => "info",
        _ => "debug",
    };
    let filter = std::env::var("SLIPWAY_LOG").unwrap_or_else(|_| level.to_owned());
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // Only the first subscriber of a process counts; tests may have set theirs.
    let _ = subscriber.without_time().try_init();
}
