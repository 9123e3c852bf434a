//! The archives that the operator wants every run in (`[archive] copy-to`), below the name of the service.
//!
//! The first of them is the one that all who deploy the service add to, from whichever checkout: the archive of a checkout goes on
//! with its entries, and whoever finds that others were faster puts theirs behind. The others are copies of it.

use std::{collections::BTreeMap, fs, io::ErrorKind};

use slipway_archive::{Again, Archive, Destination, Error, Pushed, Trust};
use slipway_engine::{Failed, Workspace, write_atomically};
use slipway_model::{Digest, ServiceName};

use super::{blocking, open, push};
use crate::{context::Context, error::CommandError};

/// How often in a row others may be faster.
const RACES: usize = 20;

/// What came to each place, and where it did not.
#[derive(Default)]
pub(crate) struct Copied {
    pub(crate) pushed: Vec<(String, Pushed)>,
    pub(crate) failed: Vec<(String, CommandError)>,
}

/// Before a run is archived. What fails is told, and comes up again when the run is copied.
pub(crate) async fn follow(context: &Context, workspace: &Workspace, service: &ServiceName) {
    let followed = async {
        match places(context, service)?.first() {
            Some(first) => follow_first(context, workspace, first).await,
            None => Ok(()),
        }
    };
    if let Err(error) = followed.await {
        let why = error.message;
        context
            .ui
            .note(&format!("the archive does not go on with its copy: {why}"));
    }
}

/// After a run. How it ended does not depend on this: what fails is told, and done with the next.
pub(crate) async fn keep(context: &Context, workspace: &Workspace, service: &ServiceName) {
    if !workspace.archive().is_dir() {
        return;
    }
    let failed = match push_all(context, workspace, service).await {
        Ok(copied) => copied.failed,
        Err(error) => vec![("its copies".to_owned(), error)],
    };
    for (place, error) in failed {
        context.ui.note(&format!(
            "the archive is not copied to {place}: {}; the next run does it too, or `slipway archive push`",
            error.message
        ));
    }
}

/// To the first place, and what came there to the others.
pub(crate) async fn push_all(
    context: &Context,
    workspace: &Workspace,
    service: &ServiceName,
) -> Result<Copied, CommandError> {
    let mut copied = Copied::default();
    let places = places(context, service)?;
    let Some((first, others)) = places.split_first() else {
        return Ok(copied);
    };
    match push_first(context, workspace, first).await {
        Ok(pushed) => copied.pushed.push((first.to_string(), pushed)),
        Err(error) => {
            copied.failed.push((first.to_string(), error));
            return Ok(copied);
        }
    }
    for place in others {
        match push_on(context, workspace, first, place).await {
            Ok(pushed) => copied.pushed.push((place.to_string(), pushed)),
            Err(error) => copied.failed.push((place.to_string(), error)),
        }
    }
    Ok(copied)
}

fn places(context: &Context, service: &ServiceName) -> Result<Vec<Destination>, CommandError> {
    let places = context.operator.copies()?;
    let below = places.iter().map(|place| place.below(service));
    Ok(below.collect::<Result<_, _>>()?)
}

/// As it is gone on with: with whatever part of the chain is here.
fn here(context: &Context, workspace: &Workspace) -> Result<Archive, CommandError> {
    Ok(Archive::open(workspace.archive())?
        .trusting(Trust::of_a_part())
        .signed_by(context.operator.archive_key()?))
}

async fn follow_first(
    context: &Context,
    workspace: &Workspace,
    first: &Destination,
) -> Result<(), CommandError> {
    if matches!(first, Destination::Folder(folder) if !folder.join("index.json").is_file()) {
        return Ok(());
    }
    let mut seen = seen(workspace)?;
    let there = open(context, first)?.trusting(Trust {
        head: seen.get(&first.to_string()).copied(),
        ..Trust::default()
    });
    let here = here(context, workspace)?;
    let followed = blocking(&here, move |here| here.follow(&there)).await?;
    for Again { was, now } in &followed.again {
        context.ui.note(&format!(
            "archive entry {} is {} now: others had added to {first} before it",
            was.short(),
            now.short()
        ));
    }
    if let Some(head) = followed.head
        && seen.insert(first.to_string(), head) != Some(head)
    {
        let text = serde_json::to_string_pretty(&seen).map_err(Failed::from_error)?;
        write_atomically(&workspace.archive_seen(), text.as_bytes())?;
    }
    Ok(())
}

async fn push_first(
    context: &Context,
    workspace: &Workspace,
    first: &Destination,
) -> Result<Pushed, CommandError> {
    let here = here(context, workspace)?;
    let mut races = 0;
    loop {
        match push(context, &here, first).await? {
            Err(Error::Raced(_) | Error::Diverged { .. } | Error::Behind { .. }) if races < RACES => {
                races += 1;
                follow_first(context, workspace, first).await?;
            }
            pushed => return Ok(pushed?),
        }
    }
}

/// From here, or from the first place, if what lies between is there alone.
async fn push_on(
    context: &Context,
    workspace: &Workspace,
    first: &Destination,
    place: &Destination,
) -> Result<Pushed, CommandError> {
    match push(context, &here(context, workspace)?, place).await? {
        Err(Error::Gap { .. }) => Ok(push(context, &open(context, first)?, place).await??),
        pushed => Ok(pushed?),
    }
}

/// What was the head of each place when it was last looked at from here.
fn seen(workspace: &Workspace) -> Result<BTreeMap<String, Digest>, CommandError> {
    let path = workspace.archive_seen();
    let cannot = |error: &dyn std::fmt::Display| {
        CommandError::failed(format!("cannot read {}: {error}", path.display())).hint(
            "without it nobody notices from here that entries were taken away from the copies; remove it if that may be",
        )
    };
    match fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| cannot(&error)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(cannot(&error)),
    }
}
