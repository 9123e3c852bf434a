//! All services that a command is about, in the order in which they go: folders and packages that others depend on, and
//! last the one that was asked for.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use slipway_engine::{
    dependencies::{Dependencies, LaidOut, Look},
    project::Project,
};
use slipway_model::{Digest, ServiceName};

use crate::{context::Context, error::CommandError};

#[derive(Debug)]
pub(super) struct Service {
    pub(super) project: Project,
    /// It was released elsewhere, as this package; its folder is laid out.
    pub(super) package: Option<Digest>,
    /// The packages that it depends on, by the names in its manifest.
    pub(super) packages: BTreeMap<String, Digest>,
}

impl Service {
    pub(super) fn name(&self) -> &ServiceName {
        &self.project.manifest.service.name
    }
}

/// With the packages that the projects depend on, fetched where `look` says so and laid out.
pub(super) async fn services(
    context: &Context,
    projects: Vec<Project>,
    look: Look,
) -> Result<Vec<Service>, CommandError> {
    let client = context.registries()?;
    let trust = context.trust()?;
    let mut dependencies = Dependencies::new((&client, trust.as_deref()), context.progress());
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

/// For each service the positions of those that it needs.
pub(super) fn needs(services: &[Service]) -> Vec<BTreeSet<usize>> {
    let folders: HashMap<_, _> = services
        .iter()
        .enumerate()
        .map(|(position, service)| (&service.project.identity, position))
        .collect();
    let packages: HashMap<_, _> = services
        .iter()
        .enumerate()
        .filter_map(|(position, service)| Some((service.package?, position)))
        .collect();
    let mut before = None;
    let mut needs = Vec::with_capacity(services.len());
    for (position, service) in services.iter().enumerate() {
        let named = service.project.dependencies();
        let of_folders = named.filter_map(|(_, identity)| folders.get(&identity));
        let of_packages = service
            .packages
            .values()
            .filter_map(|package| packages.get(package));
        let mut needed: BTreeSet<usize> = of_folders.chain(of_packages).copied().collect();
        if service.package.is_some() {
            // What packages need of each other is in the order that they were found in.
            needed.extend(before.replace(position));
        }
        needs.push(needed);
    }
    needs
}
