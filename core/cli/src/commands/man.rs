//! `slipway man`.

use std::{fs, path::PathBuf};

use clap::{Args, CommandFactory as _};

use super::Done;
use crate::{args::Cli, error::CommandError, ui::Ui};

/// Print the manual page, or write those of all commands into a folder
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The folder for the pages
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(self, ui: Ui) -> Done {
        let command = Cli::command();
        let Some(out) = self.out else {
            let mut page = Vec::new();
            clap_mangen::Man::new(command)
                .render(&mut page)
                .map_err(|error| CommandError::failed(format!("cannot write the page: {error}")))?;
            ui.raw(&page);
            return Ok(());
        };
        let cannot = |error| CommandError::failed(format!("cannot write to {}: {error}", out.display()));
        fs::create_dir_all(&out).map_err(cannot)?;
        clap_mangen::generate_to(command, &out).map_err(cannot)?;
        ui.say(&format!(
            "pages for slipway and its commands are in {}",
            out.display()
        ));
        Ok(())
    }
}
