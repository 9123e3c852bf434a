//! Other names, tags or digests for images, wherever containers are.

use regex_lite::Regex;

use super::{
    field_spec::{FieldSpec, Make},
    wrong,
};
use crate::{
    kustomization::{Image, Kustomization},
    model::Set,
    problem::{Outcome, Problem},
    yaml::{Body, Node},
};

pub(crate) fn set(set: &mut Set, image: &Image, specs: &[FieldSpec], from: &Kustomization) -> Outcome<()> {
    let pattern = format!(
        "^{}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$",
        image.name
    );
    let pattern = Regex::new(&pattern).map_err(|error| {
        Problem::new(
            &from.file,
            format!("`{}` is no regular expression: {error}", image.name),
        )
        .at(image.place)
        .key(&image.key)
        .hint("the name of an image, without its tag")
    })?;
    let update = |node: &mut Node| {
        if node.as_scalar().is_none() {
            return Err(format!("an image is a text, not {}", node.kind()));
        }
        if pattern.is_match(node.raw()) {
            let updated = updated(node.raw(), image);
            node.set_bare(updated);
        }
        Ok(())
    };
    for resource in set.list_mut() {
        // Definitions have `containers` that are none.
        if resource.kind() == "CustomResourceDefinition" {
            continue;
        }
        let mut changed = everywhere(&mut resource.root, &update);
        for spec in specs {
            if changed.is_ok() && spec.applies_to(resource) {
                changed = spec.visit(&mut resource.root, Make::Nothing, &mut |node| update(node));
            }
        }
        changed.map_err(|why| wrong(from, resource, why))?;
    }
    Ok(())
}

/// In every list that is called `containers` or `initContainers`.
fn everywhere(node: &mut Node, update: &impl Fn(&mut Node) -> Result<(), String>) -> Result<(), String> {
    match &mut node.body {
        Body::Scalar(_) => Ok(()),
        Body::List(items) => items.iter_mut().try_for_each(|item| everywhere(item, update)),
        Body::Map(map) => map.entries.iter_mut().try_for_each(|entry| {
            everywhere(&mut entry.value, update)?;
            if !matches!(entry.key.as_str(), "containers" | "initContainers") {
                return Ok(());
            }
            let Body::List(containers) = &mut entry.value.body else {
                return Ok(());
            };
            containers.iter_mut().try_for_each(|container| {
                if container.as_map().is_none() && !container.is_null() {
                    return Err(format!("a container is a map, not {}", container.kind()));
                }
                container.get_mut("image").map_or(Ok(()), update)
            })
        }),
    }
}

fn updated(old: &str, image: &Image) -> String {
    let (name, tag, digest) = split(old);
    let name = if image.new_name.is_empty() {
        name
    } else {
        &image.new_name
    };
    let (tag, digest) = match (image.new_tag.as_str(), image.digest.as_str()) {
        ("", "") if image.tag_suffix.is_empty() => (tag.to_owned(), digest),
        ("", "") => (format!("{tag}{}", image.tag_suffix), ""),
        (tag, digest) => (tag.to_owned(), digest),
    };
    let mut text = name.to_owned();
    if !tag.is_empty() {
        text = format!("{text}:{tag}");
    }
    if !digest.is_empty() {
        text = format!("{text}@{digest}");
    }
    text
}

/// Name, tag and digest. A colon before the first slash is the port of a host.
pub(crate) fn split(image: &str) -> (&str, &str, &str) {
    let from = image.find('/').filter(|at| *at > 0).unwrap_or(0);
    let at = image[from..].find('@').map(|at| at + from);
    let colon = image[from..].find(':').map(|colon| colon + from);
    match (colon, at) {
        (None, None) => (image, "", ""),
        (Some(colon), Some(at)) if colon < at => (&image[..colon], &image[colon + 1..at], &image[at + 1..]),
        (_, Some(at)) => (&image[..at], "", &image[at + 1..]),
        (Some(colon), None) => (&image[..colon], &image[colon + 1..], ""),
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn images() {
        assert_eq!(split("nginx"), ("nginx", "", ""));
        assert_eq!(
            split("host:5000/a/b:1@sha256:0"),
            ("host:5000/a/b", "1", "sha256:0")
        );
        assert_eq!(split("a@sha256:0"), ("a", "", "sha256:0"));
        assert_eq!(split("a/b:1"), ("a/b", "1", ""));
    }
}
