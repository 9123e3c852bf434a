//! One file a command; this one only chooses.

mod adapt;
mod agent;
mod archive;
mod artifact;
mod completions;
mod cutover;
mod deploy;
mod diff;
mod explain;
mod history;
mod init;
mod logs;
mod man;
mod package;
mod plan;
mod plugin;
mod redeploy;
mod release;
mod resume;
mod rollback;
mod run;
mod running;
mod schema;
mod signal;
mod status;
mod validate;

use std::process::ExitCode;

use clap::{ColorChoice, Subcommand};

use crate::{
    args::Cli,
    context::{Context, Hooks},
    error::CommandError,
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
    Release(release::Release),
    Adapt(adapt::Adapt),
    Deploy(deploy::Deploy),
    Cutover(cutover::Cutover),
    Run(run::Run),
    Status(status::Status),
    History(history::History),
    Logs(logs::Logs),
    Rollback(rollback::Rollback),
    Redeploy(redeploy::Redeploy),
    Pause(signal::Pause),
    Resume(resume::Resume),
    Promote(signal::Promote),
    Abort(signal::Abort),
    Approve(signal::Approve),
    Archive(archive::Archive),
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
    let ui = Ui { format: cli.format, quiet: cli.quiet, verbose: cli.verbose > 0 };
    // The agent is a process of its own kind, with its own runtime and its own log.
    let command = match cli.command {
        Command::Agent(agent) => match agent.become_agent() {
            Ok(code) => return code,
            Err(agent) => Command::Agent(agent),
        },
        command => command,
    };
    trace(cli.verbose);
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::failed(format!("cannot set up the runtime: {error}")))
        .and_then(|runtime| runtime.block_on(run(command, Context::new(ui, cli.file, hooks)?)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            ui.error(&error);
            ExitCode::from(error.kind.exit_code())
        }
    }
}

async fn run(command: Command, context: Context) -> Done {
    match command {
        Command::Init(command) => command.run(&context),
        Command::Validate(command) => command.run(&context).await,
        Command::Plan(command) => command.run(&context).await,
        Command::Diff(command) => command.run(&context).await,
        Command::Explain(command) => command.run(&context),
        Command::Release(command) => command.run(&context).await,
        Command::Adapt(command) => command.run(&context).await,
        Command::Deploy(command) => command.run(&context).await,
        Command::Cutover(command) => command.run(&context).await,
        Command::Run(command) => command.run(&context).await,
        Command::Status(command) => command.run(&context).await,
        Command::History(command) => command.run(&context).await,
        Command::Logs(command) => command.run(&context).await,
        Command::Rollback(command) => command.run(&context).await,
        Command::Redeploy(command) => command.run(&context).await,
        Command::Pause(command) => command.run(&context).await,
        Command::Resume(command) => command.run(&context).await,
        Command::Promote(command) => command.run(&context).await,
        Command::Abort(command) => command.run(&context).await,
        Command::Approve(command) => command.run(&context).await,
        Command::Archive(command) => command.run(&context),
        Command::Package(command) => command.run(&context).await,
        Command::Artifact(command) => command.run(&context).await,
        Command::Plugin(command) => command.run(&context).await,
        Command::Agent(command) => command.run(&context).await,
        Command::Schema(command) => command.run(&context).await,
        Command::Completions(command) => command.run(),
        Command::Man(command) => command.run(&context),
    }
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
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Only the first subscriber of a process counts; tests may have set theirs.
    let _ = subscriber.without_time().try_init();
}
