//! Where a revision comes from, as others read it: an in-toto statement with SLSA provenance
//! (<https://slsa.dev/spec/v1.0/provenance>). It is a file of the archive's entry, and signed with it.

use serde_json::{Value, json};
use slipway_archive::EntryMeta;
use slipway_model::Digest;
use slipway_plugin::PluginInfo;

use crate::{revision::Revision, trust::Verdict};

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const PREDICATE: &str = "https://slsa.dev/provenance/v1";
/// What the parameters mean: those of a run.
const BUILD: &str = "https://slipway.dev/provenance/run/v1";
const BUILDER: &str = "https://slipway.dev/cli";

pub(super) fn statement(
    meta: &EntryMeta,
    (digest, revision): (Digest, &Revision),
    plugins: &[PluginInfo],
    trusted: &[Verdict],
) -> Value {
    let sha256 = |digest: &Digest| json!({ "sha256": digest.hex() });
    let artifacts = revision.artifacts.iter();
    let artifacts =
        artifacts.map(|(name, artifact)| json!({ "name": name, "digest": sha256(&artifact.digest) }));
    let package = json!({ "name": "package", "digest": sha256(&revision.package) });
    let dependencies: Vec<_> = [package].into_iter().chain(artifacts).collect();
    let plugins: Vec<_> = plugins
        .iter()
        .map(|info| {
            json!({
                "name": format!("{}/{}", info.kind.name(), info.name),
                "digest": sha256(&info.digest),
                "contract": info.contract,
                "capabilities": info.imports,
            })
        })
        .collect();
    let mut internal = json!({ "plugins": plugins });
    if !trusted.is_empty() {
        // What signatures were demanded of, by whose policy, and the key of each.
        internal["trusted"] = json!(trusted);
    }
    json!({
        "_type": STATEMENT,
        "subject": [{ "name": format!("{} {}", meta.service, revision.version), "digest": sha256(&digest) }],
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD,
                "externalParameters": {
                    "service": meta.service,
                    "environment": meta.environment,
                    "outcome": meta.outcome,
                },
                "internalParameters": internal,
                "resolvedDependencies": dependencies,
            },
            "runDetails": {
                "builder": { "id": BUILDER, "version": { "slipway": env!("CARGO_PKG_VERSION") } },
                "metadata": { "invocationId": meta.run, "startedOn": meta.started, "finishedOn": meta.ended },
            },
        },
    })
}
