//! What a command works with: the manifest it is about, the engine of a service, the operator's things.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use slipway_engine::{Engine, Workspace, project::Project};
use slipway_host::Host;
use slipway_journal::{SqliteStore, Store};
use slipway_model::Severity;
use slipway_registry::{Client, Patience};

use crate::{ambient::Real, error::CommandError, observer::Talker, operator::OperatorFile, plugins, ui::Ui};

/// Puts something between the engine and its ledger, such as a fault.
pub type StoreHook = Arc<dyn Fn(Arc<dyn Store>) -> Arc<dyn Store> + Send + Sync>;

/// Where tests reach in. Empty in the program that people use.
#[derive(Clone, Default)]
pub struct Hooks {
    pub store: Option<StoreHook>,
}

pub(crate) struct Context {
    pub(crate) ui: Ui,
    /// The manifest or its folder, as given.
    pub(crate) file: PathBuf,
    pub(crate) operator: Arc<OperatorFile>,
    pub(crate) host: Arc<Host>,
    pub(crate) hooks: Hooks,
}

impl Context {
    pub(crate) fn new(ui: Ui, file: PathBuf, hooks: Hooks) -> Result<Self, CommandError> {
        let operator = Arc::new(OperatorFile::read()?);
        Ok(Self { ui, file, operator, host: Arc::new(plugins::host()), hooks })
    }

    /// The manifest with all that it depends on, checked as far as it can be without touching anything. Dependencies
    /// come first, the one that was asked for comes last.
    pub(crate) async fn projects(&self) -> Result<Vec<Project>, CommandError> {
        let projects = Project::load(&self.file).map_err(|invalid| CommandError::from(&invalid))?;
        let mut problems = Vec::new();
        for project in &projects {
            problems.extend(project.check_settings(self.host.as_ref()).await?);
        }
        let sources: Vec<_> = projects.iter().map(|project| (project.file.clone(), project.text.clone())).collect();
        let warnings: Vec<_> = projects.iter().flat_map(|project| project.warnings.clone()).collect();
        let (errors, more): (Vec<_>, Vec<_>) =
            problems.into_iter().partition(|problem| problem.severity == Severity::Error);
        if !errors.is_empty() {
            let invalid = slipway_engine::project::Invalid { diagnostics: errors, sources };
            return Err(CommandError::from(&invalid));
        }
        let warnings: Vec<_> = warnings.into_iter().chain(more).collect();
        if !warnings.is_empty() {
            self.ui.say(&slipway_manifest::render(&warnings, &sources, self.ui.live()));
        }
        Ok(projects)
    }

    /// The project that was asked for alone.
    pub(crate) async fn project(&self) -> Result<Project, CommandError> {
        let mut projects = self.projects().await?;
        projects.pop().ok_or_else(|| CommandError::failed("there is no manifest"))
    }

    pub(crate) fn workspace(&self) -> Workspace {
        let root = if self.file.is_dir() { Some(self.file.as_path()) } else { self.file.parent() };
        Workspace::new(root.filter(|root| !root.as_os_str().is_empty()).unwrap_or(Path::new(".")))
    }

    pub(crate) fn registries(&self) -> Result<Client, CommandError> {
        Ok(Client::new(self.operator.as_ref().clone(), Patience::default())?)
    }

    /// The ledger of a service's folder.
    pub(crate) fn store(&self, workspace: &Workspace) -> Result<Arc<dyn Store>, CommandError> {
        let state = workspace.state();
        std::fs::create_dir_all(&state)
            .map_err(|error| CommandError::failed(format!("cannot create {}: {error}", state.display())))?;
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(workspace.ledger())?);
        Ok(match &self.hooks.store {
            Some(hook) => hook(store),
            None => store,
        })
    }

    pub(crate) fn engine(&self, workspace: Workspace) -> Result<Engine, CommandError> {
        Ok(Engine {
            store: self.store(&workspace)?,
            workspace,
            plugins: self.host.clone(),
            operator: self.operator.clone(),
            ambient: Arc::new(Real),
            observer: Arc::new(Talker(self.ui)),
            registries: self.registries()?,
        })
    }
}
