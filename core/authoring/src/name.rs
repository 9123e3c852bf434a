//! What a new plugin is called.

use std::str::FromStr;

use crate::Result;

/// Of a plugin: what a manifest calls it, and a package of every language as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

const LONGEST: usize = 40;
/// Written `name` in texts.
const NAME: &str = "{name}";

impl Name {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Wherever a text speaks of it.
    pub(crate) fn put_into(&self, text: &str) -> String {
        text.replace(NAME, &self.0)
    }
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let made_of = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let good = text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(made_of)
            && !text.ends_with('-')
            && text.len() <= LONGEST;
        match good {
            true => Ok(Self(text.to_owned())),
            false => Err(format!(
                "the name of a plugin is at most {LONGEST} lower-case letters, digits and inner hyphens, and begins with a letter"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["acme", "a", "acme-cloud-2"] {
            assert!(good.parse::<Name>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "Acme",
            "2acme",
            "acme-",
            "-acme",
            "acme_cloud",
            "acme/cloud",
            "..",
            &"a".repeat(41),
        ] {
            assert!(bad.parse::<Name>().is_err(), "{bad}");
        }
    }
}
