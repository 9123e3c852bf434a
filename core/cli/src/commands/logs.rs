//! `slipway logs`.

use std::{collections::BTreeMap, fs, io, time::Duration};

use clap::Args;
use serde_json::json;
use slipway_engine::{
    Engine, Workspace,
    project::Project,
    steps::{access_log, logs, observe},
};
use slipway_model::{EnvironmentName, InstanceName};
use slipway_plugin::LogChunk;
use slipway_report::happenings;

use super::{Done, runs};
use crate::{
    context::Context,
    error::CommandError,
    ui::{Reader, Ui, toned},
};

/// Show what instances, the router or a run have logged; with `--format json` a JSON line each
#[derive(Debug, Args)]
pub(crate) struct Logs {
    /// Needed where the manifest has several
    environment: Option<EnvironmentName>,
    /// Go on as more is logged, until Ctrl-C
    #[arg(long, short)]
    follow: bool,
    /// Of this instance alone; it may have ended
    #[arg(long, value_name = "NAME")]
    instance: Option<InstanceName>,
    /// The access log of the router
    #[arg(long, conflicts_with = "instance")]
    router: bool,
    /// What happened in a run, by the beginning of its id, and the logs that it has retrieved
    #[arg(long, value_name = "RUN", conflicts_with_all = ["instance", "router", "follow", "environment"])]
    run: Option<String>,
}

/// Between two looks for more.
const PAUSE: Duration = Duration::from_millis(500);

impl Logs {
    pub(crate) async fn run(self, context: &Context) -> Done {
        if let Some(run) = &self.run {
            return of_run(context, run).await;
        }
        let project = context.project().await?;
        let environment = choose(&project, self.environment.clone())?;
        context.ledger(&Workspace::new(&project.root))?;
        let engine = context.engine_of(&project).await?;
        let mut tail = Tail {
            ui: context.ui,
            engine,
            project,
            environment,
            cursors: BTreeMap::new(),
        };
        let ended = async {
            loop {
                let reader = tail.look(&self).await?;
                if !self.follow || reader == Reader::Gone || context.ui.reader() == Reader::Gone {
                    return Ok(());
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::select! {
            ended = ended => ended,
            // Whoever has seen enough has not failed.
            _ = tokio::signal::ctrl_c() => Ok(()),
        }
    }
}

/// What was read so far.
struct Tail {
    ui: Ui,
    engine: Engine,
    project: Project,
    environment: EnvironmentName,
    /// By source: where to read on, and the beginning of a line that has not ended.
    cursors: BTreeMap<String, (String, Vec<u8>)>,
}

impl Tail {
    /// Everything that came since the last look.
    async fn look(&mut self, asked: &Logs) -> Result<Reader, CommandError> {
        if asked.router {
            return self.source("router", None, asked.follow).await;
        }
        let names = match &asked.instance {
            Some(name) => vec![name.clone()],
            None => {
                let seen = observe(&self.engine, &self.project, &self.environment).await?;
                seen.instances.into_iter().map(|instance| instance.name).collect()
            }
        };
        for name in names {
            if self.source(name.as_str(), Some(&name), asked.follow).await? == Reader::Gone {
                return Ok(Reader::Gone);
            }
        }
        Ok(Reader::There)
    }

    async fn source(
        &mut self,
        source: &str,
        name: Option<&InstanceName>,
        more: bool,
    ) -> Result<Reader, CommandError> {
        loop {
            let (cursor, mut begun) = self.cursors.remove(source).unwrap_or_default();
            let (engine, project, environment) = (&self.engine, &self.project, &self.environment);
            let LogChunk { content, next, end } = match name {
                Some(name) => logs(engine, project, environment, (name, &cursor)).await?,
                None => access_log(engine, project, environment, &cursor).await?,
            };
            begun.extend_from_slice(&content);
            let whole = begun
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |last| last + 1);
            let mut rest = begun.split_off(whole);
            // What has no newline yet gets one only when nothing more is waited for.
            if end && !more {
                begun.append(&mut rest);
            }
            self.cursors.insert(source.to_owned(), (next, rest));
            for line in String::from_utf8_lossy(&begun).lines() {
                if self.print(source, line) == Reader::Gone {
                    return Ok(Reader::Gone);
                }
            }
            if end || content.is_empty() {
                return Ok(Reader::There);
            }
        }
    }

    /// The source is named where there are several.
    fn print(&self, source: &str, line: &str) -> Reader {
        if self.ui.json() {
            return self.ui.record(&json!({ "source": source, "line": line }));
        }
        if self.cursors.len() > 1 {
            self.ui.print(&format!("{source}: {line}"))
        } else {
            self.ui.print(line)
        }
    }
}

fn choose(project: &Project, asked: Option<EnvironmentName>) -> Result<EnvironmentName, CommandError> {
    let mut known = project.manifest.environments.keys();
    match (asked, known.next(), known.next()) {
        (Some(asked), _, _) => Ok(asked),
        (None, Some(only), None) => Ok(only.clone()),
        _ => {
            let names: Vec<_> = project
                .manifest
                .environments
                .keys()
                .map(EnvironmentName::as_str)
                .collect();
            Err(CommandError::usage("say which environment").hint(format!("there are: {}", names.join(", "))))
        }
    }
}

async fn of_run(context: &Context, wanted: &str) -> Done {
    let workspace = context.workspace();
    let store = context.ledger(&workspace)?;
    let run = runs::find(&store, wanted).await?;
    let happened = happenings(&runs::records(&store, &run.id).await?);
    for happening in &happened {
        if context.ui.json() {
            context.ui.record(happening);
            continue;
        }
        for line in happening.words() {
            context.ui.print(&format!(
                "{} {}",
                happening.at.strftime("%H:%M:%S%.3f"),
                toned(&line)
            ));
        }
    }
    let folder = workspace.run(&run.id).join("logs");
    let mut files = match fs::read_dir(&folder) {
        Ok(entries) => entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|end| end == "log"))
            .collect::<Vec<_>>(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            return Err(CommandError::failed(format!(
                "cannot read {}: {error}",
                folder.display()
            )));
        }
    };
    files.sort();
    for file in files {
        let bytes = fs::read(&file)
            .map_err(|error| CommandError::failed(format!("cannot read {}: {error}", file.display())))?;
        let name = file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        for line in String::from_utf8_lossy(&bytes).lines() {
            if context.ui.json() {
                context.ui.record(&json!({ "source": name, "line": line }));
            } else {
                context.ui.print(&format!("{name}: {line}"));
            }
        }
    }
    Ok(())
}
