//! The table: what a guest tries, and what must come of it. Whatever that is, nothing outside is touched, no secret is
//! told, nothing that a terminal would obey reaches a person, and the same host goes on to serve a good guest.

use std::{
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};

use serde_json::Value;
use slipway_host::{Grants, Host, Limits};
use slipway_model::Digest;
use slipway_plugin::{Artifact, Call, Kind, PluginError, Plugins, Subject};
use tempfile::TempDir;

use crate::{
    kit::{Guest, place},
    world::{OUTSIDE, SECRET, TOKEN, World},
};

/// `…` in what is expected stands for anything.
#[derive(Clone)]
pub(crate) enum Must {
    /// It is not even loaded.
    NotLoad(String),
    /// It is broken off, in this verb.
    Break(&'static str, String),
    /// The last thing that it asked for is refused.
    BeTold(String),
    /// It gets its way, and that does no harm: why, and what it was told last.
    Get(&'static str, String),
    /// It says something, and this is what a person reads.
    Say(String),
    /// The record does not let it.
    Record(String),
}

type Grant = Arc<dyn Fn(&World) -> Call + Send + Sync>;
type Wasm = Arc<dyn Fn(&World) -> Vec<u8> + Send + Sync>;

#[derive(Clone)]
pub(crate) struct Row {
    tries: String,
    wasm: Wasm,
    kind: Kind,
    verb: &'static str,
    grants: Option<Grants>,
    grant: Grant,
    limits: Limits,
    must: Must,
}

static CACHE: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

/// Small, so that what reaches a limit reaches it soon.
pub(crate) fn limits() -> Limits {
    Limits {
        call: Duration::from_secs(1),
        computing: Duration::from_millis(500),
        ..Limits::default()
    }
}

/// What a busy machine may need on top of a deadline and its tenth: a tick, and a moment to be scheduled.
const SLACK: Duration = Duration::from_millis(1500);

impl Row {
    pub(crate) fn new(tries: impl Into<String>, guest: Guest, must: Must) -> Self {
        let kind = guest.kind();
        let mut row = Self::wasm(tries, move |_| guest.module(), must);
        row.kind = kind;
        row.verb = match kind {
            Kind::Format => "assemble",
            Kind::Check => "check",
            Kind::Target | Kind::Router => "stop",
        };
        row
    }

    /// Not made by the kit.
    pub(crate) fn wasm(
        tries: impl Into<String>,
        wasm: impl Fn(&World) -> Vec<u8> + Send + Sync + 'static,
        must: Must,
    ) -> Self {
        Self {
            tries: tries.into(),
            wasm: Arc::new(wasm),
            kind: Kind::Target,
            verb: "stop",
            grants: None,
            grant: Arc::new(World::call),
            limits: limits(),
            must,
        }
    }

    pub(crate) fn granted(mut self, grants: Grants) -> Self {
        self.grants = Some(grants);
        self
    }

    pub(crate) fn call(mut self, grant: impl Fn(&World) -> Call + Send + Sync + 'static) -> Self {
        self.grant = Arc::new(grant);
        self
    }

    pub(crate) fn within(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Looks instead of doing.
    pub(crate) fn observed(mut self) -> Self {
        self.verb = "observe";
        self
    }

    async fn attempt(&self, world: &World) -> Attempt {
        // The good guest is compiled once for all.
        let mut host = Host::new(self.limits.clone()).with_cache(CACHE.path().join("compiled"));
        let wasm = (self.wasm)(world);
        let began = Instant::now();
        let outcome = self.outcome(&mut host, wasm, world).await;
        Attempt {
            took: began.elapsed(),
            outcome,
            serves: serves(&mut host).await,
        }
    }

    /// What a person reads of it, if it is not an error.
    async fn outcome(&self, host: &mut Host, wasm: Vec<u8>, world: &World) -> Result<String, PluginError> {
        host.add("guest", wasm, self.grants.clone())?;
        let call = (self.grant)(world);
        match self.kind {
            Kind::Format => {
                let format = host.format("guest").await?;
                let files = format.assemble(call, artifact(), Value::Null).await?;
                Ok(files
                    .iter()
                    .map(|file| file.path.clone())
                    .collect::<Vec<_>>()
                    .join(" "))
            }
            Kind::Check => {
                let check = host.check("guest").await?;
                let finding = check.check(call, Value::Null, subject()).await?;
                Ok(format!("{} {}", finding.message, finding.evidence.join(" ")))
            }
            Kind::Target | Kind::Router => {
                let target = host.target("guest").await?;
                if self.verb == "observe" {
                    let seen = target.observe(call, place()).await?;
                    return Ok(seen.into_iter().map(|seen| seen.detail).collect());
                }
                let described = target.describe().clone();
                target.stop(call, place(), "shop-1".parse().unwrap()).await?;
                Ok(format!(
                    "{} {} {}",
                    described.name, described.version, described.summary
                ))
            }
        }
    }

    fn judge(&self, world: &World, attempt: &Attempt) -> Result<String, String> {
        let told = world.tape.outcomes().into_iter().last();
        let what = match (&attempt.outcome, told) {
            (Err(error), _) => error.to_string(),
            (Ok(_), Some(Err(failure))) => failure.to_string(),
            (Ok(_), Some(Ok(told))) => told.to_string(),
            (Ok(_), None) => String::new(),
        };
        let (seen, expected) = match (&self.must, &attempt.outcome) {
            (Must::NotLoad(expected), Err(PluginError::Load { cause, .. })) => (cause.clone(), expected),
            (
                Must::Break(verb, expected),
                Err(PluginError::Broke {
                    verb: found, cause, ..
                }),
            ) if verb == found => (cause.clone(), expected),
            (Must::BeTold(expected), Ok(_)) if matches!(world.tape.outcomes().last(), Some(Err(_))) => {
                (what.clone(), expected)
            }
            (Must::Get(_, expected), Ok(_)) if !matches!(world.tape.outcomes().last(), Some(Err(_))) => {
                (what.clone(), expected)
            }
            (Must::Record(expected), Err(PluginError::Record { source, .. })) => {
                (source.to_string(), expected)
            }
            (Must::Say(expected), Ok(said)) => (said.clone(), expected),
            (Must::Say(expected), Err(PluginError::Answered { failure, .. })) => {
                (failure.to_string(), expected)
            }
            _ => {
                return Err(format!(
                    "something else came of it: {what} ({:?})",
                    attempt.outcome
                ));
            }
        };
        if !fits(&seen, expected) {
            return Err(format!(
                "not as expected\n      was {seen:?}\n      not {expected:?}"
            ));
        }
        world.untouched()?;
        attempt.serves.clone()?;
        self.in_time(attempt.took)?;
        quiet(world, &attempt.outcome)?;
        Ok(seen)
    }

    fn in_time(&self, took: Duration) -> Result<(), String> {
        // Described and called: each has its own time.
        let deadline = self.limits.call * 11 / 10 + SLACK;
        if took > deadline {
            return Err(format!("it went on for {took:?}, and had {:?}", self.limits.call));
        }
        Ok(())
    }
}

struct Attempt {
    outcome: Result<String, PluginError>,
    took: Duration,
    serves: Result<(), String>,
}

/// Nothing that is secret and nothing that a terminal would obey is told, recorded or read.
fn quiet(world: &World, outcome: &Result<String, PluginError>) -> Result<(), String> {
    let read = match outcome {
        Ok(said) => said.clone(),
        Err(error) => error.to_string(),
    };
    let recorded = format!("{:?}{:?}", world.tape.effects(), world.tape.outcomes());
    for kept in [SECRET, "a55word", TOKEN, OUTSIDE] {
        if read.contains(kept) || recorded.contains(kept) {
            return Err(format!("{kept} was told: {read}"));
        }
    }
    if let Some(found) = obeyed(&read) {
        return Err(format!("a terminal would obey {found:?} in {read:?}"));
    }
    // What is recorded of a line, of progress and of a refusal is read by people too.
    let spoken = ["log", "progress"];
    let effects = world.tape.effects().into_iter();
    let lines = effects
        .filter(|effect| spoken.contains(&effect.capability.as_str()))
        .map(|effect| {
            effect.request["message"]
                .as_str()
                .or(effect.request["what"].as_str())
                .unwrap_or_default()
                .to_owned()
        });
    let refusals = world.tape.outcomes().into_iter().filter_map(Result::err);
    let mut said = lines.chain(refusals.map(|failure| failure.to_string()));
    if let Some(line) = said.find(|line| obeyed(line).is_some()) {
        return Err(format!("a terminal would obey what is recorded: {line:?}"));
    }
    Ok(())
}

fn obeyed(text: &str) -> Option<char> {
    text.chars().find(|c| {
        c.is_control() && !matches!(c, '\n' | '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    })
}

fn fits(seen: &str, expected: &str) -> bool {
    let mut parts = expected.split('…');
    let Some(mut rest) = parts.next().and_then(|first| seen.strip_prefix(first)) else {
        return false;
    };
    let mut whole = true;
    for part in parts {
        whole = part.is_empty();
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
        whole |= rest.is_empty();
    }
    if expected.contains('…') {
        whole
    } else {
        rest.is_empty()
    }
}

/// The host goes on with the next one.
async fn serves(host: &mut Host) -> Result<(), String> {
    let revision = Digest::of("revision").to_string();
    let good = Guest::new().log("good").observing("shop-1", &revision);
    let told = |error: PluginError| format!("the host does not serve a good guest: {error}");
    host.add("good", good.module(), None).map_err(told)?;
    let target = host.target("good").await.map_err(told)?;
    let call = || Call::new(crate::kit::Tape::new());
    let name = "shop-1".parse().unwrap();
    target.stop(call(), place(), name).await.map_err(told)?;
    match target.observe(call(), place()).await.map_err(told)?.len() {
        1 => Ok(()),
        other => Err(format!("a good guest is heard as {other}")),
    }
}

fn artifact() -> Artifact {
    Artifact {
        name: "web".to_owned(),
        blob: Digest::of("blob"),
        size: 4,
        settings: Value::Null,
    }
}

fn subject() -> Subject {
    Subject {
        service: "shop".parse().unwrap(),
        environment: "prod".parse().unwrap(),
        revision: Digest::of("revision"),
        stable: None,
        instances: Vec::new(),
    }
}

/// Every row of a class, each in a world of its own; all that went wrong is told at the end.
pub(crate) async fn run(class: &str, rows: Vec<Row>) {
    let (count, mut lines, mut wrong) = (rows.len(), Vec::new(), Vec::new());
    for row in rows {
        let (tries, must) = (row.tries.clone(), row.must.clone());
        // A panic of the host is one of the task.
        let judged = tokio::spawn(async move {
            let world = World::new().await;
            let attempt = row.attempt(&world).await;
            row.judge(&world, &attempt)
        });
        match judged.await {
            Ok(Ok(seen)) => lines.push(format!("  {tries:<52} {}", must.words(&seen))),
            Ok(Err(problem)) => wrong.push(format!("  {tries}: {problem}")),
            Err(panic) => wrong.push(format!("  {tries}: THE HOST PANICKED: {panic}")),
        }
    }
    println!("{class}: {count} guests\n{}", lines.join("\n"));
    assert!(wrong.is_empty(), "{class}\n{}", wrong.join("\n"));
}

impl Must {
    /// Not when it does something, but when it looks.
    pub(crate) fn observe(self) -> Self {
        match self {
            Self::Break(_, text) => Self::Break("observe", text),
            other => other,
        }
    }

    pub(crate) fn assembling(self) -> Self {
        match self {
            Self::Break(_, text) => Self::Break("assemble", text),
            other => other,
        }
    }

    /// For people: what became of it.
    fn words(&self, seen: &str) -> String {
        let seen: String = seen.replace('\n', " ").chars().take(110).collect();
        match self {
            Self::NotLoad(_) => format!("not loaded: {seen}"),
            Self::Break(verb, _) => format!("broken off in {verb}: {seen}"),
            Self::BeTold(_) => format!("refused: {seen}"),
            Self::Get(why, _) => format!("allowed, {why}"),
            Self::Say(_) => format!("read as: {seen}"),
            Self::Record(_) => format!("stopped by the record: {seen}"),
        }
    }
}

pub(crate) fn not_load(text: impl Into<String>) -> Must {
    Must::NotLoad(text.into())
}

pub(crate) fn breaks(text: impl Into<String>) -> Must {
    Must::Break("stop", text.into())
}

pub(crate) fn describes_badly(text: impl Into<String>) -> Must {
    Must::Break("describe", text.into())
}

pub(crate) fn told(text: impl Into<String>) -> Must {
    Must::BeTold(text.into())
}

pub(crate) fn gets(why: &'static str, text: impl Into<String>) -> Must {
    Must::Get(why, text.into())
}

pub(crate) fn says(text: impl Into<String>) -> Must {
    Must::Say(text.into())
}
