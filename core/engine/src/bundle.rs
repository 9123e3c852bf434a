//! A released package with everything that it needs as one file, for a site without a network: written where the registries
//! are, read where none of them is.

use std::{path::Path, sync::Arc};

use slipway_registry::{Client, CopyOptions, Progress, Tag, copy, read_bundle, referrers, write_bundle};

use crate::{
    Failed, RunError, Workspace,
    dependencies::{copy_with_dependencies, needed_by},
    lock::Lock,
    package::Package,
    project::Project,
    registries::Registries,
    steps::Released,
    trust::{Record, Trust, admit_at, place_of_file},
};

/// What was released last goes into the file, from the working copies.
pub async fn write(
    project: &Project,
    client: &Client,
    file: &Path,
    progress: Arc<dyn Progress>,
) -> Result<(), RunError> {
    let package = Lock::read(&Workspace::new(&project.root))?.package;
    let package = package
        .ok_or_else(|| Failed::new("nothing is released yet").hint("`slipway release` comes first"))?;
    let registries = Registries::new(project, (client, None), progress.clone());
    let store = registries.store()?;
    let version = Package::read(&store, package).await?.version;
    let tag: Tag = version.parse().map_err(Failed::from_error)?;
    let mut roots = vec![(package, Some(tag))];
    // Whoever signs a package does it where it is deployed from.
    let deploy = registries.deploy()?;
    let signed = CopyOptions {
        progress: progress.clone(),
        referrers: true,
        ..CopyOptions::default()
    };
    copy(&deploy, &package, &store, None, &signed)
        .await
        .map_err(Failed::from_error)?;
    let beside = needed_by(&store, package).await?;
    for digest in [package].into_iter().chain(beside) {
        if digest != package {
            roots.push((digest, None));
        }
        // Signatures are not below what they are about.
        let about = referrers(&store, &digest).await.map_err(Failed::from_error)?;
        roots.extend(
            about
                .into_iter()
                .map(|referrer| (referrer.descriptor.digest, referrer.tag)),
        );
    }
    write_bundle(&store, &roots, file, progress)
        .await
        .map_err(Failed::from_error)?;
    Ok(())
}

/// Everything of the file goes into this manifest's deployment registry and working copies, and its package is what is
/// adapted from now on. What counts as its place is the file itself.
pub async fn read(
    project: &Project,
    (client, trust): (&Client, Option<&Trust>),
    file: &Path,
    progress: Arc<dyn Progress>,
) -> Result<Released, RunError> {
    let registries = Registries::new(project, (client, trust), progress.clone());
    let (store, deploy) = (registries.store()?, registries.deploy()?);
    let roots = read_bundle(file, &store, progress.clone())
        .await
        .map_err(Failed::from_error)?;
    let empty = || Failed::new(format!("{} holds no package", file.display()));
    let digest = roots.first().ok_or_else(empty)?.digest;
    if let Some(trust) = trust {
        let place = place_of_file(file);
        let what = format!("package of {}", file.display());
        let admitted = admit_at(trust, (&store, digest), (&what, &place)).await?;
        let workspace = Workspace::new(&project.root);
        Record::new(digest, vec![admitted]).write(&workspace)?;
    }
    let package = Package::read(&store, digest).await?;
    let service = &project.manifest.service.name;
    if package.service != *service {
        let text = format!(
            "{} holds a package of {}, and {} is about {service}",
            file.display(),
            package.service,
            project.file.display()
        );
        return Err(Failed::new(text).into());
    }
    let options = CopyOptions {
        progress,
        ..CopyOptions::default()
    };
    copy_with_dependencies(&store, digest, &deploy, &options).await?;
    let tag: Tag = package.version.parse().map_err(Failed::from_error)?;
    copy(&store, &digest, &deploy, Some(&tag), &options)
        .await
        .map_err(Failed::from_error)?;
    let workspace = Workspace::new(&project.root);
    let lock = Lock {
        package: Some(digest),
        version: Some(package.version.clone()),
        ..Lock::read(&workspace)?
    };
    lock.write(&workspace)?;
    Ok(Released {
        package: digest,
        version: package.version,
    })
}
