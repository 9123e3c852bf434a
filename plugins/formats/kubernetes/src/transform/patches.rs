//! Patches: strategic merges and JSON patches, and the resources that they are for.

use std::collections::HashMap;

use super::{json_patch::JsonPatch, selector::Matcher};
use crate::{
    kustomization::Selector,
    merge::{Schema, merge},
    model::{Id, Resource, Scopes, Set},
    problem::{Outcome, Problem},
    yaml::{Map, Node},
};

/// A patch, read.
pub(crate) enum Parsed {
    Strategic(Vec<Resource>),
    Json(JsonPatch),
    /// There is nothing in it.
    Empty,
}

/// Applies the patches of one kustomization. Finding their resources by name is fast for many patches.
pub(crate) struct Patcher<'a> {
    pub set: &'a mut Set,
    pub schema: &'a Schema,
    pub scopes: &'a Scopes,
    index: Option<HashMap<Id, Vec<usize>>>,
}

#[derive(Clone, Copy, Default)]
pub(crate) struct Allowed {
    pub name_change: bool,
    pub kind_change: bool,
}

impl<'a> Patcher<'a> {
    pub(crate) fn new(set: &'a mut Set, schema: &'a Schema, scopes: &'a Scopes) -> Self {
        Self {
            set,
            schema,
            scopes,
            index: None,
        }
    }

    /// To the resource that has the patch's own name, now or before.
    pub(crate) fn strategic(&mut self, patch: Resource, allowed: Allowed, problem: &Problem) -> Outcome<()> {
        let id = patch.id();
        let index = self.index.get_or_insert_with(|| self.set.by_any_id());
        let at = match index.get(&id).map(Vec::as_slice) {
            Some([at]) => *at,
            Some(several) => {
                let why = format!(
                    "{} resources are or were {id}, and the patch is for one",
                    several.len()
                );
                return Err(again(problem, why).hint("give the patch a `target`").into());
            }
            None => {
                let why = format!("there is no {id} to patch");
                let hint = "use the name that is in the resource's own file, or a `target`";
                return Err(again(problem, why).hint(hint).into());
            }
        };
        let gone = self.apply(at, patch, allowed, problem)?;
        if gone || allowed.name_change || allowed.kind_change {
            self.index = None;
        }
        if gone {
            self.drop_empty();
        }
        Ok(())
    }

    /// To all that a selector selects.
    pub(crate) fn strategic_to(
        &mut self,
        selector: &Selector,
        patch: &Resource,
        allowed: Allowed,
        problem: &Problem,
    ) -> Outcome<()> {
        let selected = self.selected(selector, problem)?;
        let mut any_gone = false;
        for at in selected {
            let patch = copy_for(patch, &self.set.list()[at]);
            any_gone |= self.apply(at, patch, allowed, problem)?;
        }
        self.index = None;
        if any_gone {
            self.drop_empty();
        }
        self.set.check_unique()
    }

    pub(crate) fn json_to(
        &mut self,
        selector: &Selector,
        patch: &JsonPatch,
        remember: bool,
        problem: &Problem,
    ) -> Outcome<()> {
        for at in self.selected(selector, problem)? {
            let resource = &mut self.set.list_mut()[at];
            if remember {
                resource.remember();
            }
            patch
                .apply(resource)
                .map_err(|why| again(problem, format!("{}: {why}", resource.described())))?;
            resource.cluster_scoped = self
                .scopes
                .is_cluster_scoped(resource.api_version(), resource.kind());
        }
        self.index = None;
        Ok(())
    }

    fn selected(&self, selector: &Selector, problem: &Problem) -> Outcome<Vec<usize>> {
        let matcher = Matcher::new(selector).map_err(|why| again(problem, why))?;
        let selected = self.set.iter().enumerate();
        Ok(selected
            .filter(|(_, resource)| matcher.matches(resource))
            .map(|(at, _)| at)
            .collect())
    }

    /// Is the resource gone?
    fn apply(&mut self, at: usize, patch: Resource, allowed: Allowed, problem: &Problem) -> Outcome<bool> {
        let resource = &mut self.set.list_mut()[at];
        let (name, namespace, kind) = (
            resource.name().to_owned(),
            resource.namespace().to_owned(),
            resource.kind().to_owned(),
        );
        if allowed.name_change || allowed.kind_change {
            resource.remember();
        }
        let described = resource.described();
        let root = std::mem::replace(&mut resource.root, Node::empty_map());
        let merged = merge(root, patch.root, self.schema);
        let merged = merged.map_err(|why| again(problem, format!("{described}: {why}")))?;
        let Some(root) = merged.filter(|root| !root.is_null_or_empty()) else {
            return Ok(true);
        };
        resource.root = root;
        if !allowed.kind_change
            && let Some(root) = resource.root.as_map_mut()
        {
            root.set("kind", Node::bare(kind));
        }
        if !allowed.name_change {
            resource.set_name(&name);
        }
        resource.set_namespace(&namespace);
        resource.unite_twins();
        resource.cluster_scoped = self
            .scopes
            .is_cluster_scoped(resource.api_version(), resource.kind());
        Ok(false)
    }

    fn drop_empty(&mut self) {
        self.set
            .list_mut()
            .retain(|resource| !resource.root.is_null_or_empty());
        self.index = None;
    }
}

/// The patch as it is for one of several resources: of its version, with labels and annotations that are texts.
fn copy_for(patch: &Resource, resource: &Resource) -> Resource {
    let mut copy = patch.clone();
    copy.set_texts_in_metadata("labels", patch.labels());
    copy.set_texts_in_metadata("annotations", patch.annotations());
    let (name, namespace) = (patch.name().to_owned(), patch.namespace().to_owned());
    copy.set_name(&name);
    copy.set_namespace(&namespace);
    let kind = patch.kind().to_owned();
    if let Some(root) = copy.root.as_map_mut() {
        set_bare(root, "apiVersion", resource.api_version());
        set_bare(root, "kind", &kind);
    }
    copy
}

fn set_bare(map: &mut Map, key: &str, text: &str) {
    map.set(key, Node::bare(text));
}

fn again(problem: &Problem, why: impl Into<String>) -> Problem {
    Problem {
        why: why.into(),
        ..problem.clone()
    }
}
