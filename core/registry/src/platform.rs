//! One image of an index: the one for an operating system and an architecture, as a machine would choose it.

use std::{cmp::Reverse, collections::BTreeSet, fmt, str::FromStr};

use slipway_model::Digest;

use crate::{
    descriptor::{Descriptor, Platform, media},
    error::{Cause, Error, Result},
    manifest::{MANIFEST_LIMIT, ManifestKind},
    reference::{ReferenceError, shown},
    repository::Repository,
};

/// The manifest for this platform: the child of an index, or the image itself, if it is for it. An older variant serves
/// where the one asked for is not there, because newer processors run it; among equals the first is meant.
pub async fn platform(repository: &Repository, digest: &Digest, wanted: &Platform) -> Result<Descriptor> {
    let stored = repository.manifest(digest).await?;
    let manifest = stored.parse()?;
    let offered = match (manifest.kind, &manifest.config) {
        (ManifestKind::Index, _) => manifest.manifests,
        (ManifestKind::Image, Some(config)) if is_image(config) => {
            let mut image = stored.descriptor;
            image.platform = Some(of_config(repository, config).await?);
            vec![image]
        }
        (ManifestKind::Image, _) => {
            return Err(Error::new(
                "choose a platform of",
                format_args!("{repository}@{digest}"),
                Cause::Unsupported("it is an artifact, which is for no platform".to_owned()),
            ));
        }
    };
    let best = offered
        .iter()
        .filter_map(|child| Some((rank(wanted, child.platform.as_ref()?)?, child)))
        .min_by_key(|(rank, _)| *rank);
    if let Some((_, child)) = best {
        return Ok(child.clone());
    }
    let there: BTreeSet<_> = offered
        .iter()
        .filter_map(|child| child.platform.as_ref())
        // Attestations stand beside images, with a platform that is none.
        .filter(|platform| platform.os != "unknown")
        .map(|platform| shown(&platform.to_string()))
        .collect();
    let there = if there.is_empty() {
        "names no platform".to_owned()
    } else {
        let names: Vec<_> = there.into_iter().take(32).collect();
        format!("has {}", names.join(", "))
    };
    let detail = format!(": nothing for {wanted}; it {there}");
    Err(Error::new(
        "choose a platform of",
        format_args!("{repository}@{digest}"),
        Cause::NotFound { detail },
    ))
}

impl FromStr for Platform {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || ReferenceError::Platform(shown(text));
        let word = |word: &&str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        };
        let words: Vec<_> = text.split('/').collect();
        let (os, architecture, variant) = match words.as_slice() {
            [os, architecture] => (os, architecture, None),
            [os, architecture, variant] => (os, architecture, Some(variant)),
            _ => return Err(bad()),
        };
        if !words.iter().all(word) {
            return Err(bad());
        }
        Ok(Self {
            architecture: (*architecture).to_owned(),
            os: (*os).to_owned(),
            variant: variant.map(|variant| (*variant).to_owned()),
        })
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        match &self.variant {
            Some(variant) if !variant.is_empty() => write!(f, "/{variant}"),
            _ => Ok(()),
        }
    }
}

/// How well an offer serves, the least being the best; none if it does not.
fn rank(wanted: &Platform, offered: &Platform) -> Option<(bool, Reverse<u32>)> {
    let (wanted_name, wanted_variant) = normal(wanted);
    let (name, variant) = normal(offered);
    if wanted.os != offered.os || wanted_name != name {
        return None;
    }
    if variant == wanted_variant {
        return Some((false, Reverse(0)));
    }
    let version = |variant: &str| variant.strip_prefix('v')?.parse::<u32>().ok();
    match (version(wanted_variant), version(variant)) {
        (Some(wanted), Some(offered)) if offered < wanted => Some((true, Reverse(offered))),
        _ => None,
    }
}

/// Architecture and variant by one name each, where several are usual.
fn normal(platform: &Platform) -> (&str, &str) {
    let name = match platform.architecture.as_str() {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "armhf" => "arm",
        name => name,
    };
    let variant = match (name, platform.variant.as_deref().unwrap_or_default()) {
        ("amd64", "") => "v1",
        ("arm64", "" | "8") => "v8",
        ("arm", "") => "v7",
        (_, variant) => variant,
    };
    (name, variant)
}

fn is_image(config: &Descriptor) -> bool {
    [
        media::IMAGE_CONFIG,
        "application/vnd.docker.container.image.v1+json",
    ]
    .contains(&config.media_type.as_str())
}

async fn of_config(repository: &Repository, config: &Descriptor) -> Result<Platform> {
    let bytes = repository.blob_bytes(config, MANIFEST_LIMIT).await?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let cause = Cause::Malformed(format!("not the config of an image: {error}"));
        Error::new("read", format_args!("{repository}@{}", config.digest), cause)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_variants_serve() {
        let choose = |wanted: &str, offered: &[&str]| {
            let wanted: Platform = wanted.parse().unwrap();
            let best = offered
                .iter()
                .filter_map(|text| Some((rank(&wanted, &text.parse().unwrap())?, *text)))
                .min_by_key(|(rank, _)| *rank);
            best.map(|(_, text)| text.to_owned())
        };
        for (wanted, offered, expected) in [
            (
                "linux/amd64",
                &["linux/arm64", "linux/amd64"][..],
                Some("linux/amd64"),
            ),
            ("linux/arm64", &["linux/arm64/v8"], Some("linux/arm64/v8")),
            ("linux/arm64/v8", &["linux/arm64"], Some("linux/arm64")),
            (
                "linux/arm/v7",
                &["linux/arm/v5", "linux/arm/v6", "linux/arm/v8"],
                Some("linux/arm/v6"),
            ),
            (
                "linux/arm",
                &["linux/arm/v6", "linux/arm/v7"],
                Some("linux/arm/v7"),
            ),
            ("linux/arm/v6", &["linux/arm/v7"], None),
            ("linux/amd64", &["linux/amd64/v3"], None),
            (
                "linux/amd64/v3",
                &["linux/amd64", "linux/amd64/v2"],
                Some("linux/amd64/v2"),
            ),
            ("windows/amd64", &["linux/amd64"], None),
            ("linux/x86_64", &["linux/amd64"], Some("linux/amd64")),
        ] {
            assert_eq!(
                choose(wanted, offered).as_deref(),
                expected,
                "{wanted} of {offered:?}"
            );
        }
    }

    #[test]
    fn written_as_read() {
        for text in ["linux/amd64", "linux/arm/v7"] {
            assert_eq!(text.parse::<Platform>().unwrap().to_string(), text);
        }
        for bad in ["", "linux", "linux/", "/amd64", "linux/arm/v7/x", "linux/a b"] {
            assert!(bad.parse::<Platform>().is_err(), "{bad}");
        }
    }
}
