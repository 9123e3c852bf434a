//! What refers to a manifest, as registries tell it: the referrers API, and for those without it the tag
//! `sha256-<hex>`, under which clients keep the list themselves.
//!
//! Two clients that keep the same list at the same moment may lose one entry: tags know no better.

use bytes::Bytes;
use reqwest::{
    StatusCode,
    header::{ACCEPT, LINK},
};
use serde_json::{Value, json};
use slipway_model::Digest;

use super::distribution::{Distribution, Right};
use crate::{
    descriptor::{Descriptor, media},
    error::{Cause, Result},
    http::client::header,
    manifest::{MANIFEST_LIMIT, Manifest, ManifestKind, StoredManifest},
    reference::RepositoryName,
    referrers::{REFERRERS, fallback_tag, too_many},
};

/// Nobody has more; a registry that gives ever more pages is not read to its end.
const PAGES: usize = 100;

impl Distribution {
    pub(crate) async fn referrers(
        &self,
        name: &RepositoryName,
        subject: &Digest,
    ) -> Result<Vec<Descriptor>, Cause> {
        match self.told(name, subject).await? {
            Some(told) => Ok(told),
            None => Ok(self
                .listed(name, subject)
                .await?
                .map_or_else(Vec::new, |list| list.1)),
        }
    }

    /// Adds one to the list that clients keep.
    pub(super) async fn remember_referrer(
        &self,
        name: &RepositoryName,
        subject: &Digest,
        referrer: &StoredManifest,
    ) -> Result<(), Cause> {
        let (mut list, known) = match self.listed(name, subject).await? {
            Some(listed) => listed,
            None => {
                let list = json!({ "schemaVersion": 2, "mediaType": media::INDEX, "manifests": [] });
                (list, Vec::new())
            }
        };
        let referrer = referrer.as_referrer()?;
        if known.iter().any(|known| known.digest == referrer.digest) {
            return Ok(());
        }
        if known.len() >= REFERRERS {
            return Err(too_many());
        }
        let malformed = |error: serde_json::Error| Cause::Malformed(error.to_string());
        if let Some(manifests) = list["manifests"].as_array_mut() {
            manifests.push(serde_json::to_value(referrer).map_err(malformed)?);
        }
        let bytes = Bytes::from(serde_json::to_vec(&list).map_err(malformed)?);
        let list = StoredManifest::new(bytes, Some(media::INDEX))?;
        // A list has no subject: this ends here.
        Box::pin(self.put_manifest(name, Some(&fallback_tag(subject)), &list)).await
    }

    /// By the API; none where the registry has no such thing.
    async fn told(&self, name: &RepositoryName, subject: &Digest) -> Result<Option<Vec<Descriptor>>, Cause> {
        let access = self.access(name, Right::Pull);
        let mut url = self.url(name, &format!("referrers/{subject}"));
        let mut told = Vec::new();
        for page in 0..PAGES {
            let accepted: &[u16] = if page == 0 { &[404, 405, 501] } else { &[] };
            let response = self
                .client
                .send(&access, accepted, |http| {
                    http.get(url.clone()).header(ACCEPT, media::INDEX)
                })
                .await?;
            if response.status() != StatusCode::OK {
                return Ok(None);
            }
            let next = header(&response, LINK).and_then(|link| self.next_page(link));
            let body = self.client.body(response, MANIFEST_LIMIT).await?;
            told.extend(Manifest::parse(&body, Some(media::INDEX))?.manifests);
            if told.len() > REFERRERS {
                return Err(too_many());
            }
            match next {
                Some(next) if next != url => url = next,
                _ => return Ok(Some(told)),
            }
        }
        Err(too_many())
    }

    /// The list under the tag, as it is and as it is read.
    async fn listed(
        &self,
        name: &RepositoryName,
        subject: &Digest,
    ) -> Result<Option<(Value, Vec<Descriptor>)>, Cause> {
        let tag = fallback_tag(subject);
        let Some(found) = self.resolve(name, &tag).await? else {
            return Ok(None);
        };
        let (bytes, stated) = self.manifest(name, &found.digest).await?;
        let digest = Digest::of(&bytes);
        if digest != found.digest {
            return Err(Cause::Digest {
                expected: found.digest,
                found: digest,
            });
        }
        let list = Manifest::parse(&bytes, stated.as_deref())?;
        if list.kind != ManifestKind::Index {
            return Err(Cause::Unsupported(format!(
                "the tag {tag} should list what refers to the image, and is something else; move it away"
            )));
        }
        if list.manifests.len() > REFERRERS {
            return Err(too_many());
        }
        let raw = serde_json::from_slice(&bytes).map_err(|error| Cause::Malformed(error.to_string()))?;
        Ok(Some((raw, list.manifests)))
    }
}
