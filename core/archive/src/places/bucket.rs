//! A bucket of S3 or of whatever speaks it: the objects have the names that the files of a folder have, so that a copy of
//! them is an archive again. The index is replaced only if it is still the one that was read (`If-Match`).

use std::io::Read;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use object_store::{
    ClientOptions, Error as Cause, ObjectStore, ObjectStoreExt as _, PutMode, PutPayload, RetryConfig,
    UpdateVersion, WriteMultipart,
    aws::{AmazonS3, AmazonS3Builder, Checksum},
    path::Path,
};
use slipway_model::{Digest, Hasher};
use tokio::runtime::Handle;
use tokio_util::io::{StreamReader, SyncIoBridge};

use super::{Listing, Store, Writer, pump::verified};
use crate::{Error, Result, archive::DOCUMENT_LIMIT, format};

/// Of what is sent at a time; what is not larger is sent at once.
const PART: usize = 8 << 20;
const PARTS_AT_A_TIME: usize = 4;
/// How many objects are asked for at a time.
const WIDTH: usize = 8;

/// How a bucket is reached.
#[derive(Clone)]
pub struct BucketAccess {
    /// Where it is, unless it is Amazon's.
    pub endpoint: Option<String>,
    pub region: String,
    pub access_key: String,
    pub secret_key: String,
    /// Of credentials that are good for a while.
    pub token: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Bucket {
    store: AmazonS3,
    name: String,
    prefix: Path,
    runtime: Handle,
}

impl Bucket {
    pub(crate) fn new(name: &str, prefix: &str, access: BucketAccess, runtime: Handle) -> Result<Self> {
        let plain = access
            .endpoint
            .as_deref()
            .is_some_and(|endpoint| endpoint.starts_with("http://"));
        // Fails only where the program has chosen a provider already, which is as good.
        rustls::crypto::ring::default_provider().install_default().ok();
        let retry = RetryConfig {
            max_retries: 4,
            retry_timeout: std::time::Duration::from_secs(60),
            ..RetryConfig::default()
        };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(name)
            .with_region(access.region)
            .with_access_key_id(access.access_key)
            .with_secret_access_key(access.secret_key)
            .with_checksum_algorithm(Checksum::SHA256)
            .with_client_options(ClientOptions::new().with_allow_http(plain))
            .with_retry(retry);
        if let Some(token) = access.token {
            builder = builder.with_token(token);
        }
        if let Some(endpoint) = access.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        let place = format!("s3://{name}/{prefix}");
        let store = builder.build().map_err(failed("reach", &place))?;
        Ok(Self {
            store,
            name: name.to_owned(),
            prefix: Path::parse(prefix).map_err(|error| Error::BadPlace {
                place,
                reason: error.to_string(),
            })?,
            runtime,
        })
    }

    fn path(&self, file: &str) -> Path {
        file.split('/')
            .fold(self.prefix.clone(), |path, part| path.join(part))
    }

    fn blob_path(&self, digest: Digest) -> Path {
        self.path(&format!("blobs/sha256/{}", digest.hex()))
    }

    /// A document and its version; none where there is none.
    fn get(&self, file: &str) -> Result<Option<(Bytes, UpdateVersion)>> {
        let failed = || failed("read", self.place(file));
        let read = async {
            let found = match self.store.get(&self.path(file)).await {
                Err(Cause::NotFound { .. }) => return Ok(None),
                found => found.map_err(failed())?,
            };
            if found.meta.size > DOCUMENT_LIMIT {
                return Err(Error::Damaged {
                    place: self.place(file),
                    reason: format!("{} bytes are too many for a document", found.meta.size),
                });
            }
            let version = UpdateVersion {
                e_tag: found.meta.e_tag.clone(),
                version: found.meta.version.clone(),
            };
            Ok(Some((found.bytes().await.map_err(failed())?, version)))
        };
        self.runtime.block_on(read)
    }

    fn get_index(&self) -> Result<Option<(Bytes, UpdateVersion)>> {
        let Some(index) = self.get("index.json")? else {
            return Ok(None);
        };
        match self.get("oci-layout")? {
            Some((layout, _)) if layout == format::LAYOUT => Ok(Some(index)),
            _ => Err(Error::NotAnArchive {
                place: self.place("oci-layout"),
                reason: "it is missing or not the one that archives have".to_owned(),
            }),
        }
    }
}

impl Store for Bucket {
    fn place(&self, file: &str) -> String {
        let path = match file {
            "" => self.prefix.clone(),
            file => self.path(file),
        };
        format!("s3://{}/{path}", self.name)
    }

    fn index(&self) -> Result<Vec<u8>> {
        match self.get_index()? {
            Some((index, _)) => Ok(index.into()),
            None => Err(Error::NoArchive(self.place(""))),
        }
    }

    fn open(&self, digest: Digest, _: u64) -> Result<Box<dyn Read + Send + '_>> {
        match self.runtime.block_on(self.store.get(&self.blob_path(digest))) {
            Err(Cause::NotFound { .. }) => Err(Error::Missing {
                place: self.blob(digest),
            }),
            found => {
                let stream = found.map_err(failed("read", self.blob(digest)))?.into_stream();
                let reader = StreamReader::new(stream.map_err(std::io::Error::from));
                Ok(Box::new(SyncIoBridge::new_with_handle(
                    reader,
                    self.runtime.clone(),
                )))
            }
        }
    }

    fn list(&self) -> Result<Option<Listing>> {
        let folder = self.path("blobs/sha256");
        let objects = self.store.list(Some(&folder)).try_collect::<Vec<_>>();
        let objects = self.runtime.block_on(objects);
        let mut listing = Listing::default();
        for object in objects.map_err(failed("list", self.place("blobs/sha256")))? {
            let name = object.location.filename().unwrap_or_default();
            match format!("sha256:{name}").parse() {
                Ok(digest) => listing.blobs.push((digest, object.size)),
                Err(_) => listing.others.push(name.to_owned()),
            }
        }
        listing.blobs.sort_unstable();
        listing.others.sort_unstable();
        Ok(Some(listing))
    }

    fn width(&self) -> usize {
        WIDTH
    }

    fn begin(&self) -> Result<Box<dyn Writer + '_>> {
        Ok(Box::new(Writing {
            bucket: self,
            before: self.get_index()?,
        }))
    }
}

struct Writing<'a> {
    bucket: &'a Bucket,
    before: Option<(Bytes, UpdateVersion)>,
}

impl Writer for Writing<'_> {
    fn index(&self) -> Option<&[u8]> {
        self.before.as_ref().map(|(index, _)| &index[..])
    }

    fn has(&self, digest: Digest, size: u64) -> Result<bool> {
        let Bucket { store, runtime, .. } = self.bucket;
        match runtime.block_on(store.head(&self.bucket.blob_path(digest))) {
            Err(Cause::NotFound { .. }) => Ok(false),
            // One of another size is written anew.
            found => Ok(found.map_err(failed("look for", self.bucket.blob(digest)))?.size == size),
        }
    }

    fn add(&self, digest: Digest, size: u64, from: &mut dyn Read) -> Result<()> {
        if size > PART as u64 {
            return self.add_parts(digest, size, from);
        }
        let mut bytes = Vec::new();
        verified(from, digest, size, &mut bytes, || format!("blob {digest}"))?;
        self.put(digest, bytes.into())
    }

    fn add_manifest(&self, digest: Digest, bytes: &[u8]) -> Result<()> {
        self.put(digest, Bytes::copy_from_slice(bytes).into())
    }

    fn commit(self: Box<Self>, index: &[u8]) -> Result<()> {
        let bucket = self.bucket;
        let put = async |file: &str, bytes: Bytes, mode: PutMode| {
            let raced = || Error::Raced(bucket.place(file));
            let path = bucket.path(file);
            match bucket.store.put_opts(&path, bytes.into(), mode.into()).await {
                Ok(_) => Ok(()),
                Err(Cause::AlreadyExists { .. } | Cause::Precondition { .. }) => Err(raced()),
                Err(error) => Err(failed("write", bucket.place(file))(error)),
            }
        };
        let index = Bytes::copy_from_slice(index);
        bucket.runtime.block_on(async {
            match self.before {
                Some((_, version)) => put("index.json", index, PutMode::Update(version)).await,
                None => {
                    put("oci-layout", format::LAYOUT.into(), PutMode::Overwrite).await?;
                    put("index.json", index, PutMode::Create).await
                }
            }
        })
    }
}

impl Writing<'_> {
    fn put(&self, digest: Digest, bytes: PutPayload) -> Result<()> {
        let Bucket { store, runtime, .. } = self.bucket;
        let put = runtime.block_on(store.put(&self.bucket.blob_path(digest), bytes));
        put.map(drop).map_err(failed("write", self.bucket.blob(digest)))
    }

    /// The object is there only once all of it was seen to be right.
    fn add_parts(&self, digest: Digest, size: u64, from: &mut dyn Read) -> Result<()> {
        let Bucket { store, runtime, .. } = self.bucket;
        let failed = || failed("write", self.bucket.blob(digest));
        let upload = runtime.block_on(store.put_multipart(&self.bucket.blob_path(digest)));
        let mut upload = WriteMultipart::new_with_chunk_size(upload.map_err(failed())?, PART);
        let mut from = from.take(size + 1);
        let mut hasher = Hasher::default();
        let mut length = 0;
        let sent = loop {
            let mut part = Vec::with_capacity(PART);
            let read = from.by_ref().take(PART as u64).read_to_end(&mut part);
            if let Err(error) = read {
                break Err(Error::io("read", format!("blob {digest}"))(error));
            }
            if part.is_empty() {
                break match (length == size, hasher.finish() == digest) {
                    (true, true) => Ok(()),
                    _ => Err(Error::Damaged {
                        place: format!("blob {digest}"),
                        reason: "its bytes are not the ones that it is named by".to_owned(),
                    }),
                };
            }
            hasher.update(&part);
            length += part.len() as u64;
            let capacity = runtime.block_on(upload.wait_for_capacity(PARTS_AT_A_TIME));
            if let Err(error) = capacity {
                break Err(failed()(error));
            }
            // Parts are sent by tasks.
            let _entered = runtime.enter();
            upload.put(part.into());
        };
        match sent {
            Ok(()) => runtime.block_on(upload.finish()).map(drop).map_err(failed()),
            Err(error) => {
                // What cannot even be taken back is told by nobody: the first error is.
                runtime.block_on(upload.abort()).ok();
                Err(error)
            }
        }
    }
}

fn failed(operation: &'static str, place: impl ToString) -> impl FnOnce(Cause) -> Error {
    let place = place.to_string();
    move |cause| Error::Elsewhere {
        operation,
        place,
        reason: cause.to_string(),
    }
}
