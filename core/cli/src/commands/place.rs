//! What a person named: a file, or a place in a registry.

use std::path::{Path, PathBuf};

use slipway_model::Digest;
use slipway_registry::{Client, Location, ReferenceError, Registry, Repository, Tag};

use crate::error::CommandError;

#[expect(clippy::large_enum_variant, reason = "a command has two of them")]
pub(super) enum Place {
    File(PathBuf),
    Registry(Repository, Option<Tag>, Option<Digest>),
}

impl Place {
    /// `tag` is for a place that names no version itself.
    pub(super) fn parse(text: &str, tag: Option<&Tag>, client: &Client) -> Result<Self, CommandError> {
        let named = text.contains("://") || text.contains('#');
        if !named && (text.starts_with(['/', '.']) || Path::new(text).is_file()) {
            return Ok(Self::File(text.into()));
        }
        let location = match (text.parse::<Location>(), tag) {
            (Err(ReferenceError::NoVersion(_)), Some(tag)) => {
                format!("{text}:{}", tag.as_str()).parse::<Location>()
            }
            (location, _) => location,
        };
        let location = location.map_err(|error| {
            let wrong = CommandError::usage(error.to_string());
            match error {
                ReferenceError::Location(_) => {
                    wrong.hint("a file that is to be written begins with `./` or `/`")
                }
                _ => wrong,
            }
        })?;
        let repository =
            Registry::open(&location.registry, client).repository(&location.reference.repository);
        Ok(Self::Registry(
            repository,
            location.reference.tag,
            location.reference.digest,
        ))
    }

    pub(super) fn tag(&self) -> Option<&Tag> {
        match self {
            Self::Registry(_, tag, _) => tag.as_ref(),
            Self::File(_) => None,
        }
    }
}

pub(super) async fn digest_of(
    from: &Repository,
    tag: Option<Tag>,
    digest: Option<Digest>,
) -> Result<Digest, CommandError> {
    let reference = slipway_registry::Reference {
        repository: from.name().clone(),
        tag,
        digest,
    };
    Ok(from.lookup(&reference).await?)
}

/// What is in a registry now under a reference.
pub(super) async fn meant(reference: &str, client: &Client) -> Result<(Repository, Digest), CommandError> {
    let Place::Registry(repository, tag, digest) = Place::parse(reference, None, client)? else {
        return Err(CommandError::usage(format!(
            "`{reference}` is a file: `slipway artifact copy` puts it into a registry"
        )));
    };
    let digest = digest_of(&repository, tag, digest).await?;
    Ok((repository, digest))
}
