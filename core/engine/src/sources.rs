//! What people wrote, kept with the run that began with it. A run works on these bytes from its beginning to its
//! archive: what is edited while it goes, or before it is resumed, is for the next one.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_config::{File, Tree, tree_digest};
use slipway_journal::{Class, Store};
use slipway_model::{Digest, EnvironmentName, RunId};

use crate::{
    Engine, Failed, Interruption, Run, RunError, Workspace,
    files::{Read, read_folder, tree_of, write_tree},
    project::{FILE, Project},
    run::given,
};

const KEEP: &str = "sources";

/// What is recorded of them: whoever goes on elsewhere finds them there.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Recorded {
    Files {
        digest: Digest,
        files: Vec<Read>,
    },
    /// As runs did that were begun by an older version.
    Digest(Digest),
}

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
    let recorded: Recorded = run
        .activity(KEEP, Class::Idempotent, Value::Null, || async {
            let tree = written(&engine.workspace, project, environment)?;
            write_tree(&folder, &tree)?;
            Ok(Recorded::Files {
                digest: tree_digest(&tree),
                files: read_folder(&folder)?,
            })
        })
        .await?;
    let kept = unpack(&folder, recorded)?;
    let unreadable = |cause: String| Interruption::Unreadable {
        activity: KEEP.to_owned(),
        cause,
    };
    let held = read_folder(&folder).and_then(tree_of);
    let tree = held.map_err(|failed| unreadable(failed.message))?;
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
pub async fn begun_with(
    store: &Arc<dyn Store>,
    workspace: &Workspace,
    run: &RunId,
    file: &Path,
) -> Result<Option<Project>, RunError> {
    let folder = folder(workspace, run);
    if !folder.exists()
        && let Some(recorded) = given(store, run, KEEP).await?
    {
        unpack(&folder, recorded)?;
    }
    let text = std::fs::read_to_string(folder.join(FILE)).ok();
    Ok(text.and_then(|text| Project::parse(file, text).ok()))
}

/// Where they are not here they come from the record. Answers what they have to be.
fn unpack(folder: &Path, recorded: Recorded) -> Result<Digest, Failed> {
    let (digest, files) = match recorded {
        Recorded::Digest(digest) => return Ok(digest),
        Recorded::Files { digest, files } => (digest, files),
    };
    if !folder.exists() {
        write_tree(folder, &tree_of(files)?)?;
    }
    Ok(digest)
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
