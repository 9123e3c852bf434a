//! Several services with one verdict: a run each, all of them carried out here, and gone on with here.

use std::{
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use futures_util::future::join_all;
use slipway_engine::{
    Ended, Engine, Group, Lead, Member, Request, Run, RunError, Work, Workspace, begin_as, begun_with,
    project::Project, reopen,
};
use slipway_journal::{Ending, RunState};
use slipway_model::{EnvironmentName, RunId, ServiceName};
use tokio_util::sync::CancellationToken;

use super::{
    Done,
    answers::{Told, told},
    happened::{Answer, settle},
    running::{carry_out, failed},
    schedule::Turn,
};
use crate::{context::Context, error::CommandError, observer::Talker};

/// What one of the services shall do.
pub(super) struct Part {
    pub(super) project: Project,
    pub(super) work: Work,
}

/// How it went for one of them.
pub(super) struct Went {
    pub(super) service: ServiceName,
    pub(super) ended: Result<Ended, CommandError>,
    /// The others went back because of it.
    first: bool,
}

/// One that is under way.
struct Seated {
    project: Project,
    engine: Engine,
    request: Request,
    /// Absent where it has ended already.
    run: Option<Run>,
}

/// In the order in which they go; the last one leads. Nothing is begun if one of them cannot begin.
pub(super) async fn together(
    context: &Context,
    (environment, cluster): (&EnvironmentName, Option<&EnvironmentName>),
    parts: Vec<Part>,
    stop: &CancellationToken,
) -> Result<Vec<Went>, CommandError> {
    let mut seated = Vec::new();
    for part in parts {
        let engine = engine_of(context, &part.project, cluster).await?;
        let name = part.project.manifest.service.name.clone();
        let request = Request::new(name, Some(environment.clone()), part.work);
        seated.push((part.project, engine, request));
    }
    let ids: Vec<RunId> = seated
        .iter()
        .map(|(_, engine, _)| engine.ambient.run_id())
        .collect();
    let (Some((led, _, leading)), Some(lead)) = (seated.last(), ids.last().cloned()) else {
        return Ok(Vec::new());
    };
    let (led, leading) = (led.identity.clone(), leading.service.clone());
    let members: Vec<Member> = seated[..seated.len() - 1]
        .iter()
        .zip(&ids)
        .map(|((project, _, request), run)| Member {
            service: request.service.clone(),
            file: from_beside(&led, &project.identity),
            run: run.clone(),
            work: request.work.clone(),
        })
        .collect();
    // The one that leads begins first: it knows of the others.
    let mut begun = Vec::new();
    for ((project, engine, mut request), id) in seated.into_iter().zip(ids).rev() {
        if id == lead {
            request.together.clone_from(&members);
        } else {
            request.lead = Some(Lead {
                service: leading.clone(),
                file: from_beside(&project.identity, &led),
                run: lead.clone(),
            });
        }
        match begin_as(&engine, &request, id, stop.clone()).await {
            Ok(run) => begun.push(Seated {
                project,
                engine,
                request,
                run: Some(run),
            }),
            Err(error) => {
                let error = CommandError::from(error);
                for run in begun.iter().filter_map(|seated| seated.run.as_ref()) {
                    let why = format!("{} could not begin: {}", request.service, error.message);
                    run.end(Ending::Failed, &why).await?;
                }
                return Err(error);
            }
        }
    }
    begun.reverse();
    let services = begun.iter().map(|seated| seated.request.service.clone());
    let group = Group::new(services.collect());
    carried_out(context, &group, begun).await
}

/// Goes on with all runs of the group that one of them belongs to. Nothing, if it belongs to none.
pub(super) async fn go_on(
    context: &Context,
    (file, request, id): (PathBuf, &Request, &RunId),
    answer: Option<Answer>,
    stop: &CancellationToken,
) -> Result<Option<Vec<Went>>, CommandError> {
    let (lead, file) = match &request.lead {
        None if request.together.is_empty() => return Ok(None),
        None => (id.clone(), file),
        Some(lead) => (lead.run.clone(), beside(&file, &lead.file)),
    };
    let led = as_begun(context, &file, &lead).await?;
    let engine = engine_of(context, &led, None).await?;
    let known = engine.store.run(lead.as_str()).await.map_err(RunError::from)?;
    let leading: Request = serde_json::from_str(&known.plan)
        .map_err(|error| CommandError::failed(format!("run {lead} was begun by another version: {error}")))?;
    let mut seated = Vec::new();
    let mut group = leading
        .together
        .iter()
        .map(|member| member.service.clone())
        .collect::<Vec<_>>();
    group.push(leading.service.clone());
    let group = Group::new(group);
    let mut answer = answer;
    for (position, member) in leading.together.iter().enumerate() {
        let project = as_begun(context, &beside(&led.identity, &member.file), &member.run).await?;
        let engine = engine_of(context, &project, None).await?;
        let begun = engine.store.run(member.run.as_str()).await;
        let mut request = Request::new(
            member.service.clone(),
            leading.environment.clone(),
            member.work.clone(),
        );
        request.lead = Some(Lead {
            service: leading.service.clone(),
            file: from_beside(&project.identity, &led.identity),
            run: lead.clone(),
        });
        let run = match begun {
            Ok(run) if run.ended.is_some() => {
                group.ended(position, failure(&run));
                None
            }
            Ok(_) => Some(again(context, &engine, &member.run, &mut answer, stop).await?),
            // All of it was interrupted before this one had begun.
            Err(_) if known.ended.is_none() => {
                Some(begin_as(&engine, &request, member.run.clone(), stop.clone()).await?)
            }
            Err(error) => return Err(RunError::from(error).into()),
        };
        seated.push(Seated {
            project,
            engine,
            request,
            run,
        });
    }
    let run = match known.ended {
        Some(_) => {
            group.ended(leading.together.len(), failure(&known));
            None
        }
        None => Some(again(context, &engine, &lead, &mut answer, stop).await?),
    };
    seated.push(Seated {
        project: led,
        engine,
        request: leading,
        run,
    });
    carried_out(context, &group, seated).await.map(Some)
}

/// What went wrong with the one that failed first.
pub(super) fn failure_of(went: &[Went]) -> Option<CommandError> {
    let mut bad = went.iter().filter(|went| !went.is_well());
    let first = went.iter().find(|went| went.first && !went.is_well());
    let bad = first.or_else(|| bad.next())?;
    let error = match &bad.ended {
        Ok(ended) => failed(ended).err()?,
        Err(error) => error.clone(),
    };
    let others = went.iter().filter(|other| other.service != bad.service);
    let others: Vec<_> = others.map(|other| other.service.as_str()).collect();
    if others.is_empty() {
        return Some(error);
    }
    Some(error.hint(format!(
        "{} is released together with {}: they have one verdict",
        bad.service,
        others.join(", ")
    )))
}

/// On stdout what became of several that were all there was to do; the last of them is the one that was asked for.
pub(super) fn told_together(context: &Context, environment: Option<&EnvironmentName>, went: &[Went]) -> Done {
    let count = went.len();
    let of_one = |(position, went): (usize, &Went)| {
        let own = position + 1 == count;
        Told::new((went.service.clone(), own), environment, &went.ended)
    };
    let each = went.iter().enumerate().map(of_one).collect();
    let turn = failure_of(went).map_or(Turn::Done(()), Turn::Failed);
    let names = went.iter().map(|went| went.service.clone()).collect();
    told(context, each, vec![(turn, names)])
}

impl Went {
    pub(super) fn alone(service: ServiceName, ended: Ended) -> Self {
        Self {
            service,
            ended: Ok(ended),
            first: true,
        }
    }

    fn is_well(&self) -> bool {
        self.ended
            .as_ref()
            .is_ok_and(|ended| ended.ending == Ending::Succeeded)
    }
}

async fn carried_out(
    context: &Context,
    group: &Arc<Group>,
    seated: Vec<Seated>,
) -> Result<Vec<Went>, CommandError> {
    let identities: Vec<&PathBuf> = seated.iter().map(|seated| &seated.project.identity).collect();
    for (position, Seated { project, run, .. }) in seated.iter().enumerate() {
        let needs = project.dependencies();
        let needs =
            needs.filter_map(|(_, needed)| identities.iter().position(|identity| **identity == needed));
        if let Some(run) = run {
            group.seat(run, position, needs.collect());
        }
    }
    let runs = seated.iter().enumerate().filter_map(|(position, seated)| {
        let run = seated.run.as_ref()?;
        Some(async move {
            let Seated {
                project,
                engine,
                request,
                ..
            } = seated;
            let ended = carry_out(context, engine, run, request, Some(project)).await;
            (position, request.service.clone(), ended)
        })
    });
    let went = join_all(runs)
        .await
        .into_iter()
        .map(|(position, service, ended)| Went {
            first: group.failed() == Some(position),
            service,
            ended,
        });
    Ok(went.collect())
}

/// `cluster` is said where there are several.
async fn engine_of(
    context: &Context,
    project: &Project,
    cluster: Option<&EnvironmentName>,
) -> Result<Engine, CommandError> {
    let mut engine = context.engine_of(project).await?;
    let service = project.manifest.service.name.as_str();
    let whom = [service].into_iter().chain(cluster.map(EnvironmentName::as_str));
    engine.observer = Arc::new(Talker::of(context.ui, whom));
    Ok(engine)
}

/// As it was when the run began.
pub(super) async fn as_begun(context: &Context, file: &Path, run: &RunId) -> Result<Project, CommandError> {
    let root = file.parent().unwrap_or(Path::new("."));
    let workspace = Workspace::new(root);
    let store = context.ledger(&workspace).await?;
    match begun_with(&store, &workspace, run, file).await? {
        Some(project) => Ok(project),
        None => context.project_of(file).await,
    }
}

async fn again(
    context: &Context,
    engine: &Engine,
    id: &RunId,
    answer: &mut Option<Answer>,
    stop: &CancellationToken,
) -> Result<Run, CommandError> {
    let (run, _) = reopen(engine, id, stop.clone()).await?;
    // The answer is for the one that has asked.
    let asks = run.question().await.map_err(CommandError::from)?.is_some();
    let given = if asks { answer.take() } else { None };
    if let Err(error) = settle(context, &run, given).await {
        run.release().await?;
        return Err(error);
    }
    Ok(run)
}

fn failure(run: &slipway_journal::Run) -> Option<String> {
    (run.state != RunState::Succeeded).then(|| run.summary.clone())
}

/// How a manifest is named from the folder of another one: so, wherever both are checked out.
fn from_beside(manifest: &Path, other: &Path) -> PathBuf {
    let folder = manifest.parent().unwrap_or(Path::new(""));
    let alike = folder.components().zip(other.components());
    let shared = alike.take_while(|(here, there)| here == there).count();
    let up = folder.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(other.components().skip(shared)).collect()
}

/// The manifest that is named so.
pub(super) fn beside(manifest: &Path, named: &Path) -> PathBuf {
    manifest.parent().unwrap_or(Path::new("")).join(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_are_found_from_each_other() {
        let here = Path::new("/ci/7/front/deploy.toml");
        for (other, named) in [
            ("/ci/7/cart/deploy.toml", "../cart/deploy.toml"),
            (
                "/ci/7/front/.slipway/dependencies/cart/deploy.toml",
                ".slipway/dependencies/cart/deploy.toml",
            ),
            (
                "/elsewhere/cart/deploy.toml",
                "../../../elsewhere/cart/deploy.toml",
            ),
        ] {
            let name = from_beside(here, Path::new(other));
            assert_eq!(name, Path::new(named));
        }
        let there = Path::new("/home/anna/front/deploy.toml");
        assert_eq!(
            beside(there, Path::new("../cart/deploy.toml")),
            Path::new("/home/anna/front/../cart/deploy.toml")
        );
    }
}
