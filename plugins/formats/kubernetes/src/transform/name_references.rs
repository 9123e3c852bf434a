//! Mends what names of others refer to after names have changed: a Deployment that mounts a ConfigMap gets the
//! ConfigMap's new name. Candidates are looked up by the names that they had, so that many resources cost no more than
//! a look for each reference.

use std::collections::{HashMap, HashSet};

use super::{
    config::{Config, NameReferences},
    field_spec::{FieldSpec, Make},
};
use crate::{
    model::{Gvk, NO_NAMESPACE, Resource, Set, effective},
    problem::{Outcome, Problem, unless_wrong},
    yaml::{Body, Node},
};

pub(crate) fn mend(set: &mut Set, config: &Config) -> Outcome<()> {
    let index = Index::of(set);
    if index.by_name.is_empty() {
        return Ok(());
    }
    let referrers = by_kind(&config.name_references);
    let mut problems = Vec::new();
    for at in 0..set.list().len() {
        let resource = &set.list()[at];
        let original = resource.original_id().gvk;
        let specs: Vec<_> = [original.kind.as_str(), ""]
            .iter()
            .filter_map(|kind| referrers.get(kind))
            .flatten()
            .filter(|(_, spec)| original.selected_by(&spec.gvk))
            .collect();
        if specs.is_empty() {
            continue;
        }
        let referrer = Referrer::of(resource);
        let mut root = resource.root.clone();
        let mut changed = false;
        // In the order of the table: a field can name resources of several kinds.
        for (target, spec) in in_order(specs) {
            let list = set.list();
            let mended = spec.visit(&mut root, Make::Nothing, &mut |node| {
                changed |= set_node(node, list, &index, &referrer, target, spec)?;
                Ok(())
            });
            if let Err(why) = mended {
                let resource = &list[at];
                problems.push(
                    Problem::new(&*resource.file, why)
                        .at(resource.root.place)
                        .key(resource.described()),
                );
                break;
            }
        }
        if changed {
            set.list_mut()[at].root = root;
        }
    }
    unless_wrong((), problems)
}

fn by_kind(references: &[NameReferences]) -> HashMap<&str, Vec<Ordered<'_>>> {
    let mut by_kind: HashMap<&str, Vec<Ordered<'_>>> = HashMap::new();
    let mut order = 0;
    for reference in references {
        for spec in &reference.referrers {
            let found = by_kind.entry(spec.gvk.kind.as_str()).or_default();
            found.push((Position(order, &reference.gvk), spec));
            order += 1;
        }
    }
    by_kind
}

type Ordered<'a> = (Position<'a>, &'a FieldSpec);

/// Where in the table, and what is named there.
struct Position<'a>(usize, &'a Gvk);

fn in_order<'a>(mut specs: Vec<&'a Ordered<'a>>) -> impl Iterator<Item = (&'a Gvk, &'a FieldSpec)> {
    specs.sort_by_key(|(position, _)| position.0);
    specs.into_iter().map(|(position, spec)| (position.1, *spec))
}

/// Resources that have had another name, by it and by where they are now.
struct Index {
    by_name: HashMap<String, HashMap<String, Vec<usize>>>,
    /// Where resources are now that were in a namespace at first: the namespace they are in, and the one they name.
    moved: HashMap<String, HashSet<(String, String)>>,
}

impl Index {
    fn of(set: &Set) -> Self {
        let mut by_name: HashMap<String, HashMap<String, Vec<usize>>> = HashMap::new();
        let mut moved: HashMap<String, HashSet<(String, String)>> = HashMap::new();
        for (at, resource) in set.iter().enumerate() {
            for previous in &resource.previous {
                let by_namespace = by_name.entry(previous.name.clone()).or_default();
                let here = by_namespace
                    .entry(resource.effective_namespace().to_owned())
                    .or_default();
                if here.last() != Some(&at) {
                    here.push(at);
                }
            }
            let original = original_namespace(resource);
            if original != NO_NAMESPACE {
                let now = moved.entry(original.to_owned()).or_default();
                let named = resource.namespace().to_owned();
                now.insert((resource.effective_namespace().to_owned(), named));
            }
        }
        Self { by_name, moved }
    }

    /// Is anything that the referrer can mean from this namespace?
    fn has_original(&self, namespace: &str, referrer: &Referrer) -> bool {
        self.moved.get(namespace).is_some_and(|now| {
            referrer.namespace == NO_NAMESPACE
                || now.iter().any(|(is_in, names)| {
                    is_in == NO_NAMESPACE || *is_in == referrer.namespace || referrer.accounts.contains(names)
                })
        })
    }

    /// Who may be meant by a name, in order.
    fn candidates(&self, name: &str, referrer: &Referrer, list: &[Resource]) -> Vec<usize> {
        let Some(by_namespace) = self.by_name.get(name) else {
            return Vec::new();
        };
        let mut found: Vec<usize> = if referrer.namespace == NO_NAMESPACE {
            by_namespace.values().flatten().copied().collect()
        } else {
            let here = [referrer.namespace.as_str(), NO_NAMESPACE];
            let here = here
                .into_iter()
                .filter_map(|namespace| by_namespace.get(namespace));
            // An account is in the namespace that it names itself.
            let accounts = referrer.accounts.iter().flat_map(|account| {
                let there = by_namespace.get(account).into_iter().flatten();
                there.filter(move |at| list[**at].namespace() == account)
            });
            here.flatten().chain(accounts).copied().collect()
        };
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The one whose references are mended.
struct Referrer {
    namespace: String,
    /// Namespaces of the accounts that a RoleBinding is for.
    accounts: Vec<String>,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
    role: Option<Gvk>,
}

impl Referrer {
    fn of(resource: &Resource) -> Self {
        let subjects = resource.root.get("subjects").and_then(Node::as_list);
        let subjects = subjects.filter(|_| resource.kind() == "RoleBinding");
        let accounts = subjects.unwrap_or_default().iter().filter_map(|subject| {
            let is_account = subject
                .get("kind")
                .is_some_and(|kind| kind.raw() == "ServiceAccount");
            let namespace = subject.get("namespace").filter(|_| is_account)?;
            Some(namespace.raw().to_owned())
        });
        let role = resource.root.get("roleRef").and_then(|role| {
            Some(Gvk {
                group: role.get("apiGroup")?.raw().to_owned(),
                version: String::new(),
                kind: role.get("kind")?.raw().to_owned(),
            })
        });
        Self {
            namespace: resource.effective_namespace().to_owned(),
            accounts: accounts.collect(),
            prefixes: resource.prefixes.clone(),
            suffixes: resource.suffixes.clone(),
            role,
        }
    }
}

/// Mends a name, a map with a name, or a list of them. Was anything changed?
fn set_node(
    node: &mut Node,
    list: &[Resource],
    index: &Index,
    referrer: &Referrer,
    target: &Gvk,
    spec: &FieldSpec,
) -> Result<bool, String> {
    let look = Look {
        list,
        index,
        referrer,
        target,
        role: referrer
            .role
            .as_ref()
            .filter(|_| spec.path.ends_with("roleRef/name")),
    };
    if node.is_null() {
        return Ok(false);
    }
    match &mut node.body {
        Body::Scalar(_) => look.name(node),
        Body::Map(_) => look.map(node),
        Body::List(items) => {
            let mut changed = false;
            for item in items.iter_mut().filter(|item| !item.is_null()) {
                changed |= match &item.body {
                    Body::Scalar(_) => look.name(item)?,
                    Body::Map(_) => look.map(item)?,
                    Body::List(_) => return Err("a list of lists holds no names".to_owned()),
                };
            }
            Ok(changed)
        }
    }
}

struct Look<'a> {
    list: &'a [Resource],
    index: &'a Index,
    referrer: &'a Referrer,
    target: &'a Gvk,
    role: Option<&'a Gvk>,
}

impl<'a> Look<'a> {
    fn name(&self, node: &mut Node) -> Result<bool, String> {
        let candidates = self.index.candidates(node.raw(), self.referrer, self.list);
        let Some(found) = self.select(node.raw(), candidates, false)? else {
            return Ok(false);
        };
        if found.name() == node.raw() {
            return Ok(false);
        }
        node.set_bare(found.name());
        Ok(true)
    }

    fn map(&self, node: &mut Node) -> Result<bool, String> {
        let name = node
            .get("name")
            .ok_or("there is no `name` in a map that refers to something")?;
        let name = name.raw().to_owned();
        let mut candidates = self.index.candidates(&name, self.referrer, self.list);
        if let Some(namespace) = node.get("namespace") {
            let namespace = namespace.raw();
            if self.index.has_original(namespace, self.referrer) {
                candidates.retain(|at| original_namespace(&self.list[*at]) == namespace);
            } else {
                candidates.retain(|at| self.list[*at].effective_namespace() == namespace);
            }
        }
        let Some(found) = self.select(&name, candidates, true)? else {
            return Ok(false);
        };
        if found.name() == name && found.namespace().is_empty() {
            return Ok(false);
        }
        let map = node.as_map_mut().ok_or("a reference is a map")?;
        map.set("name", Node::bare(found.name()));
        if !found.namespace().is_empty() {
            map.set("namespace", Node::bare(found.namespace()));
        }
        Ok(true)
    }

    fn select(
        &self,
        name: &str,
        mut candidates: Vec<usize>,
        with_namespace: bool,
    ) -> Result<Option<&'a Resource>, String> {
        let list = self.list;
        let had = |resource: &Resource, gvk: &Gvk| resource.previous_ids().any(|id| id.gvk.selected_by(gvk));
        candidates.retain(|at| {
            let resource = &list[*at];
            had(resource, self.target)
                && self.role.is_none_or(|role| had(resource, role))
                && (self.referrer.namespace == NO_NAMESPACE
                    || resource.cluster_scoped
                    || resource.kind() == "ServiceAccount"
                    || resource.effective_namespace() == self.referrer.namespace)
        });
        if let [at] = candidates.as_slice() {
            return Ok(Some(&list[*at]));
        }
        candidates.retain(|at| self.same_layer(&list[*at], true));
        if candidates.len() > 1 {
            candidates.retain(|at| self.same_layer(&list[*at], false));
        }
        let Some(first) = candidates.first().map(|at| &list[*at]) else {
            return Ok(None);
        };
        let alike = candidates.iter().all(|at| {
            let resource = &list[*at];
            resource.name() == first.name() && (!with_namespace || resource.namespace() == first.namespace())
        });
        if alike {
            return Ok(Some(first));
        }
        let found: Vec<String> = candidates.iter().map(|at| list[*at].id().to_string()).collect();
        Err(format!(
            "`{name}` may be any of {}: give them names of their own",
            found.join(", ")
        ))
    }

    /// Have both been given the same prefixes and suffixes, as far as both have some?
    fn same_layer(&self, resource: &Resource, or_none: bool) -> bool {
        let same =
            |a: &[String], b: &[String]| (or_none && (a.is_empty() || b.is_empty())) || ends_alike(a, b);
        same(&resource.prefixes, &self.referrer.prefixes) && same(&resource.suffixes, &self.referrer.suffixes)
    }
}

fn original_namespace(resource: &Resource) -> &str {
    let first = resource.previous.first();
    first.map_or(resource.effective_namespace(), |first| {
        effective(&first.namespace, false)
    })
}

fn ends_alike(a: &[String], b: &[String]) -> bool {
    let (short, long) = if a.len() > b.len() { (b, a) } else { (a, b) };
    if short.is_empty() {
        return long.is_empty();
    }
    long.ends_with(short)
}
