//! Secrets on their way back: a value becomes `${secret.NAME}`, or `***`, before a plugin, a record or a person sees it.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use percent_encoding::percent_decode_str;

use crate::{Address, Call, Endpoint, Secret};

/// A shorter value occurs by chance: to mask it would garble answers and hide nothing that cannot be guessed.
const SHORTEST: usize = 4;

/// What stands for a value that has no name.
const NAMELESS: &str = "***";

/// What is to be masked, longest first.
#[derive(Clone, Default)]
pub struct Mask(Vec<(Vec<u8>, String)>);

impl Mask {
    /// Of a call: its secrets, and what lets into its endpoints.
    pub fn of(call: &Call) -> Self {
        let mut mask = Self::default();
        for (name, secret) in &call.secrets {
            mask.named(name, secret);
        }
        call.endpoints
            .values()
            .for_each(|endpoint| mask.endpoint(endpoint));
        mask.sorted()
    }

    pub fn of_endpoint(endpoint: &Endpoint) -> Self {
        let mut mask = Self::default();
        mask.endpoint(endpoint);
        mask.sorted()
    }

    /// Of secrets by their names, and of others.
    pub fn of_secrets<'a>(
        named: impl IntoIterator<Item = (&'a String, &'a Secret)>,
        others: impl IntoIterator<Item = Secret>,
    ) -> Self {
        let mut mask = Self::default();
        for (name, secret) in named {
            mask.named(name, secret);
        }
        for secret in others {
            mask.words(secret.reveal());
        }
        mask.sorted()
    }

    /// One, exactly as it is.
    pub fn only(secret: &Secret) -> Self {
        Self(vec![(secret.reveal().as_bytes().to_vec(), NAMELESS.to_owned())])
    }

    /// How long a value can be.
    pub fn longest(&self) -> usize {
        self.0.first().map_or(0, |(value, _)| value.len())
    }

    /// Up to where no value begins that is cut off at the end.
    pub fn whole(&self, bytes: &[u8]) -> usize {
        let begins = |at: &usize| {
            self.0
                .iter()
                .any(|(value, _)| value.len() > bytes.len() - at && value.starts_with(&bytes[*at..]))
        };
        (bytes.len().saturating_sub(self.longest())..bytes.len())
            .find(begins)
            .unwrap_or(bytes.len())
    }

    pub fn mask(&self, bytes: &[u8]) -> Vec<u8> {
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

    fn named(&mut self, name: &str, secret: &Secret) {
        self.value(secret.reveal(), &format!("${{secret.{name}}}"));
    }

    fn endpoint(&mut self, endpoint: &Endpoint) {
        for (_, value) in &endpoint.headers {
            self.words(value.reveal());
        }
        if let Address::Url(url) = &endpoint.address {
            self.user(url);
        }
    }

    /// `Bearer abc` echoed as `abc` is the secret still.
    fn words(&mut self, value: &str) {
        self.value(value, NAMELESS);
        value
            .split_whitespace()
            .skip(1)
            .for_each(|word| self.value(word, NAMELESS));
    }

    /// The password of a URL, which leaves as a header.
    fn user(&mut self, url: &str) {
        let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
        let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
        let Some((user, password)) = authority
            .rsplit_once('@')
            .and_then(|(user, _)| user.split_once(':'))
        else {
            return;
        };
        let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let (name, secret) = (plain(user), plain(password));
        self.value(password, NAMELESS);
        self.value(&secret, NAMELESS);
        self.value(&BASE64_STANDARD.encode(format!("{name}:{secret}")), NAMELESS);
    }

    fn value(&mut self, value: &str, token: &str) {
        if value.len() < SHORTEST {
            return;
        }
        // As it is, in a document, in a document that is quoted in another, and as documents hold bytes.
        let once = inside_json(value);
        let twice = inside_json(&once);
        for form in [value.to_owned(), once, twice, BASE64_STANDARD.encode(value)] {
            self.0.push((form.into_bytes(), token.to_owned()));
        }
    }

    fn sorted(mut self) -> Self {
        self.0
            .sort_by(|(one, _), (other, _)| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        self.0.dedup();
        self
    }
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mask({} values)", self.0.len())
    }
}

/// As it stands between the quotes of a JSON string.
pub fn inside_json(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(mask: &Mask, text: &str, expected: &str) {
        let masked = String::from_utf8(mask.mask(text.as_bytes())).unwrap();
        assert_eq!(masked, expected);
    }

    #[test]
    fn what_comes_back_is_masked() {
        let secrets = [("db", "s3cr3t"), ("longer", "s3cr3t-and-more"), ("pin", "123")]
            .map(|(name, value)| (name.to_owned(), Secret::new(value)));
        let mask = Mask::of_secrets(secrets.iter().map(|(name, secret)| (name, secret)), []);
        check(&mask, "no", "no");
        check(&mask, "xs3cr3ts3cr3t-and-morey", "x${secret.db}${secret.longer}y");
        check(&mask, "s3cr3 123", "s3cr3 123");
        assert_eq!(mask.mask(b"\xffs3cr3t"), b"\xff${secret.db}");
        // Cut off in the middle of a value, the longer one too.
        for (text, whole) in [
            ("no", 2),
            ("xs3c", 1),
            ("xs3cr3t-an", 1),
            ("xs3cr3t\n", 8),
            ("", 0),
        ] {
            assert_eq!(mask.whole(text.as_bytes()), whole, "{text}");
        }
    }

    #[test]
    fn what_lets_in_is_masked_however_it_comes_back() {
        let mut endpoint = Endpoint::at(Address::Url("https://me:p%40ssword@host:1/a@b".to_owned()));
        endpoint
            .headers
            .push(("authorization".to_owned(), Secret::new("Bearer abc\"def")));
        let mask = Mask::of_endpoint(&endpoint);
        check(&mask, "Bearer abc\"def, abc\"def, abc\\\"def", "***, ***, ***");
        check(&mask, "p@ssword p%40ssword bWU6cEBzc3dvcmQ= me", "*** *** *** me");
        let none = Mask::of_endpoint(&Endpoint::at(Address::Url("http://host/x:y@z".to_owned())));
        check(&none, "x:y@z", "x:y@z");
    }
}
