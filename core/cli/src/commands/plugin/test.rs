//! `slipway plugin test`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use serde_json::json;
use slipway_conformance::{Rule, conform};
use slipway_plugin::Kind;
use slipway_report::table;

use super::{build::built, meant::meant};
use crate::{commands::Done, context::Context, error::CommandError};

/// Test what every plugin has to keep: each verb, in a world in which nothing works, or answers nonsense, or stops
///
/// A project is built first. Nothing is reached: what the plugin does to the outside is answered here, offline, before it
/// happens. Settings are the examples of its schema.
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Its project, a WebAssembly file, or the name of a plugin that is there
    #[arg(value_name = "FOLDER|FILE|NAME", default_value = ".")]
    plugin: PathBuf,
}

#[derive(Serialize)]
struct Tested {
    kind: Kind,
    name: String,
    rules: Vec<Rule>,
}

impl Test {
    pub(super) async fn run(self, context: &Context) -> Done {
        let plugin = match self.plugin.is_dir() {
            true => built(self.plugin).await?.component,
            false => self.plugin,
        };
        let (stock, meant) = meant(context, &plugin, "no folder and no file").await?;
        let mut tested = Vec::new();
        for info in meant {
            let rules = conform(stock.host.as_ref(), info.kind, &info.name).await?;
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
