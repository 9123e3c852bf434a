//! Secrets on their way out: `${secret.NAME}` becomes the value when bytes leave for a granted endpoint. The way back is a
//! [`slipway_plugin::Mask`].

use slipway_plugin::{Failure, FailureKind, Secret, inside_json};

const OPEN: &[u8] = b"${secret.";

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
}
