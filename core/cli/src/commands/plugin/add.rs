//! `slipway plugin add`.

use clap::Args;
use serde_json::json;
use slipway_engine::{Workspace, components::References, lock::Lock};
use slipway_manifest::{Grants, Plugin, Source};

use super::{described::Described, inspect, manifest::Text};
use crate::{commands::Done, context::Context, error::CommandError, plugins::Grant};

/// Bring a plugin into the manifest, and lock its digest
///
/// It is fetched, its signatures are held against the operator's policy, and it describes itself in its sandbox. What it asks
/// for is shown, and it is granted nothing unless `--grant` says so: until then the manifest is not valid.
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// What the manifest shall call it
    name: String,
    /// `registry:repository:tag` or `registry:repository@sha256:...` with a registry of the manifest's, or a path in its folder
    from: Source,
    /// Grant all that it asks for by name
    #[arg(long)]
    grant: bool,
}

impl Add {
    pub(super) async fn run(self, context: &Context) -> Done {
        let Self { name, from, grant } = self;
        let project = context.manifest()?;
        if project.manifest.plugins.contains_key(&name) {
            let there = CommandError::usage(format!(
                "{} has a plugin `{name}` already",
                project.file.display()
            ));
            return Err(there.hint(format!("`slipway plugin update {name}` looks for a newer one")));
        }
        let plugin = Plugin {
            from,
            digest: None,
            grants: Grants::default(),
        };
        let mut text = Text::of(&project)?;
        text.add(&name, &plugin.from.to_string());
        text.check()?;
        let found = context
            .plugins
            .find(&project, (&name, &plugin), References::ANEW)
            .await?;
        let mut described = Described::of(&found.stock, found.info.clone()).await?;
        described.brought(&found.locked, &[]);
        let wanted = Grant::wanted(&found.needs, &project.manifest, (found.info.kind, &name));
        if grant {
            text.grant(&name, &wanted);
            described.brought(&found.locked, &wanted);
        }
        text.write()?;
        let workspace = Workspace::new(&project.root);
        let mut lock = Lock::read(&workspace)?;
        lock.plugins.insert(name.clone(), found.locked);
        lock.write(&workspace)?;
        let missing = if grant { Vec::new() } else { wanted };
        let words: Vec<_> = missing.iter().map(Grant::to_string).collect();
        context
            .ui
            .answer(&json!({ "plugin": described, "missing": words }), || {
                let shown = inspect::shown(&described);
                let next = match missing.is_empty() {
                    true => String::new(),
                    false => format!(
                        "\nnot granted yet: {}: `slipway plugin grant {name}`\n",
                        words.join(", ")
                    ),
                };
                format!("{shown}\nadded to {}{next}", project.file.display())
            });
        Ok(())
    }
}
