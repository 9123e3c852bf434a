//! Images are pulled from where the release has brought them.

use std::collections::BTreeMap;

use slipway_sdk::{Failure, Resolved};

use super::{
    settings::Settings,
    workload::{Image, id},
};
use crate::{Manifest, images, reference::canonical, set_image};

/// Writes the images as the deployment registry has them. All that the release has not brought are named at once.
pub(super) fn relocate(
    manifests: &mut [Manifest],
    resolved: &[Resolved],
    settings: &Settings,
) -> Result<Vec<Image>, Failure> {
    let pulls: BTreeMap<String, Option<&str>> = resolved
        .iter()
        .filter_map(|one| Some((canonical(&one.reference)?, one.pull.as_deref())))
        .collect();
    let mut rewritten: Vec<Image> = Vec::new();
    let mut wrong = Vec::new();
    for manifest in manifests {
        for found in images(manifest, &settings.image_paths) {
            let place = format!("{}{}", id(manifest, &settings.namespace), found.pointer);
            let meant = canonical(&found.image);
            let Some(pull) = meant.and_then(|meant| pulls.get(&meant)) else {
                wrong.push(format!(
                    "{}: {place}: the image {} was not found by the release, so nobody brought it",
                    manifest.file(),
                    found.image
                ));
                continue;
            };
            // Without an address it stands as it is written.
            let Some(pull) = pull.filter(|pull| set_image(manifest, &found.pointer, pull)) else {
                continue;
            };
            match rewritten.iter_mut().find(|image| image.reference == found.image) {
                Some(image) => image.places.push(place),
                None => rewritten.push(Image {
                    reference: found.image,
                    pull: pull.to_owned(),
                    places: vec![place],
                }),
            }
        }
    }
    if wrong.is_empty() {
        return Ok(rewritten);
    }
    Err(Failure::invalid(wrong.join("\n")).hint(
        "name it in `more-images` and release again; or let images stand as they are written: `images = \"as-written\"`",
    ))
}
