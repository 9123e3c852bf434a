//! Prefixes and suffixes of names. What names of others refer to is mended afterwards, by `name_references`.

use super::{
    field_spec::{FieldSpec, Make},
    wrong,
};
use crate::{
    kustomization::Kustomization,
    model::{Gvk, Resource, Set},
    problem::Outcome,
};

pub(crate) enum Side {
    Prefix,
    Suffix,
}

pub(crate) fn add(
    set: &mut Set,
    side: &Side,
    text: &str,
    specs: &[FieldSpec],
    from: &Kustomization,
) -> Outcome<()> {
    for resource in set.list_mut() {
        if keeps_its_name(resource) {
            continue;
        }
        let id = resource.original_id();
        for spec in specs.iter().filter(|spec| id.gvk.selected_by(&spec.gvk)) {
            if spec.path == "metadata/name" {
                let around = match side {
                    Side::Prefix => &mut resource.prefixes,
                    Side::Suffix => &mut resource.suffixes,
                };
                around.push(text.to_owned());
                resource.remember();
            }
            if !spec.applies_to(resource) {
                continue;
            }
            spec.visit(&mut resource.root, Make::Text, &mut |node| {
                let name = match side {
                    Side::Prefix => format!("{text}{}", node.raw()),
                    Side::Suffix => format!("{}{text}", node.raw()),
                };
                if node.as_scalar().is_none() {
                    return Err(format!("a name is a text, not {}", node.kind()));
                }
                node.set_bare(name);
                Ok(())
            })
            .map_err(|why| wrong(from, resource, why))?;
        }
    }
    Ok(())
}

/// Others depend on what these are called.
fn keeps_its_name(resource: &Resource) -> bool {
    let gvk = resource.original_id().gvk;
    let kind = |group: &str, kind: &str| Gvk {
        group: group.to_owned(),
        version: String::new(),
        kind: kind.to_owned(),
    };
    [
        kind("", "CustomResourceDefinition"),
        kind("apiregistration.k8s.io", "APIService"),
        kind("", "Namespace"),
    ]
    .iter()
    .any(|kept| gvk.selected_by(kept))
}
