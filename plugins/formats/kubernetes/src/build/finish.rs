//! What is done once, when all resources of a build are there: suffixes from contents, references, order.

use std::collections::BTreeMap;

use super::{
    accumulate::Accumulated,
    manifest::Manifest,
    origin::{ORIGIN, TRANSFORMATIONS},
};
use crate::{
    kustomization::{Kustomization, Order, SortOptions},
    model::{Gvk, Set},
    problem::Outcome,
    transform::{FieldSpec, add_hashes, add_texts, mend, resolve_variables, sort},
};

const LOCAL: &str = "config.kubernetes.io/local-config";
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The version of kustomize whose output this is.
const VERSION: &str = "kustomize-v5.8.1";

pub(crate) fn finish(accumulated: Accumulated, from: &Kustomization) -> Outcome<Vec<Manifest>> {
    let Accumulated {
        mut set,
        config,
        variables,
    } = accumulated;
    add_hashes(&mut set)?;
    mend(&mut set, &config)?;
    resolve_variables(&mut set, &variables, &config)?;
    drop_local(&mut set);
    let by_kind = SortOptions {
        order: Order::ByKind {
            first: None,
            last: None,
        },
    };
    sort(set.list_mut(), from.sort_options.as_ref().unwrap_or(&by_kind));
    if wants(from, "managedByLabel") {
        let own = FieldSpec::new(Gvk::default(), "metadata/labels", true);
        let label = BTreeMap::from([(MANAGED_BY.to_owned(), VERSION.to_owned())]);
        add_texts(&mut set, &label, &[own], from)?;
    }
    for resource in set.list_mut() {
        let mut annotations = resource.annotations();
        annotations.retain(|(key, _)| match key.as_str() {
            ORIGIN => wants(from, "originAnnotations"),
            TRANSFORMATIONS => wants(from, "transformerAnnotations"),
            _ => true,
        });
        resource.set_texts_in_metadata("annotations", annotations);
    }
    Ok(set.into_list().into_iter().map(Manifest::from).collect())
}

fn wants(from: &Kustomization, option: &str) -> bool {
    from.build_metadata.iter().any(|wanted| wanted == option)
}

/// What is only for tools on the way is not deployed.
fn drop_local(set: &mut Set) {
    let is_local =
        |resource: &crate::model::Resource| resource.annotation(LOCAL).is_some_and(|value| value != "false");
    if set.iter().any(is_local) {
        set.list_mut().retain(|resource| !is_local(resource));
    }
}
