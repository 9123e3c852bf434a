//! `slipway logs`.

use std::{fs, io};

use clap::Args;
use serde_json::json;
use slipway_engine::steps::View;
use slipway_model::{EnvironmentName, InstanceName};
use slipway_report::happenings;

use super::{Done, looking::Known, runs};
use crate::{
    context::Context,
    error::CommandError,
    tail::{Tail, What},
    ui::toned,
};

/// Show what instances, the router or a run have logged; with `--format json` a JSON line each
#[derive(Debug, Args)]
pub(crate) struct Logs {
    /// Needed where the manifest has several
    environment: Option<EnvironmentName>,
    /// Go on as more is logged, of instances to come as well; Ctrl-C ends it with exit code 0
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

impl Logs {
    pub(crate) async fn run(self, context: &Context) -> Done {
        if let Some(run) = &self.run {
            return of_run(context, run).await;
        }
        let known = Known::find(context).await?;
        let environment = known.choose(self.environment)?;
        context.ledger(&context.workspace()).await?;
        let scope = known.scope(&environment).await?;
        let engine = context.engine(context.workspace()).await?;
        let (_, state) = engine.store.environment(&scope).await?;
        let mut view = View::open(&engine, &scope, &state).await?.ok_or_else(|| {
            CommandError::failed(format!("nothing was deployed to {environment} yet"))
                .hint("`slipway logs --run RUN` shows what a run has said")
        })?;
        view.hide_secrets(&engine, &state).await?;
        let what = match self.instance {
            _ if self.router => What::Router,
            Some(name) => What::Instance(name),
            None => What::Instances,
        };
        let mut tail = Tail::new(context.ui, view, what, self.follow);
        if !self.follow {
            return tail.print().await;
        }
        tokio::select! {
            ended = tail.follow() => ended,
            // Whoever has seen enough has not failed.
            _ = tokio::signal::ctrl_c() => Ok(()),
        }
    }
}

async fn of_run(context: &Context, wanted: &str) -> Done {
    let workspace = context.workspace();
    let store = context.ledger(&workspace).await?;
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
