//! The registry's API: manifests, tags and the reading of blobs. Their writing is in [`super::upload`].

use bytes::Bytes;
use reqwest::{
    Response, StatusCode,
    header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, LINK},
};
use slipway_model::Digest;
use url::Url;

use super::{Access, Client, Download, client::header};
use crate::{
    descriptor::Descriptor,
    error::{Cause, Result},
    manifest::{MANIFEST_LIMIT, MEDIA_TYPES, StoredManifest},
    reference::{RepositoryName, Tag},
    stream::BlobStream,
};

const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");
const SUBJECT: HeaderName = HeaderName::from_static("oci-subject");
const TAG_LIMIT: usize = 10_000;

#[derive(Debug, Clone)]
pub(crate) struct Distribution {
    pub(super) client: Client,
    host: String,
    origin: Url,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Right {
    Pull,
    Push,
}

impl Distribution {
    /// The host is from a parsed [`crate::RegistryUrl`].
    pub(crate) fn new(client: Client, host: &str, plain: bool) -> Self {
        let scheme = if plain { "http" } else { "https" };
        let origin =
            Url::parse(&format!("{scheme}://{host}")).expect("the host was checked when its URL was parsed");
        Self {
            client,
            host: host.to_owned(),
            origin,
        }
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) async fn resolve(
        &self,
        name: &RepositoryName,
        tag: &Tag,
    ) -> Result<Option<Descriptor>, Cause> {
        let url = self.url(name, &format!("manifests/{tag}"));
        let access = self.access(name, Right::Pull);
        let accept = MEDIA_TYPES.join(", ");
        let response = self
            .client
            .send(&access, &[404], |http| {
                http.head(url.clone()).header(ACCEPT, &accept)
            })
            .await;
        // Neither does the answer to HEAD say why, nor does every server know HEAD: GET tells.
        let response = match response {
            Err(
                Cause::Forbidden { .. }
                | Cause::Status {
                    status: 400..=499, ..
                },
            ) => None,
            response => Some(response?),
        };
        let Some(response) = response else {
            let (bytes, stated) = self.get_manifest(name, tag.as_str()).await?;
            return Ok(Some(StoredManifest::new(bytes, stated.as_deref())?.descriptor));
        };
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let digest = header(&response, CONTENT_DIGEST).and_then(|digest| digest.parse().ok());
        let size = header(&response, CONTENT_LENGTH).and_then(|length| length.parse().ok());
        if let (Some(digest), Some(size), Some(media_type)) = (digest, size, media_type(&response)) {
            return Ok(Some(Descriptor::new(media_type, digest, size)));
        }
        // Not every server says it all without the body.
        let (bytes, stated) = self.get_manifest(name, tag.as_str()).await?;
        Ok(Some(StoredManifest::new(bytes, stated.as_deref())?.descriptor))
    }

    /// The bytes, not verified, and the media type that came with them.
    pub(crate) async fn manifest(
        &self,
        name: &RepositoryName,
        digest: &Digest,
    ) -> Result<(Bytes, Option<String>), Cause> {
        self.get_manifest(name, &digest.to_string()).await
    }

    pub(crate) async fn put_manifest(
        &self,
        name: &RepositoryName,
        tag: Option<&Tag>,
        manifest: &StoredManifest,
    ) -> Result<(), Cause> {
        let digest = manifest.descriptor.digest;
        let version = tag.map_or_else(|| digest.to_string(), Tag::to_string);
        let url = self.url(name, &format!("manifests/{version}"));
        let request = |http: &reqwest::Client| {
            http.put(url.clone())
                .header(CONTENT_TYPE, &manifest.descriptor.media_type)
                .body(manifest.bytes.clone())
        };
        let response = self
            .client
            .send(&self.access(name, Right::Push), &[], request)
            .await?;
        match header(&response, CONTENT_DIGEST).and_then(|found| found.parse().ok()) {
            Some(found) if found != digest => {
                return Err(Cause::Digest {
                    expected: digest,
                    found,
                });
            }
            _ => {}
        }
        match manifest.subject()? {
            // A registry that says nothing of the subject does not remember it.
            Some(subject) if !response.headers().contains_key(SUBJECT) => {
                self.remember_referrer(name, &subject, manifest).await
            }
            _ => Ok(()),
        }
    }

    pub(crate) async fn tags(&self, name: &RepositoryName) -> Result<Vec<Tag>, Cause> {
        #[derive(serde::Deserialize)]
        struct Page {
            tags: Option<Vec<String>>,
        }
        let access = self.access(name, Right::Pull);
        let mut url = self.url(name, "tags/list?n=1000");
        let mut tags = Vec::new();
        loop {
            let response = self
                .client
                .send(&access, &[404], |http| http.get(url.clone()))
                .await?;
            if response.status() == StatusCode::NOT_FOUND {
                return Ok(tags);
            }
            let next = header(&response, LINK).and_then(|link| self.next_page(link));
            let body = self.client.body(response, MANIFEST_LIMIT).await?;
            let page: Page = serde_json::from_slice(&body)
                .map_err(|error| Cause::Malformed(format!("not a list of tags: {error}")))?;
            tags.extend(
                page.tags
                    .unwrap_or_default()
                    .iter()
                    .filter_map(|tag| tag.parse().ok()),
            );
            match next {
                Some(next) if next != url && tags.len() < TAG_LIMIT => url = next,
                _ => return Ok(tags),
            }
        }
    }

    pub(crate) async fn has_blob(&self, name: &RepositoryName, blob: &Descriptor) -> Result<bool, Cause> {
        let url = self.blob_url(name, blob);
        let response = self
            .client
            .send(&self.access(name, Right::Pull), &[404], |http| {
                http.head(url.clone())
            })
            .await?;
        Ok(response.status() != StatusCode::NOT_FOUND)
    }

    pub(crate) fn open_blob(
        &self,
        name: &RepositoryName,
        blob: &Descriptor,
        offset: u64,
        place: String,
    ) -> BlobStream {
        let download = Download {
            client: self.client.clone(),
            access: self.access(name, Right::Pull),
            url: self.blob_url(name, blob),
            size: Some(blob.size),
            offset,
        };
        download.stream(format!("read blob {} from", blob.digest), place)
    }

    pub(super) fn access(&self, name: &RepositoryName, right: Right) -> Access {
        let scope = match right {
            Right::Pull => format!("repository:{name}:pull"),
            Right::Push => format!("repository:{name}:pull,push"),
        };
        Access {
            host: self.host.clone(),
            origin: self.origin.clone(),
            scopes: vec![scope],
        }
    }

    /// Names, tags and digests hold no letter that means something in a URL.
    pub(super) fn url(&self, name: &RepositoryName, rest: &str) -> Url {
        self.origin
            .join(&format!("/v2/{name}/{rest}"))
            .expect("a path after a checked origin is a URL")
    }

    fn blob_url(&self, name: &RepositoryName, blob: &Descriptor) -> Url {
        self.url(name, &format!("blobs/{}", blob.digest))
    }

    pub(super) async fn get_manifest(
        &self,
        name: &RepositoryName,
        version: &str,
    ) -> Result<(Bytes, Option<String>), Cause> {
        let url = self.url(name, &format!("manifests/{version}"));
        let access = self.access(name, Right::Pull);
        let accept = MEDIA_TYPES.join(", ");
        let attempt = async || {
            let response = self
                .client
                .ask(&access, |http| http.get(url.clone()).header(ACCEPT, &accept))
                .await?;
            let response = self.client.check(&access, &[], response).await?;
            let stated = media_type(&response);
            Ok((self.client.body(response, MANIFEST_LIMIT).await?, stated))
        };
        self.client.patience().retry(attempt).await
    }

    pub(super) fn next_page(&self, link: &str) -> Option<Url> {
        let (url, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let next = self.origin.join(url).ok()?;
        (parameters.contains("next") && next.origin() == self.origin.origin()).then_some(next)
    }
}

fn media_type(response: &Response) -> Option<String> {
    Some(
        header(response, CONTENT_TYPE)?
            .split(';')
            .next()?
            .trim()
            .to_owned(),
    )
}
