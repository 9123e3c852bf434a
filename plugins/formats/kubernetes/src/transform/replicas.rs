//! How many copies of a workload run.

use super::{
    field_spec::{FieldSpec, Make},
    wrong,
};
use crate::{
    kustomization::{Kustomization, Replicas},
    model::Set,
    problem::{Outcome, Problem},
    yaml::{Scalar, Style, Tag},
};

pub(crate) fn set(
    set: &mut Set,
    replicas: &Replicas,
    specs: &[FieldSpec],
    from: &Kustomization,
) -> Outcome<()> {
    let mut found = false;
    for resource in set.list_mut() {
        for spec in specs {
            let named = resource
                .all_ids()
                .any(|id| id.name == replicas.name && id.gvk.selected_by(&spec.gvk));
            if !named {
                continue;
            }
            found = true;
            if !spec.applies_to(resource) {
                continue;
            }
            spec.visit(&mut resource.root, Make::Int, &mut |node| {
                if node.as_scalar().is_none() {
                    return Err(format!("a number of copies is a number, not {}", node.kind()));
                }
                node.replace_scalar(Scalar::new(replicas.count.to_string(), Tag::Int, Style::Plain));
                Ok(())
            })
            .map_err(|why| wrong(from, resource, why))?;
        }
    }
    if found {
        return Ok(());
    }
    let kinds: Vec<&str> = specs.iter().map(|spec| spec.gvk.kind.as_str()).collect();
    let why = format!("there is no {} named `{}`", kinds.join(", "), replicas.name);
    Err(Problem::new(&from.file, why)
        .at(replicas.place)
        .key(&replicas.key)
        .hint("use the name that is in the resource's own file")
        .into())
}
