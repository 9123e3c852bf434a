//! What runs came to, for the programs that began them: written where they want it when a run ends, annotated, and told to a
//! collector. How a run ended does not depend on any of it.

use std::{
    env, fmt, fs,
    path::{Path, PathBuf},
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
};

use clap::ValueEnum;
use slipway_journal::Store;
use slipway_model::RunId;
use slipway_report::{Account, RunLine, cdevents, github, happenings, junit};

use crate::{annotations, commands::records, context::Context, error::CommandError, telemetry};

/// Where [`Reports`] are wanted besides the command line, with commas between them.
const VARIABLE: &str = "SLIPWAY_REPORT";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// JUnit's XML: steps, actions, checks and analyses as test cases.
    Junit,
    /// Annotations of GitHub Actions.
    Github,
    /// CDEvents 0.4.1, a CloudEvent in JSON a line.
    Cdevents,
}

/// `KIND=FILE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    kind: Kind,
    file: PathBuf,
}

/// The runs of this process that have ended, and where they are reported.
#[derive(Default)]
pub(crate) struct Reports {
    wanted: Vec<Wanted>,
    ended: Mutex<Vec<Account>>,
}

impl Kind {
    /// With a newline at its end, unless there is nothing to say.
    pub(crate) fn write(self, accounts: &[Account]) -> Result<String, CommandError> {
        match self {
            Self::Junit => junit(accounts)
                .map_err(|error| CommandError::failed(format!("the report cannot be written: {error}"))),
            Self::Github => Ok(github(accounts)),
            Self::Cdevents => Ok(cdevents(accounts)
                .iter()
                .map(|event| format!("{event}\n"))
                .collect()),
        }
    }
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, file) = text.split_once('=').ok_or("expected KIND=FILE")?;
        let kind = <Kind as ValueEnum>::from_str(kind, false).map_err(|_| {
            let kinds = Kind::value_variants()
                .iter()
                .filter_map(ValueEnum::to_possible_value);
            let kinds: Vec<_> = kinds.map(|kind| kind.get_name().to_owned()).collect();
            format!("`{kind}` is none of: {}", kinds.join(", "))
        })?;
        if file.is_empty() {
            return Err("expected KIND=FILE".to_owned());
        }
        Ok(Self {
            kind,
            file: file.into(),
        })
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.file.display().fmt(f)
    }
}

impl Reports {
    /// Those of the command line, and those of the environment.
    pub(crate) fn new(mut wanted: Vec<Wanted>) -> Result<Self, CommandError> {
        let more = env::var(VARIABLE).unwrap_or_default();
        for text in more.split(',').filter(|text| !text.is_empty()) {
            let one = text
                .parse()
                .map_err(|why: String| CommandError::usage(format!("{VARIABLE}: {why}")))?;
            wanted.push(one);
        }
        Ok(Self {
            wanted,
            ended: Mutex::default(),
        })
    }
}

/// One run, as far as it has come.
pub(crate) async fn account(store: &Arc<dyn Store>, run: &RunId) -> Result<Account, CommandError> {
    Ok(read(store, run).await?.0)
}

/// After a run. What fails is told, and left.
pub(crate) async fn keep(context: &Context, store: &Arc<dyn Store>, run: &RunId) {
    let telemetry = telemetry::Settings::of_environment();
    let reports = &context.reports;
    if reports.wanted.is_empty() && telemetry.is_none() && !annotations::wanted() {
        return;
    }
    let (account, records) = match read(store, run).await {
        Ok(read) => read,
        Err(error) => {
            return context
                .ui
                .note(&format!("run {run} is not reported: {}", error.message));
        }
    };
    if annotations::wanted() {
        context
            .ui
            .annotate(github(std::slice::from_ref(&account)).lines());
    }
    let line = account.run.clone();
    let accounts = {
        let mut ended = reports.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.retain(|known| known.run.run != account.run.run);
        ended.push(account);
        ended.clone()
    };
    for Wanted { kind, file } in &reports.wanted {
        let written = kind.write(&accounts).and_then(|text| replace(file, &text));
        if let Err(error) = written {
            context.ui.note(&error.message);
        }
    }
    // An interrupted run is told when it has ended, as one.
    let Some(settings) = telemetry.filter(|_| line.ended.is_some()) else {
        return;
    };
    if let Err(why) = telemetry::send(&settings, &line, &records).await {
        context
            .ui
            .note(&format!("OpenTelemetry is not told of run {run}: {why}"));
    }
}

type Records = Vec<slipway_journal::Record>;

async fn read(store: &Arc<dyn Store>, run: &RunId) -> Result<(Account, Records), CommandError> {
    let found = store.run(run.as_str()).await?;
    let records = records(store, run).await?;
    let account = Account {
        run: RunLine::of(&found, jiff::Timestamp::now()),
        happened: happenings(&records),
    };
    Ok((account, records))
}

/// Whoever reads it meanwhile sees the one or the other.
fn replace(file: &Path, text: &str) -> Result<(), CommandError> {
    let failed = |error| CommandError::failed(format!("cannot write the report {}: {error}", file.display()));
    let mut beside = file.as_os_str().to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    fs::write(&beside, text)
        .and_then(|()| fs::rename(&beside, file))
        .map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_report_is_wanted() {
        let wanted: Wanted = "junit=out/a=b.xml".parse().unwrap();
        assert_eq!(
            (wanted.kind, wanted.to_string().as_str()),
            (Kind::Junit, "out/a=b.xml")
        );
        let refused = |text: &str| text.parse::<Wanted>().unwrap_err();
        assert_eq!(refused("html=x"), "`html` is none of: junit, github, cdevents");
        assert_eq!([refused("junit"), refused("junit=")], ["expected KIND=FILE"; 2]);
    }
}
