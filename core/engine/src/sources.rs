//! What people wrote, kept with the run that began with it. A run works on these bytes from its beginning to its
//! archive: what is edited while it goes, or before it is resumed, is for the next one.

use std::path::{Path, PathBuf};

use serde_json::Value;
use slipway_config::{File, Tree, tree_digest};
use slipway_journal::Class;
use slipway_model::{Digest, EnvironmentName, RunId};

use crate::{
    Engine, Failed, Interruption, Run, RunError, Workspace,
    files::{self, read_folder},
    project::{FILE, Project},
};

const KEEP: &str = "sources";
pub(crate) const ADAPTATIONS: &str = "adaptations";

/// Where a run's copy is: `deploy.toml`, and the overlays of its environment under `adaptations/`.
pub(crate) fn folder(workspace: &Workspace, run: &RunId) -> PathBuf {
    workspace.run(run).join("sources")
}

/// Copies them once; answers the project as the run began with it.
pub(crate) async fn keep(
    engine: &Engine,
    run: &Run,
    project: &Project,
    environment: Option<&EnvironmentName>,
) -> Result<Project, RunError> {
    let folder = folder(&engine.workspace, run.id());
    let kept: Digest = run
        .activity(KEEP, Class::Idempotent, Value::Null, || async {
            let tree = written(&engine.workspace, project, environment)?;
            let listed = tree
                .iter()
                .map(|(path, file)| (path, file.bytes.as_slice(), file.executable));
            if let Some(parent) = folder.parent() {
                std::fs::create_dir_all(parent).map_err(|error| files::cannot("create", parent, &error))?;
            }
            files::replace_folder(&folder, listed)?;
            Ok(tree_digest(&tree))
        })
        .await?;
    let unreadable = |cause: String| Interruption::Unreadable {
        activity: KEEP.to_owned(),
        cause,
    };
    let tree = held(&folder).map_err(|failed| unreadable(failed.message))?;
    if tree_digest(&tree) != kept {
        let text = format!("{} is not what the run began with", folder.display());
        return Err(unreadable(text).into());
    }
    let text = tree.get(FILE).map(|file| String::from_utf8_lossy(&file.bytes));
    project
        .with_text(text.as_deref().unwrap_or_default())
        .map_err(RunError::invalid)
}

/// The manifest that a run began with, for whoever goes on with it: today's need not be readable. `file` is where it is
/// known to people.
pub fn begun_with(workspace: &Workspace, run: &RunId, file: &Path) -> Option<Project> {
    let text = std::fs::read_to_string(folder(workspace, run).join(FILE)).ok()?;
    Project::parse(file, text).ok()
}

fn written(
    workspace: &Workspace,
    project: &Project,
    environment: Option<&EnvironmentName>,
) -> Result<Tree, Failed> {
    let mut tree = Tree::default();
    let mut add = |path: String, bytes, executable| {
        tree.insert(path, File { bytes, executable })
            .map_err(Failed::from_error)
    };
    add(FILE.to_owned(), project.text.clone().into_bytes(), false)?;
    let environment = environment.and_then(|name| project.manifest.environments.get(name));
    for overlay in environment.iter().flat_map(|environment| &environment.overlays) {
        for file in read_folder(&workspace.adaptations().join(overlay))? {
            add(
                format!("{ADAPTATIONS}/{overlay}/{}", file.path),
                file.bytes,
                file.executable,
            )?;
        }
    }
    Ok(tree)
}

fn held(folder: &Path) -> Result<Tree, Failed> {
    let mut tree = Tree::default();
    for file in read_folder(folder)? {
        let (bytes, executable) = (file.bytes, file.executable);
        tree.insert(file.path, File { bytes, executable })
            .map_err(Failed::from_error)?;
    }
    Ok(tree)
}
