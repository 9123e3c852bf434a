//! Clusters by the names that manifests use, and what may be looked up there.

use std::{
    collections::BTreeSet,
    env,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use slipway_engine::Failed;
use slipway_plugin::{Endpoint, Failure, FailureKind, Wanted};

use super::{file::OperatorFile, place::path};
use crate::clusters;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct ClusterSettings {
    kubeconfig: Option<PathBuf>,
    context: Option<String>,
    /// Kinds that formats may look up there.
    #[serde(default)]
    lookup: BTreeSet<String>,
}

impl OperatorFile {
    pub(super) fn cluster_of(&self, context: Option<&str>) -> Result<Endpoint, Failed> {
        let known = context.and_then(|name| self.clusters.get(name));
        let files = match known.and_then(|known| known.kubeconfig.clone()) {
            Some(file) => vec![file],
            None => kubeconfigs(),
        };
        // Of a file of its own it is the current one; otherwise it is called as here.
        let context = known.map_or(context, |known| match &known.kubeconfig {
            Some(_) => known.context.as_deref(),
            None => known.context.as_deref().or(context),
        });
        clusters::cluster(&files, context)
    }

    /// What holds secrets nobody can grant: whoever looks it up refuses it, and says why.
    pub(super) fn may_look_up(&self, context: Option<&str>, wanted: &Wanted) -> Result<(), Failure> {
        let known = context.and_then(|name| self.clusters.get(name));
        let granted = known.is_some_and(|known| known.lookup.contains(&wanted.kind));
        if !granted && !clusters::is_secret(&wanted.kind) {
            let text = format!("{wanted}: the operator lets nobody look up that kind");
            let name = context.unwrap_or("NAME");
            let mut hint = format!(
                "[clusters.{name}] lookup = [\"{}\"] in {}",
                wanted.kind,
                path().display()
            );
            if context.is_none() {
                hint += ", and `context = \"NAME\"` in the environment's target";
            }
            return Err(Failure::new(FailureKind::Refused, text).hint(hint));
        }
        Ok(())
    }
}

/// Those that kubectl would read.
fn kubeconfigs() -> Vec<PathBuf> {
    let home = || Path::new(&env::var_os("HOME").unwrap_or_else(|| "/".into())).join(".kube/config");
    let named = env::var_os("KUBECONFIG").filter(|named| !named.is_empty());
    named.map_or_else(|| vec![home()], |named| env::split_paths(&named).collect())
}
