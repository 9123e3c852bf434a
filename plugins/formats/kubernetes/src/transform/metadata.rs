//! Labels and annotations, in the resources themselves and in what they make: templates and selectors.

use std::collections::BTreeMap;

use super::{
    config::Config,
    field_spec::{FieldSpec, Make, merge},
    wrong,
};
use crate::{
    kustomization::{Kustomization, Labels},
    model::{Gvk, Set},
    problem::{Outcome, Problem},
    yaml::{Node, Tag, Twin},
};

/// Where the labels of one entry of `labels` go.
pub(crate) fn label_places(
    labels: &Labels,
    config: &Config,
    from: &Kustomization,
) -> Outcome<Vec<FieldSpec>> {
    let mut places: Vec<FieldSpec> = labels
        .fields
        .iter()
        .map(|field| FieldSpec::new(field.gvk.clone(), &field.path, field.create))
        .collect();
    let own = FieldSpec::new(Gvk::default(), "metadata/labels", true);
    let own = std::slice::from_ref(&own);
    let merged = merge(&mut places, &config.labels).and_then(|()| {
        if labels.include_selectors {
            return merge(&mut places, &config.common_labels);
        }
        if labels.include_templates {
            merge(&mut places, &config.template_labels)?;
        }
        merge(&mut places, own)
    });
    merged.map_err(|why| {
        Problem::new(&from.file, why)
            .at(labels.place)
            .key(format!("{}.fields", labels.key))
    })?;
    Ok(places)
}

/// Adds texts at all places, over what is there. A text that is new in several places is one: what changes it in one
/// place later changes it in all, as in kustomize.
pub(crate) fn add(
    set: &mut Set,
    texts: &BTreeMap<String, String>,
    places: &[FieldSpec],
    from: &Kustomization,
) -> Outcome<()> {
    if texts.is_empty() {
        return Ok(());
    }
    for resource in set.list_mut() {
        let here: Vec<&FieldSpec> = places.iter().filter(|place| place.applies_to(resource)).collect();
        for (key, text) in texts {
            resource.twins += 1;
            let twin = Twin {
                id: resource.twins,
                changes: 0,
            };
            for place in &here {
                place
                    .visit(&mut resource.root, Make::Map, &mut |node| {
                        put(node, key, text, twin)
                    })
                    .map_err(|why| wrong(from, resource, why))?;
            }
        }
        resource.unite_twins();
    }
    Ok(())
}

fn put(node: &mut Node, key: &str, text: &str, twin: Twin) -> Result<(), String> {
    if node.is_null() {
        return Ok(());
    }
    let kind = node.kind();
    let Some(map) = node.as_map_mut() else {
        return Err(format!("labels and annotations are a map, not {kind}"));
    };
    let is_new = map.get(key).is_none();
    map.set(key, Node::scalar(text, Tag::Text));
    if let Some(scalar) = map.get_mut(key).and_then(Node::as_scalar_mut).filter(|_| is_new) {
        scalar.twin = Some(twin);
    }
    Ok(())
}
