//! An object of its own that a router has beside those of the software, for as long as it needs it. It is nobody else's.

use serde_json::Value;
use slipway_sdk::Failure;

use crate::{Ask, Resource, ask, labels, text};

/// Where it is, and whose.
pub struct Beside<'a> {
    pub resource: &'a Resource,
    pub namespace: &'a str,
    pub name: &'a str,
    /// The service and the environment.
    pub whose: (&'a str, &'a str),
}

impl Beside<'_> {
    /// What there is of it. Refused where somebody else has made that; `hint` says what to do then.
    pub fn find(&self, hint: &str) -> Result<Option<Value>, Failure> {
        let found = ask(Ask::get(self.path()).metadata_only())?.found(&self.doing("reading"))?;
        match found {
            Some(live) if !labels::is_of(&live, self.whose.0, self.whose.1) => {
                Err(Failure::refused(format!(
                    "{}/{} is there already and was not made by this service in this environment",
                    self.resource.kind, self.name
                ))
                .hint(hint))
            }
            live => Ok(live),
        }
    }

    pub fn remove(&self, live: &Value) -> Result<(), Failure> {
        let uid = text(live, "/metadata/uid");
        let removed = ask(Ask::delete(&self.path(), Some(uid), "Background"))?;
        removed.found(&self.doing("removing")).map(drop)
    }

    pub fn make(&self, object: &Value) -> Result<(), Failure> {
        let made = Ask::apply(&self.path(), labels::ROUTER_MANAGER, true, object).metadata_only();
        ask(made)?.success(&self.doing("making")).map(drop)
    }

    fn path(&self) -> String {
        self.resource.one(Some(self.namespace), self.name)
    }

    fn doing(&self, what: &str) -> String {
        format!("{what} {}/{}", self.resource.kind, self.name)
    }
}
