//! All services that a command is about, in the order in which they go: folders and packages that others depend on, and
//! last the one that was asked for.

use std::collections::BTreeMap;

use slipway_engine::{
    dependencies::{Dependencies, LaidOut, Look},
    project::Project,
};
use slipway_model::Digest;

use crate::{context::Context, error::CommandError, progress::progress};

#[derive(Debug)]
pub(super) struct Service {
    pub(super) project: Project,
    /// It was released elsewhere, as this package; its folder is laid out.
    pub(super) package: Option<Digest>,
    /// The packages that it depends on, by the names in its manifest.
    pub(super) packages: BTreeMap<String, Digest>,
}

/// With the packages that the projects depend on, fetched where `look` says so and laid out.
pub(super) async fn services(
    context: &Context,
    projects: Vec<Project>,
    look: Look,
) -> Result<Vec<Service>, CommandError> {
    let client = context.registries()?;
    let mut dependencies = Dependencies::new(&client, progress(context.ui));
    let mut services = Vec::new();
    for project in projects {
        let needs = dependencies.of(&project, look).await?;
        for LaidOut {
            folder,
            package,
            decided,
        } in needs.fresh
        {
            let mut laid_out = context.project_of(&folder).await?;
            laid_out.decided = Some(decided);
            services.push(Service {
                project: laid_out,
                package: Some(package),
                packages: BTreeMap::new(),
            });
        }
        services.push(Service {
            project,
            package: None,
            packages: needs.packages,
        });
    }
    Ok(services)
}
