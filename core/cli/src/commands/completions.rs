//! `slipway completions`.

use clap::{Args, CommandFactory as _};
use clap_complete::{Shell, generate};

use super::Done;
use crate::{args::Cli, ui::Ui};

/// Print completions for a shell, from the same definition as this help
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell to complete in
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self, ui: Ui) -> Done {
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), "slipway", &mut script);
        ui.raw(&script);
        Ok(())
    }
}
