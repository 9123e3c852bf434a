//! A package with all that it depends on. In a repository, and in a folder of working copies, a package stands beside the
//! packages that its own names: whoever has the one has them all.

use std::collections::HashSet;

use indexmap::IndexMap;
use slipway_model::Digest;
use slipway_registry::{CopyOptions, Repository, copy};

use crate::{
    Failed, RunError,
    package::{ARTIFACT_TYPE, Package},
};

/// More services than one can be made of.
const MOST: usize = 200;

/// The package and those that it depends on, itself first, each before what it names.
pub(super) async fn read_all(from: &Repository, root: Digest) -> Result<IndexMap<Digest, Package>, RunError> {
    let mut found: IndexMap<Digest, Package> = IndexMap::new();
    let mut asked: HashSet<Digest> = HashSet::from([root]);
    let mut next = vec![(root, None)];
    while let Some((digest, needed_by)) = next.pop() {
        let package = Package::read(from, digest)
            .await
            .map_err(|error| match needed_by {
                Some(service) => apart(from, digest, &service, error),
                None => error,
            })?;
        for dependency in package.dependencies.values() {
            if asked.insert(*dependency) {
                next.push((*dependency, Some(package.service.clone())));
            }
        }
        found.insert(digest, package);
        if found.len() > MOST {
            let text = format!("{root} in {from} depends on more than {MOST} packages, which is refused");
            return Err(Failed::new(text).into());
        }
    }
    Ok(found)
}

/// What has to be beside an artifact for it to be whole: the packages that a package depends on and the images that they
/// name, nothing for others.
pub async fn needed_by(from: &Repository, digest: Digest) -> Result<Vec<Digest>, RunError> {
    let stored = from.manifest(&digest).await.map_err(Failed::from_error)?;
    let manifest = stored.parse().map_err(Failed::from_error)?;
    if manifest.artifact_type.as_deref() != Some(ARTIFACT_TYPE) {
        return Ok(Vec::new());
    }
    let all = read_all(from, digest).await?;
    let packages = all.keys().rev().filter(|one| **one != digest).copied();
    Ok(all.values().flat_map(Package::images).chain(packages).collect())
}

/// Copies all of them; what is named is there before what names it, except where two names meet.
pub(crate) async fn copy_with_dependencies(
    from: &Repository,
    root: Digest,
    to: &Repository,
    options: &CopyOptions,
) -> Result<(), RunError> {
    for (digest, package) in read_all(from, root).await?.iter().rev() {
        // Signatures belong to what they are about.
        let signed = CopyOptions {
            referrers: true,
            ..options.clone()
        };
        for beside in package.images().into_iter().chain([*digest]) {
            copy(from, &beside, to, None, &signed)
                .await
                .map_err(Failed::from_error)?;
        }
    }
    Ok(())
}

fn apart(
    from: &Repository,
    digest: Digest,
    service: &slipway_model::ServiceName,
    error: RunError,
) -> RunError {
    match error {
        RunError::Failed(failed) => Failed::new(format!(
            "the package of {service} depends on {digest}, which is not in {from}: {}",
            failed.message
        ))
        .hint("`slipway artifact copy` brings a package with those that it depends on")
        .into(),
        other => other,
    }
}
