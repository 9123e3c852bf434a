//! Puts everything that lives in a namespace into one, and what names that namespace with it.

use super::{
    field_spec::{FieldSpec, Make},
    wrong,
};
use crate::{
    kustomization::Kustomization,
    model::{Gvk, Resource, Set},
    problem::Outcome,
    yaml::{Body, Node, Scalar, Style, Tag},
};

pub(crate) fn set(set: &mut Set, specs: &[FieldSpec], from: &Kustomization) -> Outcome<()> {
    let namespace = &from.namespace;
    let own = FieldSpec::new(Gvk::default(), "metadata/namespace", true);
    for resource in set.list_mut() {
        resource.remember();
        change(resource, namespace, &own, specs).map_err(|why| wrong(from, resource, why))?;
    }
    set.check_unique()
}

fn change(
    resource: &mut Resource,
    namespace: &str,
    own: &FieldSpec,
    specs: &[FieldSpec],
) -> Result<(), String> {
    if !resource.cluster_scoped {
        own.visit(&mut resource.root, Make::Text, &mut |node| write(node, namespace))?;
    }
    let binds = matches!(resource.kind(), "RoleBinding" | "ClusterRoleBinding");
    if binds {
        bind(&mut resource.root, namespace)?;
    }
    for spec in specs {
        let skipped = spec.path == "metadata/namespace"
            || (spec.path == "metadata/name" && resource.api_version() != "v1")
            || (binds
                && spec.path == "subjects/namespace"
                && matches!(spec.gvk.kind.as_str(), "RoleBinding" | "ClusterRoleBinding"));
        if !skipped && spec.applies_to(resource) {
            spec.visit(&mut resource.root, Make::Text, &mut |node| write(node, namespace))?;
        }
    }
    Ok(())
}

/// The default account of a binding is the one of the namespace. Others are found by their names later.
fn bind(root: &mut Node, namespace: &str) -> Result<(), String> {
    let Some(subjects) = root.get_mut("subjects").filter(|subjects| !subjects.is_null()) else {
        return Ok(());
    };
    let Body::List(subjects) = &mut subjects.body else {
        return Err(format!("`subjects` is a list, not {}", subjects.kind()));
    };
    for subject in subjects {
        let is_default = subject.get("name").is_some_and(|name| name.raw() == "default");
        if is_default && let Some(subject) = subject.as_map_mut() {
            write(subject.get_or_put("namespace", || Node::bare("")), namespace)?;
        }
    }
    Ok(())
}

fn write(node: &mut Node, namespace: &str) -> Result<(), String> {
    if node.as_scalar().is_none() {
        return Err(format!("a namespace is a text, not {}", node.kind()));
    }
    node.replace_scalar(Scalar::new(namespace, Tag::Text, Style::Plain));
    Ok(())
}
