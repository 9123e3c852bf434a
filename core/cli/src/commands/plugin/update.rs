//! `slipway plugin update`.

use clap::Args;
use serde_json::{Value, json};
use slipway_engine::{Workspace, components::References, lock::Lock, project::Project};
use slipway_report::table;

use super::{grant::named, manifest::Text};
use crate::{
    commands::Done,
    context::Context,
    error::CommandError,
    plugins::{Found, Grant, listed},
};

/// Lock what the references of the manifest's plugins lead to now
///
/// One that asks for more than it is granted is refused, and nothing is changed, unless `--grant` says that it may have it.
#[derive(Debug, Args)]
pub(crate) struct Update {
    /// As the manifest calls them; otherwise all of them
    names: Vec<String>,
    /// Grant what they ask for now
    #[arg(long)]
    grant: bool,
}

struct Updated {
    name: String,
    /// Its digest before, if it was locked.
    before: Option<String>,
    found: Found,
    /// What it asks for and is not granted.
    more: Vec<Grant>,
}

impl Update {
    pub(super) async fn run(self, context: &Context) -> Done {
        let project = context.manifest()?;
        let workspace = Workspace::new(&project.root);
        let mut lock = Lock::read(&workspace)?;
        let names = match self.names.is_empty() {
            true => project.manifest.plugins.keys().cloned().collect(),
            false => self.names,
        };
        let mut all = Vec::new();
        for name in names {
            all.push(updated(context, &project, &lock, name).await?);
        }
        let asking: Vec<_> = all.iter().filter(|one| !one.more.is_empty()).collect();
        if !asking.is_empty() && !self.grant {
            let words: Vec<_> = asking
                .iter()
                .map(|one| format!("{} asks for {}", one.name, listed(&one.more)))
                .collect();
            let refused = CommandError::failed(format!("{}, and is not granted that", words.join("; ")));
            return Err(
                refused.hint("nothing was changed; if it may have that: `slipway plugin update --grant`")
            );
        }
        if !asking.is_empty() {
            let mut text = Text::of(&project)?;
            asking.iter().for_each(|one| text.grant(&one.name, &one.more));
            text.write()?;
        }
        let before = lock.clone();
        for one in &all {
            lock.plugins.insert(one.name.clone(), one.found.locked.clone());
        }
        lock.remember(&before);
        lock.write(&workspace)?;
        let plugins: Vec<_> = all.iter().map(Updated::document).collect();
        context.ui.answer(&json!({ "plugins": plugins }), || {
            let rows: Vec<_> = all.iter().map(Updated::row).collect();
            table(&["NAME", "FROM", "BEFORE", "NOW", "GRANTED NOW"], &rows)
        });
        Ok(())
    }
}

async fn updated(
    context: &Context,
    project: &Project,
    lock: &Lock,
    name: String,
) -> Result<Updated, CommandError> {
    let plugin = named(project, &name)?;
    let found = context
        .plugins
        .find(project, (&name, plugin), References::ANEW)
        .await?;
    let given = Grant::given(&plugin.grants);
    let mut more = Grant::wanted(&found.needs, &project.manifest, (found.info.kind, &name));
    more.retain(|grant| !given.contains(grant));
    let before = lock.plugins.get(&name).map(|locked| locked.digest.to_string());
    Ok(Updated {
        name,
        before,
        found,
        more,
    })
}

impl Updated {
    fn document(&self) -> Value {
        let granted: Vec<_> = self.more.iter().map(Grant::to_string).collect();
        json!({
            "name": self.name,
            "from": self.found.locked.from,
            "before": self.before,
            "digest": self.found.locked.digest,
            "granted": granted,
        })
    }

    fn row(&self) -> Vec<String> {
        let now = self.found.locked.digest;
        let same = self.before.as_deref() == Some(now.to_string().as_str());
        let short = |digest: &str| digest.chars().skip("sha256:".len()).take(8).collect();
        vec![
            self.name.clone(),
            self.found.locked.from.clone(),
            self.before.as_deref().map_or_else(|| "-".to_owned(), short),
            if same { "unchanged".to_owned() } else { now.short() },
            if self.more.is_empty() {
                "-".to_owned()
            } else {
                listed(&self.more)
            },
        ]
    }
}
