//! Finding a run that is under way, wherever its ledger is: that of the service itself, and those of the services that it
//! depends on, whose runs a command of its begins too.

use std::{fs, sync::Arc};

use slipway_engine::{Workspace, project::Project};
use slipway_journal::{Run, Store};

use super::runs;
use crate::{context::Context, error::CommandError};

/// A run, and the folder of the service that it is of.
pub(super) struct Found {
    pub(super) workspace: Workspace,
    pub(super) store: Arc<dyn Store>,
    pub(super) run: Run,
}

struct Ledger {
    workspace: Workspace,
    store: Arc<dyn Store>,
}

/// By the beginning of its id or by its environment. One that has not ended comes before one that has.
pub(super) async fn find(context: &Context, wanted: &str) -> Result<Found, CommandError> {
    let (mut ended, mut missing) = (None, None);
    for Ledger { workspace, store } in ledgers(context).await? {
        match runs::find(&store, wanted).await {
            Ok(run) => {
                let found = Found {
                    workspace,
                    store,
                    run,
                };
                if found.run.ended.is_none() {
                    return Ok(found);
                }
                ended.get_or_insert(found);
            }
            Err(error) => {
                missing.get_or_insert(error);
            }
        }
    }
    match (ended, missing) {
        (Some(found), _) => Ok(found),
        (None, Some(error)) => Err(error),
        (None, None) => Err(CommandError::failed("there is no ledger")),
    }
}

/// Those that were interrupted.
pub(super) async fn interrupted(context: &Context) -> Result<Vec<Found>, CommandError> {
    let mut all = Vec::new();
    for Ledger { workspace, store } in ledgers(context).await? {
        let runs = runs::interrupted(&store).await?;
        all.extend(runs.into_iter().map(|run| Found {
            workspace: workspace.clone(),
            store: store.clone(),
            run,
        }));
    }
    Ok(all)
}

/// The service's own first. At least one, or an error that says what comes first.
async fn ledgers(context: &Context) -> Result<Vec<Ledger>, CommandError> {
    let own = context.workspace();
    // No manifest has to be there or right: without one only the folders are looked at.
    let projects = Project::load([&context.file]).sound().unwrap_or_default();
    let mut workspaces = vec![own.clone()];
    workspaces.extend(
        projects
            .iter()
            .rev()
            .skip(1)
            .map(|project| Workspace::new(&project.root)),
    );
    let laid_out: Vec<_> = workspaces.iter().flat_map(laid_out).collect();
    workspaces.extend(laid_out);
    let mut found = Vec::new();
    for workspace in workspaces {
        if let Some(store) = context.known_ledger(&workspace).await? {
            found.push(Ledger { workspace, store });
        }
    }
    if found.is_empty() {
        let store = context.ledger(&own).await?;
        found.push(Ledger {
            workspace: own,
            store,
        });
    }
    Ok(found)
}

/// The packages that a service depends on, each a folder with a ledger of its own.
pub(super) fn laid_out(workspace: &Workspace) -> Vec<Workspace> {
    let entries = fs::read_dir(workspace.dependencies()).into_iter().flatten();
    let mut folders: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    folders.sort();
    folders.into_iter().map(Workspace::new).collect()
}
