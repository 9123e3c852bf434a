//! Archives that are somewhere else: opened with the operator's credentials, and kept up to date after each run.

use slipway_archive::{Archive, Destination, Error, Pushed};
use slipway_engine::{Failed, Workspace};
use tokio::{runtime::Handle, task::spawn_blocking};

use crate::{context::Context, error::CommandError};

/// Touches nothing.
pub(crate) fn open(context: &Context, place: &Destination) -> Result<Archive, CommandError> {
    let runtime = Handle::current();
    match place {
        // Looking must not make one.
        Destination::Folder(folder) if !folder.join("index.json").is_file() => Err(CommandError::failed(
            format!("there is no archive at {}", folder.display()),
        )),
        Destination::Folder(folder) => Ok(Archive::open(folder)?),
        Destination::Repository(url) => Ok(Archive::in_repository(url, &context.registries()?, runtime)?),
        Destination::Bucket { name, prefix } => {
            let access = context.operator.bucket(name)?;
            Ok(Archive::in_bucket(name, prefix, access, runtime)?)
        }
    }
}

/// Fails where nobody answers, or with something else than an archive: that is no damage of one.
pub(crate) async fn reach(archive: &Archive) -> Result<(), CommandError> {
    let head = blocking(archive, |archive| Ok(archive.head())).await?;
    match head {
        Err(error @ (Error::NoArchive(_) | Error::Elsewhere { .. } | Error::Registry(_))) => {
            Err(error.into())
        }
        _ => Ok(()),
    }
}

/// Everything that is not there yet.
pub(crate) async fn push(
    context: &Context,
    archive: &Archive,
    place: &Destination,
) -> Result<Pushed, CommandError> {
    let there = match place {
        Destination::Folder(folder) => Archive::open(folder)?,
        place => open(context, place)?,
    };
    blocking(archive, move |archive| archive.push(&there)).await
}

/// Reading and writing elsewhere waits: it is done beside the runtime, which it is done on.
pub(crate) async fn blocking<T: Send + 'static>(
    archive: &Archive,
    work: impl FnOnce(&Archive) -> Result<T, slipway_archive::Error> + Send + 'static,
) -> Result<T, CommandError> {
    let archive = archive.clone();
    let done = spawn_blocking(move || work(&archive)).await;
    Ok(done.map_err(Failed::from_error)??)
}

/// Where the operator wants copies of this archive: below each place that is named, by the service.
pub(crate) fn wanted(context: &Context, archive: &Archive) -> Result<Vec<Destination>, CommandError> {
    let places = context.operator.copies()?;
    let entries = if places.is_empty() {
        Vec::new()
    } else {
        archive.list()?
    };
    let Some(latest) = entries.last() else {
        return Ok(Vec::new());
    };
    let below = places.iter().map(|place| place.below(&latest.meta.service));
    Ok(below.collect::<Result<_, _>>()?)
}

/// After a run. How it ended does not depend on this: what fails is told, and done with the next.
pub(crate) async fn keep(context: &Context, workspace: &Workspace) {
    let folder = workspace.archive();
    if !folder.is_dir() {
        return;
    }
    let wanted = || {
        let archive = Archive::open(folder)?;
        let places = wanted(context, &archive)?;
        Ok::<_, CommandError>((archive, places))
    };
    let (archive, places) = match wanted() {
        Ok(wanted) => wanted,
        Err(error) => {
            return context
                .ui
                .note(&format!("the archive is not copied: {}", error.message));
        }
    };
    for place in places {
        if let Err(error) = push(context, &archive, &place).await {
            context.ui.note(&format!(
                "the archive is not copied to {place}: {}; the next run does it too, or `slipway archive push`",
                error.message
            ));
        }
    }
}
