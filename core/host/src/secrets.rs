//! Secrets on their way: `${secret.NAME}` becomes the value when bytes leave for a granted endpoint, and a value that
//! comes back becomes `${secret.NAME}` before a plugin or a record sees it.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use slipway_plugin::{Call, Endpoint, Failure, FailureKind, Secret};

const OPEN: &[u8] = b"${secret.";

/// A shorter value occurs by chance: to mask it would garble answers and hide nothing that cannot be guessed.
const SHORTEST: usize = 4;

/// What is to be masked, longest first.
#[derive(Default)]
pub(crate) struct Secrets(Vec<(Vec<u8>, String)>);

impl Secrets {
    pub(crate) fn of(call: &Call) -> Self {
        let secrets = call.secrets.iter();
        let secrets = secrets.map(|(name, secret)| (secret.reveal(), format!("${{secret.{name}}}")));
        Self::masking(secrets, call.endpoints.values())
    }

    pub(crate) fn of_endpoint(endpoint: &Endpoint) -> Self {
        Self::masking([].into_iter(), [endpoint].into_iter())
    }

    fn masking<'a>(
        secrets: impl Iterator<Item = (&'a str, String)>,
        endpoints: impl Iterator<Item = &'a Endpoint>,
    ) -> Self {
        let mut masks = Vec::new();
        let mut mask = |value: &str, token: &str| {
            if value.len() < SHORTEST {
                return;
            }
            // As it is, in a document, in a document that is quoted in another, and as documents hold bytes.
            let once = inside_json(value);
            let twice = inside_json(&once);
            for form in [value.to_owned(), once, twice, BASE64_STANDARD.encode(value)] {
                masks.push((form.into_bytes(), token.to_owned()));
            }
        };
        for (value, token) in secrets {
            mask(value, &token);
        }
        for endpoint in endpoints {
            for (_, value) in &endpoint.headers {
                // `Bearer abc` echoed as `abc` is the secret still.
                mask(value.reveal(), "***");
                value
                    .reveal()
                    .split_whitespace()
                    .skip(1)
                    .for_each(|part| mask(part, "***"));
            }
        }
        masks.sort_by(|(one, _), (other, _)| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        masks.dedup();
        Self(masks)
    }

    pub(crate) fn only(secret: &Secret) -> Self {
        Self(vec![(secret.reveal().as_bytes().to_vec(), "***".to_owned())])
    }

    /// Up to where no value begins that is cut off at the end.
    pub(crate) fn whole(&self, bytes: &[u8]) -> usize {
        let longest = self.0.first().map_or(0, |(value, _)| value.len());
        let begins = |at: &usize| {
            self.0
                .iter()
                .any(|(value, _)| value.len() > bytes.len() - at && value.starts_with(&bytes[*at..]))
        };
        (bytes.len().saturating_sub(longest)..bytes.len())
            .find(begins)
            .unwrap_or(bytes.len())
    }

    pub(crate) fn mask(&self, bytes: &[u8]) -> Vec<u8> {
        if self.0.is_empty() {
            return bytes.to_vec();
        }
        let mut masked = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        while let Some(first) = rest.first() {
            match self.0.iter().find(|(value, _)| rest.starts_with(value)) {
                Some((value, token)) => {
                    masked.extend_from_slice(token.as_bytes());
                    rest = &rest[value.len()..];
                }
                None => {
                    masked.push(*first);
                    rest = &rest[1..];
                }
            }
        }
        masked
    }
}

/// Puts the values in. Inside JSON a value is written as JSON text is.
pub(crate) fn reveal<'a>(
    bytes: &[u8],
    json: bool,
    secret: impl Fn(&str) -> Option<&'a Secret>,
) -> Result<Vec<u8>, Failure> {
    let mut revealed = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = find(rest, OPEN) {
        revealed.extend_from_slice(&rest[..at]);
        let after = &rest[at + OPEN.len()..];
        let end = after
            .iter()
            .take(100)
            .position(|byte| *byte == b'}')
            .ok_or_else(|| Failure::new(FailureKind::Invalid, "a `${secret.` in the request has no `}`"))?;
        let name = String::from_utf8_lossy(&after[..end]);
        let value = secret(&name).ok_or_else(|| {
            Failure::new(FailureKind::Invalid, format!("there is no secret `{name}`")).hint(
                "declare a parameter of type secret, and give its source in the operator's configuration",
            )
        })?;
        let value = value.reveal();
        revealed.extend_from_slice(
            if json {
                inside_json(value)
            } else {
                value.to_owned()
            }
            .as_bytes(),
        );
        rest = &after[end + 1..];
    }
    revealed.extend_from_slice(rest);
    Ok(revealed)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// As it stands between the quotes of a JSON string.
fn inside_json(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn secrets() -> BTreeMap<String, Secret> {
        let secret = |(name, value): (&str, &str)| (name.to_owned(), Secret::new(value));
        [
            ("db", "s3cr3t"),
            ("quoted", "a\"b\\c\nd"),
            ("longer", "s3cr3t-and-more"),
            ("pin", "123"),
        ]
        .map(secret)
        .into()
    }

    #[track_caller]
    fn check(text: &str, json: bool, expected: Result<&str, &str>) {
        let secrets = secrets();
        let revealed = reveal(text.as_bytes(), json, |name| secrets.get(name));
        let revealed = revealed
            .map(|bytes| String::from_utf8(bytes).unwrap())
            .map_err(|failure| failure.message);
        assert_eq!(revealed, expected.map(str::to_owned).map_err(str::to_owned));
    }

    #[test]
    fn values_are_put_in_as_the_document_writes_them() {
        check("a ${secret.db} b${secret.db}", false, Ok("a s3cr3t bs3cr3t"));
        check(r#"{"p":"${secret.quoted}"}"#, true, Ok(r#"{"p":"a\"b\\c\nd"}"#));
        check("${port.http} ${secret}", false, Ok("${port.http} ${secret}"));
        check("${secret.none}", false, Err("there is no secret `none`"));
        check(
            "${secret.db",
            false,
            Err("a `${secret.` in the request has no `}`"),
        );
        check(
            "${secret.${secret.db}}",
            false,
            Err("there is no secret `${secret.db`"),
        );
    }

    #[test]
    fn what_comes_back_is_masked() {
        let masks = |call: &[(&str, &str)]| {
            let mut masks: Vec<_> = call
                .iter()
                .map(|(value, token)| (value.as_bytes().to_vec(), (*token).to_owned()))
                .collect();
            masks.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
            Secrets(masks)
        };
        let secrets = masks(&[
            ("s3cr3t", "${secret.db}"),
            ("s3cr3t-and-more", "${secret.longer}"),
        ]);
        for (text, expected) in [
            ("no", "no"),
            ("xs3cr3ts3cr3t-and-morey", "x${secret.db}${secret.longer}y"),
            ("s3cr3", "s3cr3"),
        ] {
            assert_eq!(secrets.mask(text.as_bytes()), expected.as_bytes());
        }
        assert_eq!(secrets.mask(b"\xffs3cr3t"), b"\xff${secret.db}");
        // Cut off in the middle of a value, the longer one too.
        for (text, whole) in [
            ("no", 2),
            ("xs3c", 1),
            ("xs3cr3t-an", 1),
            ("xs3cr3t\n", 8),
            ("", 0),
        ] {
            assert_eq!(secrets.whole(text.as_bytes()), whole, "{text}");
        }
    }
}
