//! Programs that the place runs once each, and knows until they are dismissed.

use std::collections::{BTreeMap, BTreeSet};

use slipway_model::InstanceName;
use slipway_plugin::Ended;
use tokio::time::{Duration, Instant};

const TAKES: Duration = Duration::from_millis(2500);

#[derive(Default)]
pub(crate) struct Tasks {
    there: BTreeMap<InstanceName, Instant>,
    /// Ever.
    began: BTreeSet<InstanceName>,
}

impl Tasks {
    /// Answers what must never be, as an error.
    pub(crate) fn execute(
        &mut self,
        name: &InstanceName,
        begun: bool,
    ) -> Result<Option<Ended>, &'static str> {
        if !self.there.contains_key(name) {
            if begun {
                return Err("is waited for and not there");
            }
            if !self.began.insert(name.clone()) {
                return Err("is begun twice");
            }
        }
        let began = self.there.entry(name.clone()).or_insert_with(Instant::now);
        Ok((began.elapsed() >= TAKES).then(|| Ended {
            code: Some(0),
            why: String::new(),
            said: "done\n".to_owned(),
        }))
    }

    pub(crate) fn dismiss(&mut self, name: &InstanceName) {
        self.there.remove(name);
    }

    pub(crate) fn left(&self) -> Vec<InstanceName> {
        self.there.keys().cloned().collect()
    }
}
