//! The end of a run: everything that was used and everything that happened goes into the archive.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde_json::{Map, Value, json};
use slipway_archive::{Archive, EntryFile, EntryMeta, NewEntry, Source, Trust};
use slipway_journal::{Class, Journal, Scope};
use slipway_model::{Digest, EnvironmentName, ServiceName};

use super::{plan::met, provenance::statement};
use crate::{
    Engine, Event, Failed, Run, RunError,
    files::{cannot, list_folder, remove},
    project::FILE,
    revision::Revision,
    sources,
    trust::verdicts,
};

/// What was admitted for the package, with the signatures that counted.
pub(crate) const SIGNATURES: &str = "signatures.json";

pub(crate) const APPEND: &str = "archive/append";
pub(crate) const JOURNAL: &str = "journal.jsonl";
/// What the run was asked to do.
pub(crate) const REQUEST: &str = "request.json";
/// Folders: what the journal names by digest, the revision, those that the run has met, by their digits, and the package.
pub(crate) const BODIES: &str = "bodies";
pub(crate) const DEPLOYMENT: &str = "deployment";
pub(crate) const REVISIONS: &str = "revisions";
pub(crate) const PACKAGE: &str = "package";

const JSON: &str = "application/json";
const IN_TOTO: &str = "application/vnd.in-toto+json";

/// What a finished run was about.
pub struct Finished<'a> {
    pub service: &'a ServiceName,
    pub environment: &'a EnvironmentName,
    pub outcome: &'a str,
    pub revision: Option<Digest>,
}

/// One entry per run, even if the run is killed in here and resumed.
pub async fn archive(engine: &Engine, run: &Run, finished: &Finished<'_>) -> Result<Digest, RunError> {
    let request = json!({ "archive": finished.outcome, "revision": finished.revision });
    let entry = run
        .activity(APPEND, Class::Idempotent, request, || async {
            let archive = Archive::open(engine.workspace.archive())
                .map_err(Failed::from_error)?
                .trusting(Trust::of_a_part())
                .signed_by(engine.signer.clone());
            let before = archive.list().map_err(Failed::from_error)?;
            if let Some(entry) = before.iter().rev().find(|entry| entry.meta.run == *run.id()) {
                return Ok(entry.id);
            }
            let bodies = engine.workspace.run(run.id()).join(BODIES);
            let (mut files, started) = files(engine, run, finished, &bodies).await?;
            let revision = finished
                .revision
                .map(|revision| Revision::read(&engine.workspace.revision(revision)));
            let revision = revision.transpose()?;
            let known = engine.plugins.list();
            let plugins: Map<String, Value> = known
                .iter()
                .map(|info| (format!("{}/{}", info.kind.name(), info.name), json!(info.digest)))
                .collect();
            let mut more = Map::new();
            more.insert("plugins".to_owned(), Value::Object(plugins));
            more.insert("by".to_owned(), json!(engine.ambient.who()));
            more.insert(
                "version".to_owned(),
                json!(revision.as_ref().map(|revision| &revision.version)),
            );
            let meta = EntryMeta {
                service: finished.service.clone(),
                environment: finished.environment.clone(),
                run: run.id().clone(),
                started,
                ended: engine.ambient.now(),
                outcome: finished.outcome.to_owned(),
                revision: finished.revision,
                package: revision.as_ref().map(|revision| revision.package),
                more: prefixed(more),
            };
            if let Some(of) = finished.revision.zip(revision.as_ref()) {
                let statement = pretty(&statement(&meta, of, &known, &verdicts(run)))?;
                files.push(EntryFile::new("provenance.json", Source::Bytes(statement)).media_type(IN_TOTO));
            }
            let entry = archive
                .append(NewEntry { meta, files })
                .map_err(Failed::from_error)?;
            remove(&bodies)?;
            Ok(entry)
        })
        .await?;
    run.tell(Event::Archived { entry }).await?;
    Ok(entry)
}

/// The documents of an entry have names of their own; ours stand in one table.
fn prefixed(more: Map<String, Value>) -> Map<String, Value> {
    Map::from_iter([("slipway".to_owned(), Value::Object(more))])
}

async fn files(
    engine: &Engine,
    run: &Run,
    finished: &Finished<'_>,
    aside: &Path,
) -> Result<(Vec<EntryFile>, jiff::Timestamp), RunError> {
    let workspace = &engine.workspace;
    let mut files = Vec::new();
    let Lines {
        text,
        bodies,
        started,
    } = lines(run.journal()).await?;
    files.push(EntryFile::new(JOURNAL, Source::Bytes(text)).media_type("application/jsonl"));
    let known = engine.store.run(run.id().as_str()).await?;
    files.push(EntryFile::new(REQUEST, Source::Bytes(known.plan.into_bytes())).media_type(JSON));
    write_bodies(run.journal(), bodies, aside, &mut files).await?;
    let verdicts = run.journal().with_status(|status| {
        let judged = status.events().iter().filter(|event| event.kind == "judged");
        judged
            .map(|event| event.data["verdict"].clone())
            .collect::<Vec<_>>()
    });
    files.push(EntryFile::new("verdicts.json", Source::Bytes(pretty(&verdicts)?)).media_type(JSON));
    let planned = run.journal().with_status(|status| {
        let planned = status.events().iter().rfind(|event| event.kind == "planned");
        planned.map(|event| event.data["plan"].clone())
    });
    if let Some(plan) = planned {
        files.push(EntryFile::new("plan.json", Source::Bytes(pretty(&plan)?)).media_type(JSON));
    }
    for (path, relative) in list_folder(&sources::folder(workspace, run.id()))? {
        let is_manifest = relative == FILE;
        let kept = EntryFile::new(relative, Source::Path(path));
        files.push(if is_manifest {
            kept.media_type("application/toml")
        } else {
            kept
        });
    }
    folder(&workspace.run(run.id()).join("logs"), "logs", &mut files)?;
    if let Some(digest) = finished.revision {
        folder(&workspace.revision(digest), DEPLOYMENT, &mut files)?;
        package(engine, digest, &mut files)?;
        let admitted = engine
            .workspace
            .admitted(Revision::read(&workspace.revision(digest))?.package);
        if admitted.exists() {
            files.push(EntryFile::new(SIGNATURES, Source::Path(admitted)).media_type(JSON));
        }
    }
    let scope = Scope {
        service: finished.service.clone(),
        environment: finished.environment.clone(),
    };
    let others = met(engine, run, &scope).await?;
    for other in others
        .into_iter()
        .filter(|other| Some(*other) != finished.revision)
    {
        let name = format!("{REVISIONS}/{}", other.hex());
        folder(&workspace.revision(other), &name, &mut files)?;
    }
    Ok((files, started))
}

/// The package's manifest and everything it names, so that it can be deployed with every registry gone.
fn package(engine: &Engine, revision: Digest, files: &mut Vec<EntryFile>) -> Result<(), RunError> {
    let revision = Revision::read(&engine.workspace.revision(revision))?;
    let manifest = engine.workspace.blob(revision.package)?;
    let bytes = std::fs::read(&manifest.path)
        .map_err(|error| crate::files::cannot("read", &manifest.path, &error))?;
    let document: Value = serde_json::from_slice(&bytes).map_err(Failed::from_error)?;
    let layers = document["layers"].as_array().into_iter().flatten();
    let mut digests = vec![revision.package];
    for descriptor in [&document["config"]].into_iter().chain(layers) {
        let digest = descriptor["digest"].as_str().unwrap_or_default();
        digests.push(digest.parse().map_err(Failed::from_error)?);
    }
    digests.sort_unstable();
    digests.dedup();
    for digest in digests {
        let blob = engine.workspace.blob(digest)?;
        files.push(EntryFile::new(
            format!("{PACKAGE}/{}", digest.hex()),
            Source::Path(blob.path),
        ));
    }
    Ok(())
}

/// The lines of a journal and the digests of the bodies that they name.
struct Lines {
    text: Vec<u8>,
    bodies: BTreeSet<Digest>,
    started: jiff::Timestamp,
}

async fn lines(journal: &Journal) -> Result<Lines, RunError> {
    journal.flush().await?;
    let mut text = Vec::new();
    let mut bodies = BTreeSet::new();
    let mut started = None;
    let mut after = 0;
    loop {
        let records = journal.store().entries(&journal.lease().run, after, 4096).await?;
        let Some(last) = records.last() else { break };
        after = last.seq;
        for record in &records {
            started.get_or_insert(record.at);
            let named = record.entry.bodies().into_iter().flat_map(BTreeMap::values);
            bodies.extend(named.map(|body| body.digest));
            text.extend_from_slice(record.to_line().map_err(Failed::from_error)?.as_bytes());
            text.push(b'\n');
        }
    }
    Ok(Lines {
        text,
        bodies,
        started: started.unwrap_or_default(),
    })
}

/// Aside first and one by one: together they may be more than a process should hold.
async fn write_bodies(
    journal: &Journal,
    bodies: BTreeSet<Digest>,
    aside: &Path,
    files: &mut Vec<EntryFile>,
) -> Result<(), RunError> {
    remove(aside)?;
    if bodies.is_empty() {
        return Ok(());
    }
    fs::create_dir_all(aside).map_err(|error| cannot("create", aside, &error))?;
    for digest in bodies {
        let path = aside.join(digest.hex());
        let bytes = journal.body(digest).await?;
        fs::write(&path, bytes).map_err(|error| cannot("write", &path, &error))?;
        files.push(EntryFile::new(
            format!("{BODIES}/{}", digest.hex()),
            Source::Path(path),
        ));
    }
    Ok(())
}

fn folder(folder: &Path, name: &str, files: &mut Vec<EntryFile>) -> Result<(), Failed> {
    for (path, relative) in list_folder(folder)? {
        files.push(EntryFile::new(format!("{name}/{relative}"), Source::Path(path)));
    }
    Ok(())
}

fn pretty(value: &impl serde::Serialize) -> Result<Vec<u8>, Failed> {
    serde_json::to_vec_pretty(value).map_err(Failed::from_error)
}
