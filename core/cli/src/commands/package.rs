//! `slipway package`.

use clap::{Args, Subcommand};
use serde_json::json;
use slipway_engine::{
    lock::Lock,
    package::{Package as Document, PackagedFile},
};
use slipway_model::Digest;
use slipway_registry::{Location, Registry, RegistryUrl, Repository};
use slipway_report::table;

use super::Done;
use crate::{context::Context, error::CommandError};

/// Look into what release makes
#[derive(Debug, Args)]
pub(crate) struct Package {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show what a package is made of: artifacts, parameters, configuration, all by digest
    Inspect {
        /// A package's digest, or its place in a registry (`oci://host/repository:tag`, `folder#repository:tag`);
        /// without it, the one in deploy.lock
        reference: Option<String>,
    },
}

impl Package {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let What::Inspect { reference } = self.what;
        let (repository, digest) = locate(context, reference.as_deref()).await?;
        let package = Document::read(&repository, digest).await?;
        let answer = json!({ "digest": digest, "package": package });
        context.ui.answer(&answer, || words(digest, &package));
        Ok(())
    }
}

/// The name under which a folder of working copies is asked: it looks for digests alone.
const WORKING_COPIES: &str = "package";

async fn locate(context: &Context, reference: Option<&str>) -> Result<(Repository, Digest), CommandError> {
    let workspace = context.workspace();
    let client = context.registries()?;
    let digest = match reference {
        None => Lock::read(&workspace)?.package.ok_or_else(|| {
            CommandError::failed("nothing is released yet")
                .hint("`slipway release`, or name a package by its place")
        })?,
        Some(reference) => match reference.parse() {
            Ok(digest) => digest,
            Err(_) => {
                let location: Location = reference.parse().map_err(wrong)?;
                let registry = Registry::open(&location.registry, &client);
                let repository = registry.repository(&location.reference.repository);
                let digest = repository.lookup(&location.reference).await?;
                return Ok((repository, digest));
            }
        },
    };
    let store = Registry::open(&RegistryUrl::Layout(workspace.store()), &client);
    Ok((store.repository(&WORKING_COPIES.parse().map_err(wrong)?), digest))
}

fn wrong(error: slipway_registry::ReferenceError) -> CommandError {
    CommandError::usage(error.to_string())
}

fn words(digest: Digest, package: &Document) -> String {
    let Document {
        service,
        version,
        artifacts,
        parameters,
        config,
        assembled,
        dependencies,
        ..
    } = package;
    let mut text = format!("{service} {version}\npackage {digest}\n");
    let mut section = |head: &[&str], rows: Vec<Vec<String>>| {
        if !rows.is_empty() {
            text.push('\n');
            text.push_str(&table(head, &rows));
        }
    };
    let artifact = artifacts.iter().map(|(name, artifact)| {
        let blob = &artifact.blob;
        vec![
            name.clone(),
            artifact.format.clone(),
            blob.size.to_string(),
            blob.digest.short(),
            artifact.summary.clone(),
        ]
    });
    section(
        &["ARTIFACT", "FORMAT", "BYTES", "DIGEST", "WHAT"],
        artifact.collect(),
    );
    let parameter = parameters.iter().map(|(name, parameter)| {
        let kind = serde_json::to_value(parameter.kind.type_of()).unwrap_or_default();
        let default = match &parameter.default {
            Some(default) => default.to_string(),
            None if parameter.required => "(must be decided)".to_owned(),
            None => "-".to_owned(),
        };
        let help = parameter.help.clone().unwrap_or_default();
        vec![
            name.clone(),
            kind.as_str().unwrap_or_default().to_owned(),
            default,
            help,
        ]
    });
    section(&["PARAMETER", "TYPE", "DEFAULT", "HELP"], parameter.collect());
    let file = |file: &PackagedFile| {
        let kind = if file.template { "template" } else { "as it is" };
        vec![
            file.path.clone(),
            file.blob.size.to_string(),
            file.blob.digest.short(),
            kind.to_owned(),
        ]
    };
    section(
        &["CONFIGURATION", "BYTES", "DIGEST", "HOW"],
        config.iter().map(file).collect(),
    );
    section(
        &["ASSEMBLED", "BYTES", "DIGEST", "HOW"],
        assembled.iter().map(file).collect(),
    );
    let dependency = dependencies
        .iter()
        .map(|(name, digest)| vec![name.clone(), digest.to_string()]);
    section(&["DEPENDENCY", "PACKAGE"], dependency.collect());
    text
}
