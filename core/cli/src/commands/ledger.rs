//! `slipway ledger`.

use std::iter;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Serialize;
use slipway_engine::Workspace;
use slipway_journal::{Error, Moved, migrate};

use super::{Done, ledgers::laid_out};
use crate::{
    context::Context,
    error::{CommandError, ErrorKind},
    ledger::{moved, shown},
    operator::OperatorFile,
};

/// Look after what runs have recorded
#[derive(Debug, Args)]
pub(crate) struct Ledger {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Move all that was run from this folder to the database that the operator's file names
    ///
    /// Runs with their journals, what is deployed, what plugins remember. Refused while anything runs; all of it is read
    /// back before it counts, and may be done again after an interruption.
    Migrate,
}

#[derive(Serialize)]
struct Answer {
    ledger: String,
    files: Vec<File>,
}

#[derive(Serialize)]
struct File {
    file: String,
    runs: u64,
    entries: u64,
    bodies: u64,
    /// It had been moved before, and was only put aside now.
    before: bool,
}

impl Ledger {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let What::Migrate = self.what;
        let settings = context.team_ledger()?.ok_or_else(|| {
            CommandError::failed("the operator's file names no database to move the ledger to")
                .hint(OperatorFile::ledger_line())
        })?;
        let own = context.workspace();
        let mut answer = Answer {
            ledger: settings.ledger().to_owned(),
            files: Vec::new(),
        };
        let laid_out = laid_out(&own);
        let with_ledger = |workspace: &Workspace| workspace.ledger().exists();
        for workspace in iter::once(own.clone()).chain(laid_out).filter(with_ledger) {
            let (file, aside) = (workspace.ledger(), moved(&workspace));
            let moved = migrate(&file, settings.clone(), &aside, Timestamp::now());
            answer
                .files
                .push(File::of(&shown(&file), moved.await.map_err(told)?));
        }
        if answer.files.is_empty() {
            let text = match moved(&own).exists() {
                true => "it was moved before".to_owned(),
                false => format!("nothing was run from here: there is no {}", shown(&own.ledger())),
            };
            context.ui.note(&text);
        }
        context.ui.answer(&answer, || words(&answer));
        Ok(())
    }
}

impl File {
    fn of(file: &str, moved: Moved) -> Self {
        Self {
            file: file.to_owned(),
            runs: moved.runs,
            entries: moved.entries,
            bodies: moved.bodies,
            before: moved.before,
        }
    }
}

fn told(error: Error) -> CommandError {
    match error {
        Error::Held { .. } => CommandError::new(ErrorKind::Busy, error.to_string())
            .hint("`slipway status` shows what it does; `slipway ledger migrate` again when it has ended"),
        Error::Occupied { .. } => CommandError::from(error)
            .hint("a service has one history: move it from one folder, or to another database"),
        error => error.into(),
    }
}

fn words(answer: &Answer) -> String {
    let lines = answer.files.iter().map(|file| {
        let before = if file.before {
            ", which were there before"
        } else {
            ""
        };
        format!(
            "{}: {} runs with {} entries and {} bodies{before} are in {}",
            file.file, file.runs, file.entries, file.bodies, answer.ledger
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}
