//! Which packages go first, in which order, each laid out once. A service runs once in an environment: two packages of
//! one service, or a package beside a folder of it, are refused with who needs which.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use indexmap::IndexMap;
use slipway_manifest::{Dependency, Reference};
use slipway_model::{Digest, ServiceName};
use slipway_registry::{Client, CopyOptions, Progress, Repository};

use super::{
    closure::{copy_with_dependencies, read_all},
    folder::lay_out,
    manifest::BELOW,
};
use crate::{
    Failed, RunError, Workspace,
    lock::{Lock, unmoved},
    package::Package,
    project::{Decided, Project},
    registries::{Registries, look_up},
    trust::{Admitted, Record, Trust},
};

/// Packages and blobs of one package under way at the same time.
const AT_ONCE: usize = 4;

/// What one command has found out so far, over all its services.
pub struct Dependencies<'a> {
    client: &'a Client,
    trust: Option<&'a Trust>,
    progress: Arc<dyn Progress>,
    known: BTreeMap<ServiceName, Known>,
}

/// Where a reference's meaning is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// From the registry. What deploy.lock says otherwise is refused, or taken over with `update`.
    Again { update: bool },
    /// From deploy.lock and the working copies: nobody is asked.
    AsReleased,
}

/// The packages that one service depends on.
#[derive(Debug, Default)]
pub struct Needs {
    /// Those that nobody before it needed, each after its own dependencies.
    pub fresh: Vec<LaidOut>,
    /// By the names in the manifest.
    pub packages: BTreeMap<String, Digest>,
}

#[derive(Debug, Clone)]
pub struct LaidOut {
    /// Holds a `deploy.toml`, and the ledger of the package's service.
    pub folder: PathBuf,
    pub package: Digest,
    pub decided: Decided,
}

/// Where a service comes from.
#[derive(Debug, Clone)]
struct Known {
    /// None is a folder of its own.
    package: Option<Digest>,
    /// The manifest that brought it.
    file: PathBuf,
}

impl<'a> Dependencies<'a> {
    pub fn new((client, trust): (&'a Client, Option<&'a Trust>), progress: Arc<dyn Progress>) -> Self {
        Self {
            client,
            trust,
            progress,
            known: BTreeMap::new(),
        }
    }

    /// Fetches and lays out what a service needs. Asked in the order in which services go, the service itself last.
    pub async fn of(&mut self, project: &Project, look: Look) -> Result<Needs, RunError> {
        let registries = Registries::new(project, (self.client, self.trust), self.progress.clone());
        let store = registries.store()?;
        let lock = Lock::read(&Workspace::new(&project.root))?;
        let mut needs = Needs::default();
        let mut packages: IndexMap<Digest, Package> = IndexMap::new();
        // On whose word each of them is taken: that of the package which leads to it.
        let mut words: BTreeMap<Digest, Vec<Admitted>> = BTreeMap::new();
        for (name, dependency) in &project.manifest.dependencies {
            let Dependency::Package {
                registry,
                repository,
                reference,
            } = dependency
            else {
                continue;
            };
            let from = format!("{registry}:{repository}{reference}");
            let (digest, admitted) = match look {
                Look::Again { update } => {
                    let source = registries.named(registry, repository)?;
                    let digest = look_up(&source, reference).await?;
                    if !update {
                        unmoved(lock.dependencies.get(name), &from, digest)?;
                    }
                    // A signature of a package covers all that it names, by its digests.
                    let admitted = registries
                        .admit(&source, digest, &format!("package {name}"))
                        .await?;
                    if matches!(reference, Reference::Tag(_)) {
                        lock.not_backwards(&from, digest, admitted.as_ref())?;
                    }
                    self.bring(&source, digest, &store).await?;
                    (digest, admitted)
                }
                Look::AsReleased => lock
                    .dependencies
                    .get(name)
                    .filter(|locked| locked.from == from)
                    .map(|locked| (locked.digest, None))
                    .ok_or_else(|| not_released(name, &from))?,
            };
            let below = read_all(&store, digest).await?;
            for package in below.keys() {
                words.entry(*package).or_default().extend(admitted.clone());
            }
            packages.extend(below);
            needs.packages.insert(name.clone(), digest);
        }
        let order = order(&project.manifest.service.name, &needs.packages, &packages)?;
        let names = names(&needs.packages, &packages)?;
        for digest in order {
            let package = &packages[&digest];
            let name = names.get(&package.service).copied();
            if self.is_new(project, (package, digest), name)? {
                let root = Workspace::new(&project.root).dependency(&package.service);
                let working = registries.working_copies(&Workspace::new(&root), &package.service)?;
                if self.trust.is_some() && matches!(look, Look::Again { .. }) {
                    let words = words.remove(&digest).unwrap_or_default();
                    Record::new(digest, words).write(&Workspace::new(&root))?;
                }
                let folder = lay_out(project, (&store, &working), (package, digest), name).await?;
                needs.fresh.push(LaidOut {
                    folder,
                    package: digest,
                    decided: Decided {
                        file: project.file.clone(),
                        below: Path::new(BELOW).join(project.file.file_name().unwrap_or_default()),
                        text: project.text.clone(),
                        name: name.unwrap_or(package.service.as_str()).to_owned(),
                    },
                });
            }
        }
        self.own(project)?;
        Ok(needs)
    }

    async fn bring(&self, source: &Repository, digest: Digest, store: &Repository) -> Result<(), RunError> {
        let options = CopyOptions {
            parallel: AT_ONCE,
            progress: self.progress.clone(),
            ..CopyOptions::default()
        };
        copy_with_dependencies(source, digest, store, &options).await
    }

    /// Notes that the service comes as this package, and whether nobody has said so before.
    fn is_new(
        &mut self,
        project: &Project,
        (package, digest): (&Package, Digest),
        name: Option<&str>,
    ) -> Result<bool, Failed> {
        let service = &package.service;
        let Some(known) = self.known.get(service) else {
            let known = Known {
                package: Some(digest),
                file: project.file.clone(),
            };
            self.known.insert(service.clone(), known);
            return Ok(true);
        };
        if known.package != Some(digest) {
            return Err(twice(service, known, Some(digest), &project.file));
        }
        let decides = |name: &str| {
            let mut environments = project.manifest.environments.values();
            environments.any(|environment| environment.dependencies.contains_key(name))
        };
        if name.is_some_and(decides) {
            let (own, other) = (project.file.display(), known.file.display());
            let text = format!("{own} decides for {service}, and so does {other}, which goes first");
            return Err(Failed::new(text).hint(format!(
                "say it in {other} alone: a service runs once in an environment"
            )));
        }
        Ok(false)
    }

    fn own(&mut self, project: &Project) -> Result<(), Failed> {
        let service = &project.manifest.service.name;
        match self.known.get(service) {
            Some(known) if known.package.is_some() => Err(twice(service, known, None, &project.file)),
            _ => {
                let known = Known {
                    package: None,
                    file: project.file.clone(),
                };
                self.known.insert(service.clone(), known);
                Ok(())
            }
        }
    }
}

/// Every package after those that it depends on.
fn order(
    own: &ServiceName,
    direct: &BTreeMap<String, Digest>,
    packages: &IndexMap<Digest, Package>,
) -> Result<Vec<Digest>, Failed> {
    let mut order = Vec::new();
    for digest in direct.values() {
        visit(*digest, packages, &mut vec![own], &mut order)?;
    }
    Ok(order)
}

fn visit<'p>(
    digest: Digest,
    packages: &'p IndexMap<Digest, Package>,
    above: &mut Vec<&'p ServiceName>,
    order: &mut Vec<Digest>,
) -> Result<(), Failed> {
    if order.contains(&digest) {
        return Ok(());
    }
    let package = &packages[&digest];
    if let Some(first) = above.iter().position(|above| **above == package.service) {
        let chain: Vec<_> = above[first..]
            .iter()
            .chain([&&package.service])
            .map(|service| service.as_str())
            .collect();
        let text = format!("services depend on each other: {}", chain.join(" -> "));
        return Err(Failed::new(text).hint(format!(
            "one of them has to go first: package {} of {} was made with a dependency that leads back",
            digest.short(),
            package.service
        )));
    }
    above.push(&package.service);
    for dependency in package.dependencies.values() {
        visit(*dependency, packages, above, order)?;
    }
    above.pop();
    order.push(digest);
    Ok(())
}

/// What the manifest calls the services that it names itself.
fn names<'n>(
    direct: &'n BTreeMap<String, Digest>,
    packages: &IndexMap<Digest, Package>,
) -> Result<BTreeMap<ServiceName, &'n str>, Failed> {
    let mut names: BTreeMap<ServiceName, &str> = BTreeMap::new();
    for (name, digest) in direct {
        let service = packages[digest].service.clone();
        if let Some(other) = names.insert(service.clone(), name) {
            let text = format!("dependencies `{other}` and `{name}` are both service {service}");
            return Err(Failed::new(text).hint("take one of the two away"));
        }
    }
    Ok(names)
}

fn twice(service: &ServiceName, known: &Known, digest: Option<Digest>, file: &Path) -> Failed {
    let what = |digest: Option<Digest>| {
        digest.map_or("a folder of its own".to_owned(), |digest| {
            format!("package {}", digest.short())
        })
    };
    let text = format!(
        "service {service} is needed twice: as {} by {}, as {} by {}",
        what(known.package),
        known.file.display(),
        what(digest),
        file.display()
    );
    Failed::new(text).hint("it runs once in an environment: let all that depend on it name the same one")
}

fn not_released(name: &str, from: &str) -> Failed {
    Failed::new(format!("dependency `{name}` ({from}) is not released yet"))
        .hint("`slipway release` fetches it")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a > b c` is a package of service a that depends on those of b and c, which are lines below. The first one is
    /// what the service `shop` depends on.
    fn check(lines: &str, expected: Result<&str, &str>) {
        let parsed: Vec<(&str, Vec<&str>)> = lines
            .lines()
            .map(|line| {
                let (service, needs) = line.split_once('>').unwrap_or((line, ""));
                (service.trim(), needs.split_whitespace().collect())
            })
            .collect();
        let digest = |line: &str| Digest::of(line.as_bytes());
        let packages: IndexMap<Digest, Package> = parsed
            .iter()
            .map(|(id, needs)| {
                // `shop.2` is another package of service shop.
                let service = id.split('.').next().unwrap_or(id);
                let package = Package {
                    v: 1,
                    service: service.parse().unwrap(),
                    version: "1".to_owned(),
                    artifacts: IndexMap::new(),
                    parameters: IndexMap::new(),
                    config: Vec::new(),
                    assembled: Vec::new(),
                    dependencies: needs
                        .iter()
                        .map(|need| ((*need).to_owned(), digest(need)))
                        .collect(),
                };
                (digest(id), package)
            })
            .collect();
        let direct = BTreeMap::from([("first".to_owned(), digest(parsed[0].0))]);
        let found = order(&"shop".parse().unwrap(), &direct, &packages);
        let found = found.map(|order| {
            let names: Vec<_> = order
                .iter()
                .map(|digest| packages[digest].service.as_str())
                .collect();
            names.join(" ")
        });
        let found = found.map_err(|failed| failed.message);
        assert_eq!(
            found,
            expected.map(str::to_owned).map_err(str::to_owned),
            "{lines}"
        );
    }

    #[test]
    fn packages_come_after_what_they_depend_on() {
        check("database", Ok("database"));
        check("auth > database\ndatabase > disk\ndisk", Ok("disk database auth"));
        check("a > b c\nb > d\nc > d\nd", Ok("d b c a"));
    }

    #[test]
    fn a_service_that_leads_back_to_itself_is_refused() {
        check(
            "database > shop.2\nshop.2",
            Err("services depend on each other: shop -> database -> shop"),
        );
        check(
            "a > b\nb > a.2\na.2",
            Err("services depend on each other: a -> b -> a"),
        );
    }
}
