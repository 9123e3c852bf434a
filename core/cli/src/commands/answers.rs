//! What a command says in the end of all services that had a turn.

use serde::Serialize;
use slipway_engine::Ended;
use slipway_model::{EnvironmentName, ServiceName};

use super::{Done, running::Answer, schedule::Turn};
use crate::{
    context::Context,
    error::{CommandError, ErrorKind},
};

/// What became of one run, or why there is none.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    service: ServiceName,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<EnvironmentName>,
    #[serde(flatten)]
    run: Option<Answer>,
    /// Where no run came to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    /// Why, where there is no run to say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    /// Of the service that was asked for.
    #[serde(skip)]
    own: bool,
}

/// How the turn of some services ended.
type End = (Turn<(), CommandError>, Vec<ServiceName>);

#[derive(Serialize)]
struct Answers {
    /// The last run of the service that was asked for.
    #[serde(flatten)]
    own: Option<Answer>,
    /// All runs, where there were several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    services: Vec<Told>,
}

/// On stdout what became of each; the error is what went wrong first, and what came of it.
pub(super) fn told(context: &Context, mut told: Vec<Told>, ends: Vec<End>) -> Done {
    let services = ends.iter().map(|(_, names)| names.len()).sum::<usize>();
    for (_, names) in ends.iter().filter(|(turn, _)| matches!(turn, Turn::NotBegun)) {
        told.extend(names.iter().map(|name| Told::not_begun(name.clone(), None)));
    }
    let own = told
        .iter()
        .rfind(|told| told.own)
        .and_then(|told| told.run.clone());
    let several = services > 1 || told.len() > 1;
    if own.is_some() || several {
        let services = if several { told } else { Vec::new() };
        let answers = Answers { own, services };
        context.ui.answer(&answers, || answers.words());
    }
    failure(ends)
}

fn failure(ends: Vec<End>) -> Done {
    let (mut failed, mut not_begun) = (Vec::new(), Vec::new());
    for (turn, names) in ends {
        let names = names
            .iter()
            .map(ServiceName::as_str)
            .collect::<Vec<_>>()
            .join(", ");
        match turn {
            Turn::Done(()) => {}
            Turn::Failed(error) => failed.push((names, error)),
            Turn::NotBegun => not_begun.push(names),
        }
    }
    let why = failed
        .first()
        .map(|(first, _)| format!("not begun, because {first} comes first"));
    one_error(failed, &not_begun.join(", "), &why.unwrap_or_default())
}

/// What went wrong in some of the clusters of an environment.
pub(super) fn failure_in(
    all: &[EnvironmentName],
    failed: Vec<(&EnvironmentName, CommandError)>,
    not_begun: &[&EnvironmentName],
) -> Done {
    let (count, all) = (failed.len(), all.len());
    let mut failed: Vec<_> = failed
        .into_iter()
        .map(|(name, error)| (name.to_string(), error))
        .collect();
    if let Some((first, error)) = failed.first_mut() {
        error.message = format!("{count} of {all} clusters failed; {first}: {}", error.message);
    }
    let not_begun: Vec<_> = not_begun.iter().map(|name| name.as_str()).collect();
    one_error(failed, &not_begun.join(", "), "not begun")
}

/// The first one with the others as hints. `why` is said of those that were not begun because of it.
fn one_error(failed: Vec<(String, CommandError)>, not_begun: &str, why: &str) -> Done {
    let mut failed = failed.into_iter();
    let Some((_, mut error)) = failed.next() else {
        if not_begun.is_empty() {
            return Ok(());
        }
        let text = format!("stopped before {not_begun} began");
        return Err(CommandError::new(ErrorKind::Interrupted, text).hint("the same command goes on"));
    };
    for (name, another) in failed {
        error = error.hint(format!("{name} failed too: {}", another.message));
        error.problems.extend(another.problems);
    }
    if !not_begun.is_empty() {
        error = error.hint(format!("{why}: {not_begun}"));
    }
    Err(error)
}

impl Told {
    /// `own` says whether the service is the one that was asked for.
    pub(super) fn new(
        (service, own): (ServiceName, bool),
        environment: Option<&EnvironmentName>,
        ended: &Result<Ended, CommandError>,
    ) -> Self {
        let (run, cause) = match ended {
            Ok(ended) => (Some(Answer::of(ended)), None),
            Err(error) => (None, Some(error.message.clone())),
        };
        Self {
            service,
            environment: environment.cloned(),
            outcome: cause.as_ref().map(|_| "failed"),
            run,
            cause,
            own,
        }
    }

    pub(super) fn not_begun(service: ServiceName, environment: Option<&EnvironmentName>) -> Self {
        Self {
            service,
            environment: environment.cloned(),
            run: None,
            outcome: Some("not-begun"),
            cause: None,
            own: false,
        }
    }

    fn is_well(&self) -> bool {
        self.run.as_ref().is_some_and(Answer::is_well)
    }

    fn words(&self) -> String {
        let run = self.run.as_ref().map(Answer::words);
        let said = run.unwrap_or_else(|| self.outcome.unwrap_or_default().replace('-', " "));
        match &self.environment {
            Some(environment) => format!("{} in {environment}: {said}", self.service),
            None => format!("{}: {said}", self.service),
        }
    }
}

impl Answers {
    fn words(&self) -> String {
        // Those that went well before the one that was asked for are no news.
        match &self.own {
            Some(own) if self.services.iter().all(Told::is_well) => own.words(),
            _ => self
                .services
                .iter()
                .map(Told::words)
                .collect::<Vec<_>>()
                .join("\n"),
        }
    }
}
