//! Adapt: a package and one environment become a deployment folder: final, reproducible, and explained value by value.

use std::collections::BTreeMap;

use serde_json::json;
use slipway_config::{File, Origins, Templates, Tree};
use slipway_journal::Class;
use slipway_manifest::Environment;
use slipway_model::{Diagnostic, EnvironmentName};

use super::desk::{Adaptation, Adapted, Desk, Problem, pretty, texts};
use crate::{
    Caller, Engine, Event, Failed, Run, RunError,
    package::Package,
    project::{Invalid, Project},
    registries::Registries,
    revision::{REVISION, Revision, RevisionArtifact, RevisionWorkload},
};

pub async fn adapt(
    engine: &Engine,
    run: &Run,
    project: &Project,
    adaptation: &Adaptation,
) -> Result<Adapted, RunError> {
    let Adaptation {
        environment,
        package,
        set,
    } = adaptation;
    let service = project.manifest.service.name.clone();
    let step = "adapt".to_owned();
    run.tell(Event::StepStarted {
        step: step.clone(),
        service,
        environment: Some(environment.clone()),
    })
    .await?;
    let request = json!({ "adapt": environment, "package": package, "set": set });
    let adapted: Adapted = run
        .activity("adapt", Class::Idempotent, request, || {
            generate(engine, Caller::Run(run), project, adaptation)
        })
        .await?;
    run.tell(Event::Adapted {
        revision: adapted.revision,
        files: adapted.files,
    })
    .await?;
    for text in &adapted.notes {
        run.tell(Event::Note { text: text.clone() }).await?;
    }
    let summary = format!("{environment} is revision {}", adapted.revision);
    run.tell(Event::StepFinished { step, summary }).await?;
    Ok(adapted)
}

/// Generates the deployment folder. From nothing but the package, the manifest and the adaptations; the same bytes for
/// the same inputs.
pub async fn generate(
    engine: &Engine,
    caller: Caller<'_>,
    project: &Project,
    adaptation: &Adaptation,
) -> Result<Adapted, RunError> {
    let (environment, package) = inputs(engine, project, adaptation).await?;
    let desk = Desk {
        engine,
        project,
        environment,
        package: &package,
        adaptation,
    };

    let (overlays, mut sources) = desk.overlays(caller)?;
    let base = desk.base()?;
    sources.push((project.file.clone(), project.text.clone()));
    let decided = project.decided.iter();
    sources.extend(decided.map(|decided| (decided.file.clone(), decided.text.clone())));
    sources.extend(texts(&base));
    let invalid = |diagnostics| {
        RunError::invalid(Invalid {
            diagnostics,
            sources: sources.clone(),
        })
    };
    let values = desk.values(&overlays).map_err(|problem| match problem {
        Problem::Invalid(diagnostics) => invalid(diagnostics),
        Problem::Failed(failed) => failed.into(),
    })?;
    let facts = desk.facts();
    let configured = slipway_config::adapt(&base, &overlays, &facts, &values).map_err(invalid)?;
    let templates = Templates::new(&facts, &values);
    let mut tree = Tree::default();
    let mut origins = Origins {
        version: 1,
        parameters: values.clone(),
        files: BTreeMap::new(),
    };
    for (path, explanations) in configured.origins.files {
        origins.files.insert(format!("config/{path}"), explanations);
    }
    let config: Vec<String> = configured.tree.iter().map(|(path, _)| path.to_owned()).collect();
    for (path, file) in configured.tree {
        tree.insert(format!("config/{path}"), file)
            .map_err(Failed::from_error)?;
    }
    let mut revision = Revision {
        v: 1,
        service: package.service.clone(),
        environment: adaptation.environment.clone(),
        version: package.version.clone(),
        package: adaptation.package,
        artifacts: Default::default(),
        workloads: Vec::new(),
    };
    let mut notes: Vec<String> = configured.warnings.iter().map(note).collect();
    for (name, artifact) in &package.artifacts {
        let settings = templates
            .expand(&artifact.settings, &desk.place(name))
            .map_err(invalid)?;
        let rendered = desk.render(caller, name, artifact, &settings, &config).await?;
        let blob = &artifact.blob;
        let known = RevisionArtifact {
            format: artifact.format.clone(),
            digest: blob.digest,
            size: blob.size,
        };
        revision.artifacts.insert(name.clone(), known);
        if let Some(workload) = rendered.workload.clone() {
            revision.workloads.push(RevisionWorkload {
                artifact: name.clone(),
                kind: workload.kind,
                file: workload.file,
                instances: workload.instances,
                ports: workload.ports,
                exclusive: workload.exclusive,
            });
        }
        desk.explain(name, &rendered, &templates, &mut origins);
        notes.extend(rendered.notes.iter().map(|note| format!("{name}: {note}")));
        for file in rendered.files {
            add(&mut tree, file.path, file.content)?;
        }
    }
    add(&mut tree, REVISION.to_owned(), pretty(&revision)?)?;
    // The same bytes wherever the service's folder is, and from wherever it was named.
    origins.rename_files(|file| match &project.decided {
        Some(decided) if decided.file == file => decided.below.clone(),
        _ => file.strip_prefix(&project.root).unwrap_or(file).to_path_buf(),
    });
    desk.write(&tree, &origins, notes)
}

fn note(warning: &Diagnostic) -> String {
    let place = warning
        .labels
        .first()
        .map(|label| format!("{}: ", label.file.display()));
    let help = warning.help.iter().map(|help| format!("; {help}"));
    place
        .into_iter()
        .chain([warning.message.clone()])
        .chain(help)
        .collect()
}

fn add(tree: &mut Tree, path: String, bytes: Vec<u8>) -> Result<(), Failed> {
    let executable = false;
    tree.insert(path, File { bytes, executable })
        .map_err(Failed::from_error)
}

/// The environment, and the package as it was released.
pub(super) async fn inputs<'a>(
    engine: &Engine,
    project: &'a Project,
    adaptation: &Adaptation,
) -> Result<(&'a Environment, Package), RunError> {
    let manifest = &project.manifest;
    let environment = manifest
        .environments
        .get(&adaptation.environment)
        .ok_or_else(|| {
            let known: Vec<_> = manifest
                .environments
                .keys()
                .map(EnvironmentName::as_str)
                .collect();
            Failed::new(format!("there is no environment `{}`", adaptation.environment))
                .hint(format!("there are: {}", known.join(", ")))
        })?;
    let registries = Registries::new(
        project,
        (&engine.registries, None),
        std::sync::Arc::new(slipway_registry::Silent),
    );
    registries.at_hand(adaptation.package).await?;
    let package = Package::read(&registries.store()?, adaptation.package).await?;
    Ok((environment, package))
}
