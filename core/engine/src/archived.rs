//! A run as its entry in the archive tells it: a ledger of that run alone, to judge it again and to carry it out again, with the
//! ledger that it was recorded in gone.

use std::{collections::BTreeSet, fs, mem, path::Path, sync::Arc};

use serde_json::json;
use slipway_archive::{Archive, Entry as Archived};
use slipway_journal::{
    Acquired, Bodies, Body, Durability, Entry, Lease, Line, NewRun, Owner, Record, Scope, SqliteStore, Store,
};
use slipway_model::Digest;

use crate::{
    Failed, RunError, Workspace, files,
    steps::{APPEND, BODIES, DEPLOYMENT, JOURNAL, PACKAGE, REQUEST, REVISIONS},
};

/// So much of the bodies is held before it is written.
const HELD: usize = 16 << 20;

/// The ledger of a workspace that has nothing yet, with the package and the revisions that the run was about.
pub async fn ledger_of(
    archive: &Archive,
    entry: &Archived,
    workspace: &Workspace,
) -> Result<Arc<dyn Store>, RunError> {
    lay_out_all(archive, entry, workspace)?;
    let read = |path: &str| archive.read(entry, path).map_err(Failed::from_error);
    let records = records(&read(JOURNAL)?)?;
    let [first, rest @ ..] = records.as_slice() else {
        return Err(Failed::new(format!("{JOURNAL} of archive entry {} is empty", entry.sequence)).into());
    };
    // An entry of an older version has none: such a run can be judged again.
    let request = match entry.files.iter().any(|file| file.path == REQUEST) {
        true => read(REQUEST)?,
        false => Vec::new(),
    };
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(workspace.ledger())?);
    let lease = begin(store.as_ref(), entry, (first, request)).await?;
    let (mut batch, mut bodies, mut held) = (Vec::new(), Vec::new(), 0);
    let after = afterwards(entry, records.last().unwrap_or(first));
    for record in rest.iter().cloned().chain(after) {
        for named in record.entry.bodies().into_iter().flat_map(Bodies::values) {
            let bytes = read(&format!("{BODIES}/{}", named.digest.hex()))?;
            held += bytes.len();
            let digest = named.digest;
            bodies.push(Body { digest, bytes });
        }
        batch.push(Line::of(&record)?);
        if held > HELD {
            held = 0;
            let (batch, bodies) = (mem::take(&mut batch), mem::take(&mut bodies));
            store.append(&lease, batch, bodies, Durability::Now).await?;
        }
    }
    store.append(&lease, batch, bodies, Durability::Now).await?;
    Ok(store)
}

/// The run, as it was begun.
async fn begin(
    store: &dyn Store,
    entry: &Archived,
    (first, request): (&Record, Vec<u8>),
) -> Result<Lease, RunError> {
    let Entry::Started { steps } = &first.entry else {
        let text = format!("{JOURNAL} of archive entry {} has no beginning", entry.sequence);
        return Err(Failed::new(text).into());
    };
    let run = &entry.meta.run;
    let scope = Scope {
        service: entry.meta.service.clone(),
        environment: entry.meta.environment.clone(),
    };
    let owner = Owner::current(run.clone()).map_err(Failed::from_error)?;
    let Acquired::Lease(lease) = store.acquire(&scope, &owner, first.at).await? else {
        return Err(Failed::new(format!("the ledger for {run} is not its own")).into());
    };
    let new = NewRun {
        id: run.clone(),
        steps: steps.clone(),
        plan: String::from_utf8(request).map_err(Failed::from_error)?,
    };
    store.create_run(&lease, new, first.at).await?;
    Ok(lease)
}

fn lay_out_all(archive: &Archive, entry: &Archived, workspace: &Workspace) -> Result<(), Failed> {
    for revision in revisions(entry) {
        let from = format!("{REVISIONS}/{}", revision.hex());
        lay_out(archive, entry, &from, &workspace.revision(revision))?;
    }
    if let Some(revision) = entry.meta.revision {
        lay_out(archive, entry, DEPLOYMENT, &workspace.revision(revision))?;
    }
    lay_out_package(archive, entry, workspace)
}

/// Writes what an entry has below a name into a folder, if it has any.
pub(crate) fn lay_out(archive: &Archive, entry: &Archived, name: &str, into: &Path) -> Result<bool, Failed> {
    let mut read = Vec::new();
    for (path, file) in below(entry, name) {
        read.push((path, archive.read(entry, file).map_err(Failed::from_error)?));
    }
    if read.is_empty() {
        return Ok(false);
    }
    if let Some(parent) = into.parent() {
        fs::create_dir_all(parent).map_err(|error| files::cannot("create", parent, &error))?;
    }
    let listed = read.iter().map(|(path, bytes)| (*path, bytes.as_slice(), false));
    files::replace_folder(into, listed)?;
    Ok(true)
}

/// The blobs of the entry's package, as working copies.
pub(crate) fn lay_out_package(
    archive: &Archive,
    entry: &Archived,
    workspace: &Workspace,
) -> Result<(), Failed> {
    let blobs = workspace.store().join("blobs/sha256");
    fs::create_dir_all(&blobs).map_err(|error| files::cannot("create", &blobs, &error))?;
    for (hex, file) in below(entry, PACKAGE) {
        let into = blobs.join(hex);
        if !into.exists() {
            let bytes = archive.read(entry, file).map_err(Failed::from_error)?;
            files::write_atomically(&into, &bytes)?;
        }
    }
    Ok(())
}

/// The files below a name, as they are called there and as the entry calls them.
fn below<'a>(entry: &'a Archived, name: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let names = entry.files.iter().map(|file| file.path.as_str());
    names.filter_map(move |file| Some((file.strip_prefix(name)?.strip_prefix('/')?, file)))
}

fn revisions(entry: &Archived) -> BTreeSet<Digest> {
    let named = below(entry, REVISIONS).filter_map(|(path, _)| path.split('/').next());
    named
        .filter_map(|hex| format!("sha256:{hex}").parse().ok())
        .collect()
}

fn records(lines: &[u8]) -> Result<Vec<Record>, Failed> {
    let text = std::str::from_utf8(lines).map_err(Failed::from_error)?;
    let records = text.lines().map(Record::from_line);
    records.collect::<Result<_, _>>().map_err(Failed::from_error)
}

/// What the run has recorded after it was archived: that it was, and how it ended.
fn afterwards(entry: &Archived, last: &Record) -> impl Iterator<Item = Record> {
    let archived = Entry::Outcome {
        activity: APPEND.to_owned(),
        result: Ok(json!(entry.was.unwrap_or(entry.id))),
        bodies: Bodies::default(),
    };
    let ended = |ending| Entry::Ended {
        ending,
        summary: entry.meta.outcome.clone(),
    };
    let ended = serde_json::from_value(json!(entry.meta.outcome)).ok().map(ended);
    let (seq, at) = (last.seq, entry.meta.ended);
    let entries = (1..).zip([archived].into_iter().chain(ended));
    entries.map(move |(after, entry)| Record {
        seq: seq + after,
        at,
        entry,
    })
}
