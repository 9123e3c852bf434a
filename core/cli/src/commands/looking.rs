//! What commands that only look go by: the ledger, and the manifest where it can be read. Whoever is called at night must
//! see what runs, whatever somebody is doing to the manifest.

use std::{collections::BTreeSet, sync::Arc};

use slipway_engine::project::Project;
use slipway_journal::{RunFilter, Scope, Store};
use slipway_model::EnvironmentName;

use super::runs;
use crate::{
    context::Context,
    error::{CommandError, Problems},
};

pub(super) struct Known {
    /// Absent where it cannot be read.
    pub(super) project: Option<Project>,
    /// Absent where nothing was run yet.
    pub(super) store: Option<Arc<dyn Store>>,
    /// Those of the manifest and those that something was run in.
    pub(super) environments: Vec<EnvironmentName>,
}

impl Known {
    /// Fails where there is neither.
    pub(super) async fn find(context: &Context) -> Result<Self, CommandError> {
        let workspace = context.workspace();
        let store = context.known_ledger(&workspace).await?;
        let loaded = Project::load([&context.file])
            .sound()
            .map(|mut projects| projects.pop());
        let project = match (loaded, &store) {
            (Ok(project), _) => project,
            (Err(invalid), None) => return Err(CommandError::from(&invalid)),
            (Err(invalid), Some(_)) => {
                let errors = Problems::new(invalid.diagnostics, invalid.sources).counted();
                context.ui.note(&format!(
                    "the manifest cannot be used ({errors}; `slipway validate` shows them), so this is what the ledger knows"
                ));
                None
            }
        };
        let mut environments: Vec<EnvironmentName> = project
            .iter()
            .flat_map(|project| project.manifest.environments.keys().cloned())
            .collect();
        if let Some(store) = &store {
            let ran: BTreeSet<_> = store
                .runs(RunFilter::default())
                .await?
                .into_iter()
                .filter(|run| run.steps != ["release"])
                .map(|run| run.environment)
                .filter(|environment| !environments.contains(environment))
                .collect();
            environments.extend(ran);
        }
        Ok(Self {
            project,
            store,
            environments,
        })
    }

    /// An environment as it stands in the ledger, or shall.
    pub(super) async fn scope(&self, environment: &EnvironmentName) -> Result<Scope, CommandError> {
        if !self.environments.contains(environment) {
            let error = CommandError::usage(format!("there is no environment `{environment}`"));
            return Err(error.hint(format!("there are: {}", self.names())));
        }
        match (&self.project, &self.store) {
            (Some(project), _) => Ok(Scope {
                service: project.manifest.service.name.clone(),
                environment: environment.clone(),
            }),
            (None, Some(store)) => runs::scope(store, environment).await,
            (None, None) => Err(CommandError::failed("there is no manifest")),
        }
    }

    /// The only one, where none was named.
    pub(super) fn choose(&self, asked: Option<EnvironmentName>) -> Result<EnvironmentName, CommandError> {
        match (asked, self.environments.as_slice()) {
            (Some(asked), _) => Ok(asked),
            (None, [only]) => Ok(only.clone()),
            (None, _) => {
                let error = CommandError::usage("say which environment");
                Err(error.hint(format!("there are: {}", self.names())))
            }
        }
    }

    fn names(&self) -> String {
        let names: Vec<_> = self.environments.iter().map(EnvironmentName::as_str).collect();
        names.join(", ")
    }
}
