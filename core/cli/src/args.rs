//! The command line as people type it. What each command means is in its own file.

use std::path::PathBuf;

use clap::{ArgAction, ColorChoice, Parser};
use slipway_model::Duration;

use crate::{commands::Command, error::EXIT_CODES, reports::Wanted, ui::Format};

/// Takes a tested release to its users: release, adapt, deploy, cutover.
#[derive(Debug, Parser)]
#[command(name = "slipway", version, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Cli {
    /// The manifest, or the folder that holds it
    #[arg(
        long,
        short = 'C',
        global = true,
        value_name = "PATH",
        default_value = "deploy.toml"
    )]
    pub(crate) file: PathBuf,

    /// How answers are printed
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,

    /// Say only what went wrong
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,

    /// Say more; twice for everything
    #[arg(long, short, global = true, action = ArgAction::Count, conflicts_with = "quiet")]
    pub(crate) verbose: u8,

    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto)]
    pub(crate) color: ColorChoice,

    /// How long to wait while another run changes the same environment; `0s`: not at all
    #[arg(long, global = true, value_name = "DURATION", default_value = "1h")]
    pub(crate) wait: Duration,

    /// When a run ends, write what all runs of this command came to; may be given again (or SLIPWAY_REPORT, with commas)
    #[arg(long, global = true, value_name = "KIND=FILE")]
    pub(crate) report: Vec<Wanted>,

    #[command(subcommand)]
    pub(crate) command: Command,
}
