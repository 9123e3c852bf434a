//! `slipway archive`.

use std::{
    fs::{self, File},
    io::BufWriter,
    path::PathBuf,
};

use clap::{Args, Subcommand};
use serde_json::json;
use slipway_archive::{Archive as Folder, Destination, Entry, PublicKey, Pushed, Trust};
use slipway_engine::Workspace;
use slipway_model::Digest;
use slipway_report::{TIME, table};

use super::Done;
use crate::{context::Context, copies, error::CommandError};

/// Look into the record of finished runs, and prove that it is whole
#[derive(Debug, Args)]
pub(crate) struct Archive {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    known: Known,
}

/// What is known of the archive from elsewhere.
#[derive(Debug, Args)]
struct Known {
    /// The head that you have written down elsewhere: it must be in the chain
    #[arg(long, value_name = "DIGEST", global = true)]
    head: Option<Digest>,
    /// A public key in PEM that every entry must be signed with; of several, with one of them
    #[arg(long, value_name = "FILE", global = true)]
    key: Vec<PathBuf>,
    /// It is an excerpt, or follows entries that are elsewhere: nothing is said of what it leaves out
    #[arg(long, global = true)]
    excerpt: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the entries, the oldest first
    List,
    /// Show what an entry holds
    Show {
        /// By its number, its digest or the beginning of it
        entry: String,
        /// Print this file of the entry instead
        #[arg(long, value_name = "PATH")]
        print: Option<String>,
    },
    /// Read every byte and hold it against the chain of entries
    Verify {
        /// Where it is, if not here: `oci://host/repository`, `s3://bucket/prefix`, or a folder
        place: Option<Destination>,
    },
    /// Copy what is not there yet to another place; what stands there is continued and never replaced
    Push {
        /// `oci://host/repository`, `s3://bucket/prefix`, or a folder; without it, each place of `[archive] copy-to` in the
        /// operator's file
        place: Option<Destination>,
    },
    /// Copy what is not here yet from another place
    Pull {
        /// `oci://host/repository`, `s3://bucket/prefix`, or a folder
        place: Destination,
    },
    /// Write entries as a tar file that is an archive again when unpacked
    Export {
        /// By number, digest or the beginning of it; all of them when none is named
        entries: Vec<String>,
        /// The file to write; it must not be there yet
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

impl Archive {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let trust = self.known.trust()?;
        let here = || Ok::<_, CommandError>(open(&context.workspace())?.trusting(trust.clone()));
        let there = |place| Ok::<_, CommandError>(copies::open(context, place)?.trusting(trust.clone()));
        match &self.what {
            What::List => list(context, &here()?),
            What::Show { entry, print } => {
                let archive = here()?;
                show(context, &archive, &archive.show(entry)?, print.as_deref())
            }
            What::Verify { place: Some(place) } => {
                let there = there(place)?;
                copies::reach(&there).await?;
                verify(context, &there).await
            }
            What::Verify { place: None } => verify(context, &here()?).await,
            What::Push { place } => push(context, here()?, place.as_ref()).await,
            What::Pull { place } => pull(context, there(place)?).await,
            What::Export { entries, out } => export(context, &here()?, entries, out),
        }
    }
}

impl Known {
    fn trust(&self) -> Result<Trust, slipway_archive::Error> {
        let signers: Result<_, _> = self.key.iter().map(|key| PublicKey::read(key)).collect();
        Ok(Trust {
            signers: signers?,
            head: self.head,
            excerpt: self.excerpt,
        })
    }
}

/// Looking must not make one.
pub(super) fn open(workspace: &Workspace) -> Result<Folder, CommandError> {
    let folder = workspace.archive();
    if !folder.is_dir() {
        let shown = folder.strip_prefix(".").unwrap_or(&folder);
        let text = format!("there is no archive at {}", shown.display());
        return Err(CommandError::failed(text)
            .hint("every finished run is archived; name another folder with `--file`"));
    }
    Ok(Folder::open(folder)?)
}

fn list(context: &Context, archive: &Folder) -> Done {
    let entries = archive.list()?;
    let head = archive.head()?;
    let row = |entry: &Entry| {
        let meta = &entry.meta;
        vec![
            entry.sequence.to_string(),
            entry.id.short(),
            meta.environment.to_string(),
            meta.outcome.clone(),
            meta.revision.map_or("-".to_owned(), |revision| revision.short()),
            meta.ended.strftime(TIME).to_string(),
            meta.run.to_string(),
        ]
    };
    context
        .ui
        .answer(&json!({ "head": head, "entries": entries }), || {
            let rows: Vec<_> = entries.iter().map(row).collect();
            let mut text = table(
                &[
                    "ENTRY",
                    "DIGEST",
                    "ENVIRONMENT",
                    "OUTCOME",
                    "REVISION",
                    "ENDED",
                    "RUN",
                ],
                &rows,
            );
            if let Some(head) = head {
                text.push_str(&format!("head {head}\n"));
            }
            text
        });
    Ok(())
}

fn show(context: &Context, archive: &Folder, entry: &Entry, file: Option<&str>) -> Done {
    if let Some(path) = file {
        context.ui.raw(&archive.read(entry, path)?);
        return Ok(());
    }
    context.ui.answer(entry, || {
        let meta = &entry.meta;
        let digest = |digest: Option<Digest>| digest.map_or("-".to_owned(), |digest| digest.to_string());
        // Of one that was put after entries that others had made meanwhile.
        let was = entry.was.map(|was| ("was", was.to_string()));
        let mut text = format!("entry {} {}\n", entry.sequence, entry.id);
        let facts = [
            ("service", meta.service.to_string()),
            ("place", meta.environment.to_string()),
            ("run", meta.run.to_string()),
            ("outcome", meta.outcome.clone()),
            ("started", meta.started.strftime(TIME).to_string()),
            ("ended", meta.ended.strftime(TIME).to_string()),
            ("revision", digest(meta.revision)),
            ("package", digest(meta.package)),
            ("previous", digest(entry.previous)),
            ("signed", entry.signer.clone().unwrap_or_else(|| "-".to_owned())),
        ];
        for (name, value) in facts.into_iter().chain(was) {
            text.push_str(&format!("  {name:<9} {value}\n"));
        }
        let rows: Vec<_> = entry
            .files
            .iter()
            .map(|file| vec![file.path.clone(), file.size.to_string(), file.digest.short()])
            .collect();
        text + &table(&["FILE", "BYTES", "DIGEST"], &rows)
    });
    Ok(())
}

async fn verify(context: &Context, archive: &Folder) -> Done {
    let report = copies::blocking(archive, |archive| Ok(archive.verify())).await?;
    context.ui.answer(&report, || {
        let mut text = format!(
            "{} entries ({} signed), {} blobs, {} bytes read\nhead {}\n",
            report.entries,
            report.signed,
            report.blobs,
            report.bytes,
            report.head.map_or("none".to_owned(), |head| head.to_string())
        );
        if report.excerpt {
            text.push_str("an excerpt: what lies between its entries is not in here\n");
        }
        if let Some(before) = report.after {
            text.push_str(&format!(
                "it follows entry {before}, which is elsewhere with all that led to it\n"
            ));
        }
        text.extend(report.notes.iter().map(|note| format!("note: {note}\n")));
        text.extend(
            report
                .problems
                .iter()
                .map(|problem| format!("problem: {problem}\n")),
        );
        text.push_str(if report.is_intact() {
            "intact\n"
        } else {
            "NOT intact\n"
        });
        text
    });
    if report.is_intact() {
        return Ok(());
    }
    Err(CommandError::failed(format!(
        "the archive is damaged: {} problem(s)",
        report.problems.len()
    )))
}

async fn push(context: &Context, archive: Folder, place: Option<&Destination>) -> Done {
    if let Some(place) = place {
        let pushed = copies::push(context, &archive, place).await??;
        copied(context, "to", &[(place.to_string(), pushed)]);
        return Ok(());
    }
    if context.operator.copies()?.is_empty() {
        return Err(CommandError::failed("nobody says where the archive is copied to")
            .hint("`slipway archive push s3://bucket/prefix`, or [archive] copy-to = [\"...\"] in the operator's file"));
    }
    let entries = archive.trusting(Trust::of_a_part()).list()?;
    let came = match entries.last() {
        Some(latest) => copies::push_all(context, &context.workspace(), &latest.meta.service).await?,
        None => copies::Copied::default(),
    };
    copied(context, "to", &came.pushed);
    let failed = came.failed.into_iter().next();
    failed.map_or(Ok(()), |(_, error)| Err(error))
}

async fn pull(context: &Context, there: Folder) -> Done {
    // What cannot be read makes no archive here.
    copies::blocking(&there, |there| there.head()).await?;
    let here = Folder::open(context.workspace().archive())?.trusting(Trust::of_a_part());
    let pulled = copies::blocking(&there, move |there| there.push(&here)).await?;
    copied(context, "from", &[(there.place(), pulled)]);
    Ok(())
}

fn copied(context: &Context, direction: &str, copied: &[(String, Pushed)]) {
    let answers: Vec<_> = copied
        .iter()
        .map(|(place, pushed)| json!({ "place": place, "copied": pushed }))
        .collect();
    context.ui.answer(&json!({ "copies": answers }), || {
        let line = |(place, pushed): &(String, Pushed)| {
            let Pushed {
                entries,
                blobs,
                bytes,
                ..
            } = pushed;
            let head = pushed.head.map_or("none".to_owned(), |head| head.to_string());
            format!("{direction} {place}: {entries} entries, {blobs} blobs, {bytes} bytes\nhead {head}\n")
        };
        copied.iter().map(line).collect()
    });
}

fn export(context: &Context, archive: &Folder, entries: &[String], out: &PathBuf) -> Done {
    let ids = entries
        .iter()
        .map(|entry| Ok(archive.show(entry)?.id))
        .collect::<Result<Vec<_>, CommandError>>()?;
    let cannot = |error| CommandError::failed(format!("cannot write {}: {error}", out.display()));
    let file = File::create_new(out).map_err(cannot)?;
    let written = archive.export(&ids, BufWriter::new(&file));
    if let Err(error) = written {
        // Half an export would be taken for a whole one.
        fs::remove_file(out).map_err(cannot)?;
        return Err(error.into());
    }
    file.sync_all().map_err(cannot)?;
    let bytes = file.metadata().map_err(cannot)?.len();
    let answer = json!({ "file": out, "bytes": bytes });
    context
        .ui
        .answer(&answer, || format!("{} ({bytes} bytes)", out.display()));
    Ok(())
}
