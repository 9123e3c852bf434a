//! Archives that are somewhere else, opened with the operator's credentials.

mod kept;

use slipway_archive::{Archive, Destination, Error, Pushed};
use slipway_engine::Failed;
use tokio::{runtime::Handle, task::spawn_blocking};

use crate::{context::Context, error::CommandError};

pub(crate) use kept::{Copied, follow, keep, push_all};

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

/// Everything that is not there yet. What the archives have to say against it is another question than whether they are there.
pub(crate) async fn push(
    context: &Context,
    archive: &Archive,
    place: &Destination,
) -> Result<Result<Pushed, Error>, CommandError> {
    let there = match place {
        Destination::Folder(folder) => Archive::open(folder)?,
        place => open(context, place)?,
    };
    blocking(archive, move |archive| Ok(archive.push(&there))).await
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
