//! Artifacts, dependencies, plugins, and where each comes from.

use serde_json::{Value, json};
use slipway_model::Digest;
use toml::{Spanned, de::DeValue};

use crate::{
    decode::{At, Context, Decode, Definitions, table},
    manifest::{self, SourceError},
};

table! {
    /// Immutable bytes. The keys beside `format`, `from` and `platforms` are the format plugin's.
    Artifact {
        /// The plugin that knows the format, such as `tarball`.
        required "format" format: String,
        /// `registry:repository:tag`, `registry:repository@sha256:...`, a path, or `{ url = "https://...", sha256 = "..." }`.
        required "from" from: Source,
        /// Which images of an index are brought, such as `linux/amd64`. All of them by default.
        optional "platforms" platforms: Vec<At<String>>,
        rest settings,
    }
}

table! {
    /// A plugin that does not come with Slipway.
    Plugin {
        /// Where it comes from, as an artifact does.
        required "from" from: Source,
        /// The digest that its bytes must have. Without it, the first one found goes into deploy.lock.
        optional "digest" digest: Digest,
        /// What it may use. The operator's policy must allow it as well.
        optional "grants" grants: Grants,
    }
}

table! {
    /// What a plugin may use, by the names that the operator gave.
    Grants {
        /// Endpoints that it may call.
        optional "http" http: Vec<At<String>>,
        /// Hosts on which it may run programs.
        optional "exec" exec: Vec<At<String>>,
        /// Folders that it may read and write.
        optional "files" files: Vec<At<String>>,
        /// Whether it may speak to the Kubernetes cluster that its setting `context` names. false by default.
        optional "cluster" cluster: bool,
    }
}

table! {
    /// A file on a web server.
    Download {
        /// Its `https://` address.
        required "url" url: String,
        /// The SHA-256 of its bytes: 64 hexadecimal digits, with or without `sha256:` before them.
        required "sha256" sha256: String,
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Source {
    Text(manifest::Source),
    Download(Download),
}

#[derive(Debug, Clone)]
pub(crate) struct Dependency(pub(crate) manifest::Dependency);

impl Decode for Source {
    fn decode(value: &Spanned<DeValue<'_>>, cx: &mut Context<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::String(text) => text
                .parse()
                .map_err(|error| refused(&error, value, cx))
                .ok()
                .map(Self::Text),
            DeValue::Table(_) => Download::decode(value, cx).map(Self::Download),
            _ => {
                cx.wrong_type("a path, `registry:repository:tag` or `{ url, sha256 }`", value);
                None
            }
        }
    }

    fn schema(definitions: &mut Definitions) -> Value {
        json!({ "anyOf": [{ "type": "string", "minLength": 1 }, Download::schema(definitions)] })
    }
}

impl Decode for Dependency {
    fn decode(value: &Spanned<DeValue<'_>>, cx: &mut Context<'_>) -> Option<Self> {
        let Some(text) = value.get_ref().as_str() else {
            cx.wrong_type("a path or `registry:repository:tag`", value);
            return None;
        };
        match text.parse() {
            Ok(manifest::Source::Registry {
                registry,
                repository,
                reference,
            }) => Some(Self(manifest::Dependency::Package {
                registry,
                repository,
                reference,
            })),
            Ok(manifest::Source::Path { path }) => Some(Self(manifest::Dependency::Path { path })),
            Ok(manifest::Source::Https { url, .. }) => {
                refused(&SourceError::Shape(url), value, cx);
                None
            }
            Err(error) => {
                refused(&error, value, cx);
                None
            }
        }
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "string", "minLength": 1 })
    }
}

fn refused(error: &SourceError, value: &Spanned<DeValue<'_>>, cx: &mut Context<'_>) {
    let span = value.span().into();
    if let SourceError::UnverifiedUrl(url) = error {
        cx.error(
            "unverified-url",
            span,
            error.to_string(),
            "anything could be behind it",
        );
        cx.help(format!("write `{{ url = \"{url}\", sha256 = \"...\" }}`"));
    } else {
        cx.error("invalid-source", span, error.to_string(), "not a source");
    }
}
