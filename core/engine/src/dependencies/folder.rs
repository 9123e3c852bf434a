//! The folder of a laid-out package, `.slipway/dependencies/<service>/`: manifest, lock, configuration, working copies.
//!
//! What is generated is the same for the same package and the same decisions, and is written again when it is gone. The
//! folder's own `.slipway` holds the service's ledger, as that of any service does, and is never replaced.

use std::{
    fs,
    path::{Path, PathBuf},
};

use slipway_manifest::Source;
use slipway_model::Digest;
use slipway_registry::{CopyOptions, Repository, copy};

use super::{
    manifest::{manifest, plugin_file, plugins_of},
    values,
};
use crate::{
    Failed, RunError, Workspace,
    files::{self, replace_folder, write_atomically},
    lock::Lock,
    package::Package,
    project::{FILE, Project},
};

/// `name` is what the project's manifest calls the package, if it names it at all.
pub(super) async fn lay_out(
    project: &Project,
    (from, working): (&Repository, &Repository),
    (package, digest): (&Package, Digest),
    name: Option<&str>,
) -> Result<PathBuf, RunError> {
    if let Some(name) = name {
        values::check(project, package, name)?;
    }
    let root = Workspace::new(&project.root).dependency(&package.service);
    let workspace = Workspace::new(&root);
    copy(from, &digest, working, None, &CopyOptions::default())
        .await
        .map_err(Failed::from_error)?;
    configuration(&workspace, package)?;
    let plugins = plugins_of(project, package, name)?;
    bring_plugins(project, &root, &plugins)?;
    let text = manifest(project, (package, digest), name)?;
    write(&root.join(FILE), &text)?;
    let there = Lock::read(&workspace)?;
    let mut lock = Lock {
        package: Some(digest),
        version: Some(package.version.clone()),
        ..there.clone()
    };
    // Those from registries mean here what they mean to the service.
    let known = Lock::read(&Workspace::new(&project.root))?.plugins;
    let elsewhere = |name: &String| {
        let plugin = project.manifest.plugins.get(name);
        plugin.is_some_and(|plugin| !matches!(plugin.from, Source::Path { .. }))
    };
    let known = known
        .into_iter()
        .filter(|(name, _)| plugins.contains(name) && elsewhere(name));
    lock.plugins.extend(known);
    if lock != there {
        lock.write(&workspace)?;
    }
    Ok(root)
}

/// For people, and for `explain` to point at.
fn configuration(workspace: &Workspace, package: &Package) -> Result<(), Failed> {
    let mut files = Vec::new();
    for file in &package.config {
        slipway_config::check_path(&file.path).map_err(|why| {
            Failed::new(format!(
                "the package of {} has a file `{}`: {why}",
                package.service, file.path
            ))
        })?;
        let blob = workspace.blob(file.blob.digest)?;
        let bytes = fs::read(&blob.path).map_err(|error| files::cannot("read", &blob.path, &error))?;
        files.push((file.path.as_str(), bytes, file.executable));
    }
    let listed = files
        .iter()
        .map(|(path, bytes, executable)| (*path, bytes.as_slice(), *executable));
    replace_folder(&workspace.root().join("config"), listed)
}

fn bring_plugins(
    project: &Project,
    root: &Path,
    used: &std::collections::BTreeSet<String>,
) -> Result<(), Failed> {
    for (name, plugin) in &project.manifest.plugins {
        if let (Source::Path { path }, true) = (&plugin.from, used.contains(name)) {
            files::copy(&project.root.join(path), &root.join(plugin_file(name)))?;
        }
    }
    Ok(())
}

/// What is there already stays as it is, for those who are reading it.
fn write(path: &Path, text: &str) -> Result<(), Failed> {
    match fs::read_to_string(path) {
        Ok(there) if there == text => Ok(()),
        _ => write_atomically(path, text.as_bytes()),
    }
}
