//! Which ledger a service's folder has: a file of its own, or its part of the database that the operator's file names.
//!
//! Never both: who says that the ledgers are in a database does not mean to begin anew beside what was run from the
//! folder, and who has moved a ledger there does not mean to forget it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use slipway_engine::{Workspace, project::manifest_in};
use slipway_journal::{PostgresSettings, PostgresStore, SqliteStore, Store};
use slipway_model::ServiceName;

use crate::{context::Context, error::CommandError, operator::OperatorFile};

impl Context {
    /// The ledger of a service's folder, made if there is none.
    pub(crate) async fn store(&self, workspace: &Workspace) -> Result<Arc<dyn Store>, CommandError> {
        let state = workspace.state();
        fs::create_dir_all(&state)
            .map_err(|error| CommandError::failed(format!("cannot create {}: {error}", state.display())))?;
        let store: Arc<dyn Store> = match self.database(workspace)? {
            None => Arc::new(SqliteStore::open(workspace.ledger())?),
            Some(settings) => {
                let service = self.service(workspace)?;
                remember(workspace, &service)?;
                Arc::new(PostgresStore::open(settings, Some(service)).await?)
            }
        };
        Ok(self.hooked(store))
    }

    /// The same for those who only look: nothing is made where there is none yet.
    pub(crate) async fn ledger(&self, workspace: &Workspace) -> Result<Arc<dyn Store>, CommandError> {
        if let Some(store) = self.known_ledger(workspace).await? {
            return Ok(store);
        }
        let place = match self.operator.ledger()? {
            Some(settings) => format!("no ledger in {}", settings.ledger()),
            None => format!("no {}", shown(&workspace.ledger())),
        };
        Err(
            CommandError::failed(format!("nothing was run yet: there is {place}"))
                .hint("`slipway run ENVIRONMENT` comes first; `--file` names another folder"),
        )
    }

    /// `None` where nothing was run yet.
    pub(crate) async fn known_ledger(
        &self,
        workspace: &Workspace,
    ) -> Result<Option<Arc<dyn Store>>, CommandError> {
        let store: Arc<dyn Store> = match self.database(workspace)? {
            None if !workspace.ledger().exists() => return Ok(None),
            None => Arc::new(SqliteStore::open(workspace.ledger())?),
            Some(settings) => {
                let service = self.service(workspace)?;
                match PostgresStore::look(settings, Some(service)).await? {
                    Some(store) => Arc::new(store),
                    None => return Ok(None),
                }
            }
        };
        Ok(Some(self.hooked(store)))
    }

    /// Where the operator says that the ledgers are, with somebody to tell that it is waited for.
    pub(crate) fn team_ledger(&self) -> Result<Option<PostgresSettings>, CommandError> {
        let ui = self.ui;
        let settings = self.operator.ledger()?;
        Ok(settings.map(|settings| settings.tell(move |what| ui.note(what))))
    }

    /// Refuses to choose between two.
    fn database(&self, workspace: &Workspace) -> Result<Option<PostgresSettings>, CommandError> {
        let settings = self.team_ledger()?;
        let (own, moved) = (workspace.ledger(), moved(workspace));
        match &settings {
            Some(settings) if own.exists() => Err(CommandError::failed(format!(
                "the operator's file says that the ledger is {}, and what was run from here is in {}",
                settings.ledger(),
                shown(&own)
            ))
            .hint("`slipway ledger migrate` moves it there; nothing is run until then")),
            None if moved.exists() => Err(CommandError::failed(format!(
                "the ledger of this folder was moved to a database ({} is what is left), and the operator's file names none",
                shown(&moved)
            ))
            .hint(OperatorFile::ledger_line())),
            _ => Ok(settings),
        }
    }

    /// Of the manifest, even if something else is wrong with it; otherwise the one that was run from there.
    pub(crate) fn service(&self, workspace: &Workspace) -> Result<ServiceName, CommandError> {
        let file = match *workspace == self.workspace() {
            true => manifest_in(&self.file),
            false => manifest_in(workspace.root()),
        };
        let of_manifest = || {
            let manifest: toml::Table = fs::read_to_string(&file).ok()?.parse().ok()?;
            manifest.get("service")?.get("name")?.as_str()?.parse().ok()
        };
        let remembered = || fs::read_to_string(name_file(workspace)).ok()?.trim().parse().ok();
        of_manifest().or_else(remembered).ok_or_else(|| {
            CommandError::failed(format!(
                "cannot tell which service {} is of, and the ledger holds those of many",
                shown(&file)
            ))
            .hint("`slipway validate` says what is wrong with it; `--file` names another one")
        })
    }

    fn hooked(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        match &self.hooks.store {
            Some(hook) => hook(store),
            None => store,
        }
    }
}

/// What is left of a ledger that was moved to a database.
pub(crate) fn moved(workspace: &Workspace) -> PathBuf {
    workspace.state().join("ledger.moved.db")
}

/// For whoever is called at night, while somebody does something to the manifest.
fn name_file(workspace: &Workspace) -> PathBuf {
    workspace.state().join("service")
}

fn remember(workspace: &Workspace, service: &ServiceName) -> Result<(), CommandError> {
    let file = name_file(workspace);
    let known = fs::read_to_string(&file).unwrap_or_default();
    if known.trim() == service.as_str() {
        return Ok(());
    }
    fs::write(&file, format!("{service}\n"))
        .map_err(|error: io::Error| CommandError::failed(format!("cannot write {}: {error}", file.display())))
}

pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}
