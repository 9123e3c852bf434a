//! `slipway plugin test`.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use serde::Serialize;
use serde_json::json;
use slipway_conformance::{Rule, Tried, conform};
use slipway_engine::{Engine, replay};
use slipway_plugin::Kind;
use slipway_report::table;

use super::{build::built, meant::meant, watch::Sources};
use crate::{
    commands::{Done, recorded::Recorded},
    context::Context,
    error::CommandError,
    plugins::Replacement,
};

/// Test what every plugin has to keep: each verb, in a world in which nothing works, or answers nonsense, or stops
///
/// A project is built first. Nothing is reached: what the plugin does to the outside is answered here, offline, before it
/// happens. Settings are the examples of its schema. With `--run` the answers are those that a past run has recorded, so that what
/// was done once to the real thing is a test from then on.
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Its project, a WebAssembly file, or the name of a plugin that is there
    #[arg(value_name = "FOLDER|FILE|NAME", default_value = ".")]
    plugin: PathBuf,
    /// Go through a past run as well, with every effect of the plugin in it interrupted once and failed once: the run, or the last
    /// one of an environment, or `archive:ENTRY`
    #[arg(long)]
    run: Option<String>,
    /// Once more whenever a source of the project changes, until Ctrl-C
    #[arg(long)]
    watch: bool,
}

#[derive(Serialize)]
struct Tested {
    kind: Kind,
    name: String,
    rules: Vec<Rule>,
}

impl Test {
    pub(super) async fn run(self, context: &Context) -> Done {
        if !self.watch {
            return tested(context, self.plugin, self.run.as_deref()).await;
        }
        if !self.plugin.is_dir() {
            let text = format!(
                "{} is no folder, and --watch is about the sources in one",
                self.plugin.display()
            );
            return Err(CommandError::usage(text));
        }
        loop {
            let sources = Sources::of(&self.plugin);
            if let Err(error) = tested(context, self.plugin.clone(), self.run.as_deref()).await {
                context.ui.error(&error);
            }
            sources.change(&self.plugin).await;
        }
    }
}

async fn tested(context: &Context, plugin: PathBuf, run: Option<&str>) -> Done {
    let plugin = match plugin.is_dir() {
        true => built(plugin).await?.component,
        false => plugin,
    };
    let (stock, meant) = meant(context, &plugin, "no folder and no file").await?;
    let mut tested = Vec::new();
    for info in meant {
        let mut rules = conform(stock.host.as_ref(), info.kind, &info.name).await?;
        if let Some(run) = run {
            rules.extend(in_run(context, (info.kind, &info.name), &plugin, run).await?);
        }
        tested.push(Tested {
            kind: info.kind,
            name: info.name,
            rules,
        });
    }
    context.ui.answer(&json!({ "plugins": tested }), || {
        let shown: Vec<_> = tested.iter().map(shown).collect();
        shown.join("\n")
    });
    let broken = tested
        .iter()
        .flat_map(|tested| &tested.rules)
        .filter(|rule| !rule.is_kept());
    match broken.count() {
        0 => Ok(()),
        1 => Err(CommandError::failed("a rule is not kept")),
        many => Err(CommandError::failed(format!("{many} rules are not kept"))),
    }
}

/// The run with this plugin in the place of the one that it had under this name.
async fn in_run(
    context: &Context,
    (kind, name): (Kind, &str),
    plugin: &Path,
    run: &str,
) -> Result<Vec<Rule>, CommandError> {
    let recorded = Recorded::find(context, run).await?;
    let by: Vec<_> = plugin
        .is_file()
        .then(|| Replacement::new(name, plugin))
        .into_iter()
        .collect();
    let (store, workspace) = (recorded.store.clone(), recorded.workspace.clone());
    let engine = context.engine_over(store, workspace, &by).await?;
    let tried = Arc::new(Tried::new(engine.plugins.clone(), kind, name));
    let plugins = tried.clone();
    let replayed = replay(Engine { plugins, ..engine }, &recorded.run.id).await?;
    let rules = tried.rules(replayed.stopped);
    if rules.iter().skip(1).all(|rule| rule.tried == 0) {
        let text = format!(
            "run {} has asked no {} `{name}` that did anything",
            recorded.run.id,
            kind.name()
        );
        return Err(CommandError::usage(text).hint("a file is looked for under its name without `.wasm`"));
    }
    Ok(rules)
}

fn shown(tested: &Tested) -> String {
    let row = |rule: &Rule| {
        let came = match rule.broken {
            0 => "kept".to_owned(),
            broken => format!("{broken} broken"),
        };
        vec![rule.name.to_owned(), rule.tried.to_string(), came]
    };
    let rows: Vec<_> = tested.rules.iter().map(row).collect();
    let mut text = format!(
        "{} {}\n{}",
        tested.kind.name(),
        tested.name,
        table(&["RULE", "TRIED", ""], &rows)
    );
    for rule in tested.rules.iter().filter(|rule| !rule.is_kept()) {
        text.push_str(&format!("\n{}:\n", rule.name));
        for problem in &rule.problems {
            text.push_str(&format!("  {problem}\n"));
        }
        if rule.broken > rule.problems.len() {
            text.push_str(&format!("  and {} more\n", rule.broken - rule.problems.len()));
        }
    }
    text
}
