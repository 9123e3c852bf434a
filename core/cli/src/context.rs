//! What a command works with: the manifest it is about, the engine of a service, the operator's things.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use slipway_engine::{
    Ambient, Engine, Workspace,
    project::{Loaded, Project, SettingsCheck},
    trust::Trust,
};
use slipway_host::LimitsOf;
use slipway_journal::Store;
use slipway_registry::{Client, Patience, Progress};

use crate::{
    ambient::{Clock, Clocked, Real},
    error::{CommandError, Problems},
    observer::Talker,
    operator::OperatorFile,
    plugins::{Replacement, Shelf, Stock},
    progress::progress,
    reports::Reports,
    ui::Ui,
};

/// Puts something between the engine and its ledger, such as a fault.
pub type StoreHook = Arc<dyn Fn(Arc<dyn Store>) -> Arc<dyn Store> + Send + Sync>;

/// Where tests reach in. Empty in the program that people use.
#[derive(Clone, Default)]
pub struct Hooks {
    pub store: Option<StoreHook>,
    pub clock: Option<Clock>,
    /// Of each call of a plugin.
    pub limits: Option<LimitsOf>,
}

pub(crate) struct Context {
    pub(crate) ui: Ui,
    /// The manifest or its folder, as given.
    pub(crate) file: PathBuf,
    pub(crate) operator: Arc<OperatorFile>,
    pub(crate) plugins: Shelf,
    pub(crate) hooks: Hooks,
    /// Of the runs of this process.
    pub(crate) reports: Reports,
    /// How long another run of the same environment is waited for.
    wait: std::time::Duration,
    client: OnceLock<Client>,
    progress: OnceLock<Arc<dyn Progress>>,
}

/// Manifests as far as they could be read, and what is wrong with them.
pub(crate) struct Checked {
    /// Each after the ones that it depends on.
    pub(crate) projects: Vec<Project>,
    /// Those that were asked for themselves, by [`Project::identity`].
    pub(crate) asked: BTreeSet<PathBuf>,
    /// How many manifests were looked at.
    pub(crate) manifests: usize,
    pub(crate) problems: Problems,
}

impl Context {
    pub(crate) fn new(
        ui: Ui,
        file: PathBuf,
        wait: std::time::Duration,
        hooks: Hooks,
    ) -> Result<Self, CommandError> {
        let operator = Arc::new(OperatorFile::read()?);
        Ok(Self {
            ui,
            file,
            plugins: Shelf::new(operator.clone(), hooks.limits.clone()),
            operator,
            hooks,
            reports: Reports::default(),
            wait,
            client: OnceLock::new(),
            progress: OnceLock::new(),
        })
    }

    /// The manifest with all that it depends on, checked as far as it can be without touching anything. Dependencies
    /// come first, the one that was asked for comes last.
    pub(crate) async fn projects(&self) -> Result<Vec<Project>, CommandError> {
        self.projects_of(&self.file).await
    }

    async fn projects_of(&self, path: &Path) -> Result<Vec<Project>, CommandError> {
        Ok(self.sound(&[path]).await?.projects)
    }

    /// Manifests that nothing is wrong with; warnings are told.
    pub(crate) async fn sound(&self, paths: &[impl AsRef<Path>]) -> Result<Checked, CommandError> {
        let checked = self.check(paths).await?;
        if checked.problems.errors > 0 {
            return Err(checked.problems.into());
        }
        if !checked.problems.diagnostics.is_empty() {
            self.ui.diagnostics(&checked.problems);
        }
        Ok(checked)
    }

    /// What is wrong with manifests and those that they depend on, all at once.
    pub(crate) async fn check(&self, paths: &[impl AsRef<Path>]) -> Result<Checked, CommandError> {
        let Loaded {
            projects,
            asked,
            manifests,
            mut diagnostics,
            mut sources,
        } = Project::load(paths);
        let built_in = self.plugins.built_in();
        let mut shared = SettingsCheck::new(built_in.host.clone());
        for project in &projects {
            let found = match self.plugins.of(project).await {
                Ok(plugins) if Arc::ptr_eq(&plugins, &built_in) => shared.check(project).await?,
                Ok(plugins) => SettingsCheck::new(plugins.host.clone()).check(project).await?,
                Err(refused) => refused,
            };
            if !found.is_empty() {
                // What is wrong with an environment is wrong in each of its clusters.
                let mut told = Vec::new();
                found.into_iter().for_each(|one| {
                    if !told.contains(&one) {
                        told.push(one)
                    }
                });
                diagnostics.extend(told);
                sources.push((project.file.clone(), project.text.clone()));
            }
        }
        Ok(Checked {
            projects,
            asked,
            manifests,
            problems: Problems::new(diagnostics, sources),
        })
    }

    /// The project that was asked for alone.
    pub(crate) async fn project(&self) -> Result<Project, CommandError> {
        self.project_of(&self.file).await
    }

    /// The same as far as it stands by itself: not held against plugins, which may be what is wrong with it.
    pub(crate) fn manifest(&self) -> Result<Project, CommandError> {
        let loaded = Project::load([&self.file]).sound();
        let mut projects = loaded.map_err(|invalid| CommandError::from(&invalid))?;
        projects
            .pop()
            .ok_or_else(|| CommandError::failed("there is no manifest"))
    }

    /// Another one, by its manifest or folder.
    pub(crate) async fn project_of(&self, path: &Path) -> Result<Project, CommandError> {
        let mut projects = self.projects_of(path).await?;
        projects
            .pop()
            .ok_or_else(|| CommandError::failed("there is no manifest"))
    }

    pub(crate) fn ambient(&self) -> Arc<dyn Ambient> {
        match &self.hooks.clock {
            None => Arc::new(Real),
            Some(clock) => Arc::new(Clocked(clock.clone())),
        }
    }

    pub(crate) fn workspace(&self) -> Workspace {
        let root = if self.file.is_dir() {
            Some(self.file.as_path())
        } else {
            self.file.parent()
        };
        Workspace::new(
            root.filter(|root| !root.as_os_str().is_empty())
                .unwrap_or(Path::new(".")),
        )
    }

    /// Made when first needed, and once: reading the certificates that it trusts takes longer than a service's plan.
    pub(crate) fn registries(&self) -> Result<Client, CommandError> {
        if let Some(client) = self.client.get() {
            return Ok(client.clone());
        }
        let client = Client::new(self.operator.as_ref().clone(), Patience::default())?;
        Ok(self.client.get_or_init(|| client).clone())
    }

    /// Whose signatures count, where the operator says it.
    pub(crate) fn trust(&self) -> Result<Option<Arc<Trust>>, CommandError> {
        Ok(self.operator.trust()?)
    }

    /// One for all that is under way, so that bars stand below each other.
    pub(crate) fn progress(&self) -> Arc<dyn Progress> {
        self.progress.get_or_init(|| progress(self.ui)).clone()
    }

    /// For one service, with the plugins that its manifest brings.
    pub(crate) async fn engine_of(&self, project: &Project) -> Result<Engine, CommandError> {
        let plugins = self.plugins.of(project).await.map_err(|refused| {
            let source = (project.file.clone(), project.text.clone());
            Problems::new(refused, vec![source])
        })?;
        let workspace = Workspace::new(&project.root);
        self.engine_with(self.store(&workspace).await?, workspace, plugins)
            .await
    }

    /// For what needs no manifest.
    pub(crate) async fn engine(&self, workspace: Workspace) -> Result<Engine, CommandError> {
        let plugins = self.usable_plugins().await;
        self.engine_with(self.store(&workspace).await?, workspace, plugins)
            .await
    }

    /// For a run that comes to pass again, maybe with other components in the place of some plugins.
    pub(crate) async fn engine_over(
        &self,
        store: Arc<dyn Store>,
        workspace: Workspace,
        by: &[Replacement],
    ) -> Result<Engine, CommandError> {
        // Without its plugins a run cannot be told to be the same: they are not left out here.
        let loaded = Project::load([&self.file]).sound();
        let project = loaded.ok().and_then(|mut projects| projects.pop());
        let plugins = self.plugins.replaced(project.as_ref(), by).await?;
        self.engine_with(store, workspace, Arc::new(plugins)).await
    }

    /// With those that the manifest brings, if there is a manifest that can be read and they can be used.
    pub(crate) async fn usable_plugins(&self) -> Arc<Stock> {
        let loaded = Project::load([&self.file]).sound();
        let Some(project) = loaded.ok().and_then(|mut projects| projects.pop()) else {
            return self.plugins.built_in();
        };
        match self.plugins.of(&project).await {
            Ok(plugins) => plugins,
            Err(refused) => {
                let why: Vec<_> = refused.into_iter().map(|refused| refused.message).collect();
                let file = project.file.display();
                self.ui
                    .note(&format!("the plugins of {file} are left out: {}", why.join("; ")));
                self.plugins.built_in()
            }
        }
    }

    async fn engine_with(
        &self,
        store: Arc<dyn Store>,
        workspace: Workspace,
        plugins: Arc<Stock>,
    ) -> Result<Engine, CommandError> {
        // Before anything is done whose record is to be copied there.
        self.operator.copies()?;
        let brought = plugins.brought.iter();
        Ok(Engine {
            store,
            workspace,
            plugins: plugins.host.clone(),
            brought: brought
                .map(|(name, brought)| (name.clone(), brought.locked.clone()))
                .collect(),
            operator: self.operator.clone(),
            http: plugins.host.clone(),
            ambient: self.ambient(),
            observer: Arc::new(Talker::new(self.ui)),
            signer: self.operator.archive_key()?,
            package_signer: self.operator.package_signer()?,
            trust: self.trust()?,
            registries: self.registries()?,
            wait: self.wait,
        })
    }
}
