//! What a format says of an artifact, with everything at hand that it wants to look into.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use slipway_manifest::Artifact;
use slipway_plugin::{Call, Dependency, DependencyKind, Format, Inspection, Resolved};

use super::bring::{Brought, Step};
use crate::{
    Event, Failed, RunError,
    package::{PackagedArtifact, PackagedDependency, PackagedFile},
    rollout::LocalBlob,
};

/// How often a format may name files that it has not seen: an index, what stands in it, what that needs.
const ROUNDS: usize = 8;

impl Step<'_> {
    /// What the format says of the artifact, and what it adds to the package.
    pub(super) async fn inspect(
        &self,
        name: &str,
        artifact: &Artifact,
        all: &BTreeMap<String, Brought>,
    ) -> Result<(PackagedArtifact, Vec<PackagedFile>), RunError> {
        let format = self.engine.plugins.format(&artifact.format).await?;
        let brought = &all[name];
        let settings = Value::Object(artifact.settings.values.clone());
        let asked = slipway_plugin::Artifact {
            name: name.to_owned(),
            blob: brought.blob.digest,
            size: brought.blob.size,
            settings: settings.clone(),
        };
        let (inspection, files) = self.look_into(&*format, &asked, all).await?;
        for note in &inspection.notes {
            let text = format!("{name}: {note}");
            self.run.tell(Event::Note { text }).await?;
        }
        let blobs = self.readable(&asked, &files).await?;
        let request = json!({ "assemble": asked, "facts": inspection.facts });
        let added: Vec<slipway_plugin::File> = self
            .run
            .call(&format!("release/assemble/{name}"), request, |call| {
                format.assemble(self.grants(call, &blobs), asked.clone(), inspection.facts.clone())
            })
            .await?;
        let mut assembled = Vec::new();
        for file in added {
            slipway_config::check_path(&file.path).map_err(|why| {
                Failed::new(format!(
                    "format {} adds a file `{}`: {why}",
                    artifact.format, file.path
                ))
            })?;
            assembled.push(
                self.push(format!("{name}/{}", file.path), file.content, (false, false))
                    .await?,
            );
        }
        let images = inspection.dependencies.iter();
        let images: Vec<_> = images
            .filter(|needed| needed.kind == DependencyKind::Image)
            .collect();
        let mut needs = self.bring_dependencies(name, &images, all).await?;
        let named = |(asked, file): &(String, PackagedDependency)| {
            let same = |needed: &Dependency| needed.reference == *asked;
            file.kind == DependencyKind::File && inspection.dependencies.iter().any(same)
        };
        needs.extend(files.into_iter().filter(named).map(|(_, file)| file));
        needs.sort_by(|one, other| one.reference.cmp(&other.reference));
        let packaged = PackagedArtifact {
            format: artifact.format.clone(),
            blob: brought.blob.clone(),
            settings,
            facts: inspection.facts,
            summary: inspection.summary,
            needs,
        };
        Ok((packaged, assembled))
    }

    /// Asks until the format has seen every file that it names. Each file stands beside the reference that asked for it.
    async fn look_into(
        &self,
        format: &dyn Format,
        asked: &slipway_plugin::Artifact,
        all: &BTreeMap<String, Brought>,
    ) -> Result<(Inspection, Vec<(String, PackagedDependency)>), RunError> {
        let mut files: Vec<(String, PackagedDependency)> = Vec::new();
        let name = &asked.name;
        for round in 0..ROUNDS {
            let key = match round {
                0 => format!("release/inspect/{name}"),
                _ => format!("release/inspect/{name}/{round}"),
            };
            let resolved: Vec<_> = files.iter().map(resolved).collect();
            let request = match round {
                0 => json!({ "inspect": asked }),
                _ => json!({ "inspect": asked, "brought": resolved }),
            };
            let blobs = self.readable(asked, &files).await?;
            let inspection: Inspection = self
                .run
                .call(&key, request, |call| {
                    format.inspect(self.grants(call, &blobs), asked.clone(), resolved.clone())
                })
                .await?;
            let seen: BTreeSet<_> = files.iter().map(|(asked, _)| asked.as_str()).collect();
            let unseen = |needed: &&Dependency| {
                needed.kind != DependencyKind::Image && !seen.contains(needed.reference.as_str())
            };
            let unseen: Vec<_> = inspection.dependencies.iter().filter(unseen).collect();
            if unseen.is_empty() {
                return Ok((inspection, files));
            }
            let mut meant: Vec<(String, Dependency)> = Vec::new();
            for needed in unseen {
                for reference in self.fitting(name, needed).await? {
                    let one = Dependency {
                        reference,
                        ..needed.clone()
                    };
                    meant.push((needed.reference.clone(), one));
                }
            }
            let each: Vec<_> = meant.iter().map(|(_, one)| one).collect();
            for file in self.bring_dependencies(name, &each, all).await? {
                let asked = meant.iter().find(|(_, one)| one.reference == file.reference);
                let asked = asked.map_or(&file.reference, |(asked, _)| asked).clone();
                files.push((asked, file));
            }
        }
        let text = format!("artifact `{name}`: its format names new files without end");
        Err(Failed::new(text).into())
    }

    /// The artifact and what was brought for it.
    async fn readable(
        &self,
        artifact: &slipway_plugin::Artifact,
        files: &[(String, PackagedDependency)],
    ) -> Result<Vec<(slipway_model::Digest, LocalBlob)>, RunError> {
        self.at_hand(files.iter().map(|(_, file)| &file.blob)).await?;
        let digests = [artifact.blob]
            .into_iter()
            .chain(files.iter().map(|(_, file)| file.blob.digest));
        let readable = digests.map(|digest| Ok((digest, self.engine.workspace.blob(digest)?)));
        Ok(readable.collect::<Result<_, Failed>>()?)
    }

    fn grants(&self, call: Call, blobs: &[(slipway_model::Digest, LocalBlob)]) -> Call {
        let call = blobs.iter().fold(call, |call, (digest, blob)| {
            call.blob(*digest, blob.path.clone(), blob.size)
        });
        Call {
            registries: Some(self.registries.access()),
            ..call
        }
    }
}

fn resolved((_, file): &(String, PackagedDependency)) -> Resolved {
    Resolved {
        reference: file.reference.clone(),
        digest: file.blob.digest,
        pull: None,
    }
}
