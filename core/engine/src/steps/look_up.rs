//! What a format may look up in the cluster of an environment: only what its artifact lists, and what the operator grants;
//! and what the cluster is, where its artifact asks for that.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value;
use slipway_plugin::{Capabilities, Failure, FailureKind, Http, Lookup, Wanted};

use super::desk::Desk;
use crate::Operator;

/// The setting of an artifact that lists the kinds.
const SETTING: &str = "lookup";
/// The setting that has it made for what the cluster is.
const CAPABILITIES: (&str, &str) = ("capabilities", "cluster");

struct Lookups {
    operator: Arc<dyn Operator>,
    http: Arc<dyn Http>,
    context: Option<String>,
    kinds: BTreeSet<String>,
    /// Whether it may know what the cluster is.
    capabilities: bool,
}

impl Desk<'_> {
    /// None for an artifact that asks for nothing.
    pub(super) fn lookup(&self, settings: &Value) -> Option<Arc<dyn Lookup>> {
        let kinds = settings.get(SETTING).and_then(Value::as_array);
        let (setting, cluster) = CAPABILITIES;
        let capabilities = settings.get(setting).is_some_and(|said| said == cluster);
        if kinds.is_none() && !capabilities {
            return None;
        }
        let kinds = kinds.into_iter().flatten().filter_map(Value::as_str);
        let kinds = kinds.map(str::to_owned).collect();
        let context = self.environment.target.settings.values.get("context");
        Some(Arc::new(Lookups {
            operator: self.engine.operator.clone(),
            http: self.engine.http.clone(),
            context: context.and_then(Value::as_str).map(str::to_owned),
            kinds,
            capabilities,
        }))
    }
}

#[async_trait::async_trait]
impl Lookup for Lookups {
    async fn find(&self, wanted: &Wanted) -> Result<Option<Value>, Failure> {
        if !self.kinds.contains(&wanted.kind) {
            let text = format!("{wanted}: the setting `{SETTING}` of the artifact does not list that kind");
            return Err(Failure::new(FailureKind::Refused, text));
        }
        let context = self.context.as_deref();
        self.operator.look_up(context, wanted, self.http.as_ref()).await
    }

    async fn capabilities(&self) -> Result<Capabilities, Failure> {
        if !self.capabilities {
            let (setting, cluster) = CAPABILITIES;
            let text = format!("the artifact does not ask what the cluster is: `{setting} = \"{cluster}\"`");
            return Err(Failure::new(FailureKind::Refused, text));
        }
        let context = self.context.as_deref();
        self.operator.capabilities(context, self.http.as_ref()).await
    }
}
