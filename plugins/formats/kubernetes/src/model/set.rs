//! Resources in the order in which they came. No two of them are the same one.

use std::collections::{HashMap, HashSet};

use super::{identity::Id, resource::Resource};
use crate::problem::{Outcome, Problem};

#[derive(Debug, Default)]
pub(crate) struct Set {
    list: Vec<Resource>,
    /// Who is in it; none if that has to be found out anew.
    ids: Option<HashSet<Id>>,
}

impl Set {
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Resource> {
        self.list.iter()
    }

    pub(crate) fn list(&self) -> &[Resource] {
        &self.list
    }

    /// For changes of any kind: who is who is looked at again afterwards.
    pub(crate) fn list_mut(&mut self) -> &mut Vec<Resource> {
        self.ids = None;
        &mut self.list
    }

    pub(crate) fn into_list(self) -> Vec<Resource> {
        self.list
    }

    pub(crate) fn add(&mut self, resource: Resource) -> Outcome<()> {
        let ids = self
            .ids
            .get_or_insert_with(|| self.list.iter().map(Resource::id).collect());
        let id = resource.id();
        if ids.contains(&id) {
            let first = self.list.iter().find(|other| other.id() == id);
            let first = first.map_or("", |other| &other.file);
            return Err(twice(&resource, first));
        }
        ids.insert(id);
        self.list.push(resource);
        Ok(())
    }

    pub(crate) fn add_all(&mut self, resources: impl IntoIterator<Item = Resource>) -> Outcome<()> {
        let mut problems = Vec::new();
        for resource in resources {
            if let Err(wrong) = self.add(resource) {
                problems.extend(wrong.0);
            }
        }
        crate::problem::unless_wrong((), problems)
    }

    /// No two may have become the same one.
    pub(crate) fn check_unique(&self) -> Outcome<()> {
        let mut seen: HashMap<Id, &Resource> = HashMap::with_capacity(self.list.len());
        for resource in &self.list {
            if let Some(first) = seen.insert(resource.id(), resource) {
                return Err(twice(resource, &first.file));
            }
        }
        Ok(())
    }

    /// Where the resources are that had or have an id.
    pub(crate) fn by_any_id(&self) -> HashMap<Id, Vec<usize>> {
        let mut index: HashMap<Id, Vec<usize>> = HashMap::with_capacity(self.list.len());
        for (at, resource) in self.list.iter().enumerate() {
            for id in resource.all_ids() {
                let found = index.entry(id).or_default();
                if found.last() != Some(&at) {
                    found.push(at);
                }
            }
        }
        index
    }
}

fn twice(resource: &Resource, first: &str) -> crate::problem::Problems {
    Problem::new(
        &*resource.file,
        format!("{} is there twice, the other is from {first}", resource.id()),
    )
    .at(resource.root.place)
    .key(resource.described())
    .hint("leave one of them away, or rename one, or change the other with a patch")
    .into()
}
