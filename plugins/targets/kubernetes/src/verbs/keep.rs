//! What is taken over from the live objects before anything is sent, because it is decided elsewhere or does not matter.

use slipway_kubernetes_api::Id;
use slipway_sdk::Failure;

use super::{crowd, live::Live, prepare::Prepared};
use crate::{adopt, document::Object, images, kinds::put};

pub(super) fn keep(prepared: &mut Prepared, live: &Live) -> Result<(), Failure> {
    let autoscaled = adopt::autoscaled(&prepared.objects);
    for object in &mut prepared.objects {
        let Some(found) = live.get(&object.id) else {
            continue;
        };
        adopt::replicas(object, found, &autoscaled);
        if adopt::is_route(&object.id) {
            adopt::backends(object, found, &prepared.selectors);
        }
    }
    keep_images(prepared, live)
}

/// In a plan what the router decides is as it is; a start leaves it out.
pub(super) fn keep_selectors(prepared: &mut Prepared, live: &Live) {
    for object in &mut prepared.objects {
        let selector = live
            .get(&object.id)
            .and_then(|found| found.pointer("/spec/selector"));
        if let Some(selector) = selector.filter(|_| prepared.selectors.contains_key(&object.id)) {
            put(&mut object.body, &["spec", "selector"], selector.clone());
        }
    }
}

/// Of what others had deployed, and of Jobs, which cannot be changed.
fn keep_images(prepared: &mut Prepared, live: &Live) -> Result<(), Failure> {
    let marked = prepared.stamp.marks_pods;
    let renamed = |object: &Object| {
        (!marked || object.id.is("batch", "Job"))
            && live
                .get(&object.id)
                .is_some_and(|found| images::renamed(object, found))
    };
    let ids: Vec<Id> = prepared
        .objects
        .iter()
        .filter(|object| renamed(object))
        .map(|object| object.id.clone())
        .collect();
    if ids.is_empty() {
        return Ok(());
    }
    let found: Vec<_> = ids.iter().map(|id| (id.clone(), &live[id])).collect();
    let mut namespaces: Vec<_> = found
        .iter()
        .map(|(_, live)| slipway_kubernetes_api::text(live, "/metadata/namespace"))
        .collect();
    namespaces.sort_unstable();
    namespaces.dedup();
    let pods = crowd::unmarked_of(&namespaces, &found)?;
    for object in prepared
        .objects
        .iter_mut()
        .filter(|object| ids.contains(&object.id))
    {
        let found = &live[&object.id];
        let own: Vec<_> = pods
            .iter()
            .filter(|pod| crate::chosen::runs(&object.id, found, pod))
            .collect();
        images::keep(object, found, &own);
    }
    Ok(())
}
