//! Fencing: who lost the lease on a service in an environment can no longer change anything there, even if it does
//! not know yet. The greatest token of each scope is durable before the change that it came with.

use std::{collections::BTreeMap, path::PathBuf, sync::Mutex};

use crate::{
    error::{AgentError, Result},
    store,
};

pub(crate) struct Fences {
    path: PathBuf,
    newest: Mutex<BTreeMap<String, u64>>,
}

impl Fences {
    pub(crate) fn load(path: PathBuf) -> Result<Self> {
        let newest = store::read(&path)?.unwrap_or_default();
        Ok(Self {
            path,
            newest: Mutex::new(newest),
        })
    }

    pub(crate) fn check(&self, scope: &str, token: u64) -> Result<()> {
        let mut newest = self
            .newest
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match newest.get(scope).copied() {
            Some(seen) if token < seen => Err(AgentError::Fenced {
                scope: scope.to_owned(),
                token,
                newest: seen,
            }),
            Some(seen) if token == seen => Ok(()),
            _ => {
                let mut next = newest.clone();
                next.insert(scope.to_owned(), token);
                store::write(&self.path, &next)?;
                *newest = next;
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_tokens_are_refused_for_good() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("fences.json");
        let check = |scope: &str, token| Fences::load(path.clone()).unwrap().check(scope, token).is_ok();
        assert!(check("shop/prod", 7));
        assert!(check("shop/prod", 7));
        assert!(!check("shop/prod", 6));
        assert!(check("shop/test", 1));
        assert!(check("shop/prod", 8));
        assert!(!check("shop/prod", 7));
    }
}
