//! What a format may look up in the cluster of an environment: only what its artifact lists, and what the operator grants.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value;
use slipway_plugin::{Failure, FailureKind, Http, Lookup, Wanted};

use super::desk::Desk;
use crate::Operator;

/// The setting of an artifact that lists the kinds.
const SETTING: &str = "lookup";

struct Lookups {
    operator: Arc<dyn Operator>,
    http: Arc<dyn Http>,
    context: Option<String>,
    kinds: BTreeSet<String>,
}

impl Desk<'_> {
    /// None for an artifact that lists no kind.
    pub(super) fn lookup(&self, settings: &Value) -> Option<Arc<dyn Lookup>> {
        let kinds = settings.get(SETTING)?.as_array()?;
        let kinds = kinds.iter().filter_map(Value::as_str).map(str::to_owned);
        let context = self.environment.target.settings.values.get("context");
        Some(Arc::new(Lookups {
            operator: self.engine.operator.clone(),
            http: self.engine.http.clone(),
            context: context.and_then(Value::as_str).map(str::to_owned),
            kinds: kinds.collect(),
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
}
