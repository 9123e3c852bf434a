//! `deploy.lock`: what every reference meant when it was first looked up, and the digests of the plugins that the manifest
//! brings. Belongs into version control beside `deploy.toml`.
//!
//! Plugins that ship inside the program are not in here: they come and go with it, and a newer program must not stop a
//! service. Which ones a run had is in its archive entry.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
};

use serde::{Deserialize, Serialize};
use slipway_model::Digest;

use crate::{Failed, Workspace, trust::Admitted};

const HEADER: &str = "# Written by slipway. What every reference of deploy.toml meant; `slipway release --update` looks again.\n";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Lock {
    pub v: u32,
    /// The package that these make.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<Digest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(default)]
    pub artifacts: BTreeMap<String, Locked>,
    #[serde(default)]
    pub dependencies: BTreeMap<String, Locked>,
    /// What the images and files meant that the artifacts need, by reference.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub images: BTreeMap<String, LockedNeed>,
    /// What references meant before, the latest last: whoever has a registry may put an old version back under its tag.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub replaced: BTreeMap<String, Vec<Digest>>,
    /// Those that the manifest brings.
    #[serde(default)]
    pub plugins: BTreeMap<String, LockedPlugin>,
}

impl Default for Lock {
    fn default() -> Self {
        Self {
            v: VERSION,
            package: None,
            version: None,
            artifacts: BTreeMap::new(),
            dependencies: BTreeMap::new(),
            images: BTreeMap::new(),
            replaced: BTreeMap::new(),
            plugins: BTreeMap::new(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Locked {
    /// As written in `deploy.toml`.
    pub from: String,
    pub digest: Digest,
}

/// What an image or a file meant, and how that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum LockedNeed {
    /// By a registry, or by whoever named the file.
    Known(Digest),
    /// Nobody had said a digest: by what was fetched the first time.
    Fetched { fetched: Digest },
}

impl LockedNeed {
    pub(crate) fn digest(self) -> Digest {
        match self {
            Self::Known(digest) | Self::Fetched { fetched: digest } => digest,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LockedPlugin {
    /// As written in `deploy.toml`.
    pub from: String,
    /// Of the component's bytes, as `digest` in `deploy.toml`.
    pub digest: Digest,
    /// What a tag meant: the manifest in the registry that has these bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Digest>,
}

/// Version 1 named every plugin of the program by its digest, which nothing was held to. Version 2 had nothing to say of files
/// that were named without a digest, and version 3 nothing of what was replaced.
const VERSION: u32 = 4;

/// As many of a reference are known; what is older is forgotten.
const REPLACED: usize = 100;

/// A reference means what it meant.
pub(crate) fn unmoved(locked: Option<&Locked>, from: &str, meant: Digest) -> Result<(), Failed> {
    match locked {
        Some(locked) if locked.from == from && locked.digest != meant => {
            let text = format!(
                "{from} has moved: deploy.lock has {}, the registry has {meant}",
                locked.digest
            );
            Err(Failed::new(text).hint("`slipway release --update` takes the new one"))
        }
        _ => Ok(()),
    }
}

impl Lock {
    /// Takes over what the one before knew of what was replaced, and what is replaced by this one.
    pub fn remember(&mut self, before: &Self) {
        let now: BTreeMap<String, Digest> = self.references().collect();
        let mut replaced = BTreeMap::new();
        for (reference, meant) in &now {
            let mut known = before.replaced.get(reference).cloned().unwrap_or_default();
            known.extend(
                before
                    .references()
                    .filter(|(name, _)| name == reference)
                    .map(|(_, digest)| digest),
            );
            known.retain(|digest| digest != meant);
            let mut seen = BTreeSet::new();
            known.retain(|digest| seen.insert(*digest));
            let old = known.len().saturating_sub(REPLACED);
            known.drain(..old);
            if !known.is_empty() {
                replaced.insert(reference.clone(), known);
            }
        }
        self.replaced = replaced;
    }

    /// What was replaced does not come back by its tag, however well it is signed: that it was good once is what makes it
    /// worth putting back. Where no signatures are demanded, tags go where they like.
    pub(crate) fn not_backwards(
        &self,
        reference: &str,
        meant: Digest,
        admitted: Option<&Admitted>,
    ) -> Result<(), Failed> {
        let demanded = admitted.is_some_and(|admitted| admitted.signed.is_some());
        let replaced = self.replaced.get(reference);
        if !demanded || !replaced.is_some_and(|replaced| replaced.contains(&meant)) {
            return Ok(());
        }
        let text = format!(
            "{reference} goes back to {meant}, which was released before and has been replaced since: \
             whoever may write to the registry can put an old version back"
        );
        Err(Failed::new(text).hint(format!(
            "if it is meant, name it by that digest in deploy.toml, or take {} out of `replaced` in deploy.lock",
            meant.short()
        )))
    }

    /// All that a tag may have been looked up for.
    fn references(&self) -> impl Iterator<Item = (String, Digest)> {
        let named = self.artifacts.values().chain(self.dependencies.values());
        let named = named.map(|locked| (locked.from.clone(), locked.digest));
        let needs = self
            .images
            .iter()
            .map(|(name, need)| (name.clone(), need.digest()));
        let plugins = self.plugins.values();
        let plugins = plugins.map(|locked| (locked.from.clone(), locked.digest));
        named.chain(needs).chain(plugins)
    }

    /// Empty where there is none yet.
    pub fn read(workspace: &Workspace) -> Result<Self, Failed> {
        let path = workspace.lock_file();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(Failed::new(format!("cannot read {}: {error}", path.display()))),
        };
        Self::parse(&text).map_err(|why| {
            Failed::new(format!("{}: {why}", path.display()))
                .hint("restore it from version control, or remove it")
        })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut table: toml::Table = toml::from_str(text).map_err(|error| error.to_string())?;
        match table.get("v").and_then(toml::Value::as_integer) {
            Some(1) => {
                table.remove("plugins");
                table.insert("v".to_owned(), VERSION.into());
                table.try_into().map_err(|error| error.to_string())
            }
            Some(v) if v > i64::from(VERSION) => Err(format!("it is of version {v}: use a newer slipway")),
            // From the text, which gives errors their place.
            _ => toml::from_str(text).map_err(|error| error.to_string()),
        }
    }

    pub fn write(&self, workspace: &Workspace) -> Result<(), Failed> {
        let path = workspace.lock_file();
        let text = toml::to_string(self).map_err(Failed::from_error)?;
        crate::files::write_atomically(&path, format!("{HEADER}{text}").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        let digest = Digest::of("");
        let text = text.replace("DIGEST", &digest.to_string());
        let found = Lock::parse(&text).map(|lock| toml::to_string(&lock).unwrap());
        let found = found.map(|text| text.replace(&digest.to_string(), "DIGEST"));
        match expected {
            Ok(expected) => assert_eq!(found.as_deref(), Ok(expected)),
            Err(expected) => assert!(
                found.as_ref().is_err_and(|why| why.contains(expected)),
                "{found:?}"
            ),
        }
    }

    #[test]
    fn every_version_is_read() {
        let second = "v = 2\npackage = \"DIGEST\"\nversion = \"1.0.0\"\n\n[artifacts.app]\nfrom = \"app.tar\"\n\
            digest = \"DIGEST\"\n\n[dependencies]\n\n[plugins.acme]\nfrom = \"deploy:acme:1\"\n\
            digest = \"DIGEST\"\nmanifest = \"DIGEST\"\n";
        check(second, Ok(second));
        let third = "v = 3\n\n[artifacts]\n\n[dependencies]\n\n[images]\n\"acme/db:1\" = \"DIGEST\"\n\n\
            [images.\"https://charts.example/db.tgz\"]\nfetched = \"DIGEST\"\n\n[plugins]\n";
        check(third, Ok(third));
        let fourth = "v = 4\n\n[artifacts]\n\n[dependencies]\n\n[replaced]\n\"dev:web:1\" = [\"DIGEST\"]\n\n[plugins]\n";
        check(fourth, Ok(fourth));
        let first = "v = 1\npackage = \"DIGEST\"\n[plugins]\n\"format/tarball\" = \"DIGEST\"\n";
        let read = "v = 4\npackage = \"DIGEST\"\n\n[artifacts]\n\n[dependencies]\n\n[plugins]\n";
        check(first, Ok(read));
    }

    #[test]
    fn what_was_replaced_is_remembered() {
        let [one, two, three] = ["one", "two", "three"].map(Digest::of);
        let lock = |digest| Lock {
            artifacts: BTreeMap::from([(
                "web".to_owned(),
                Locked {
                    from: "dev:web:1".to_owned(),
                    digest,
                },
            )]),
            images: BTreeMap::from([("nginx".to_owned(), LockedNeed::Known(digest))]),
            ..Lock::default()
        };
        let after = |before: &Lock, digest| {
            let mut lock = lock(digest);
            lock.remember(before);
            lock
        };
        let first = lock(one);
        assert_eq!(after(&first, one).replaced, BTreeMap::new());
        let third = after(&after(&first, two), three);
        assert_eq!(third.replaced["dev:web:1"], [one, two]);
        assert_eq!(third.replaced["nginx"], [one, two]);
        // What somebody wants back is the one that counts, and not replaced any more.
        assert_eq!(after(&third, one).replaced["nginx"], [two, three]);
        let mut other = lock(one);
        other.artifacts.clear();
        other.remember(&third);
        assert_eq!(other.replaced.keys().collect::<Vec<_>>(), ["nginx"]);
        // Enough is enough.
        let mut many = first;
        for number in 0..150 {
            many = after(&many, Digest::of(number.to_string()));
        }
        assert_eq!(many.replaced["nginx"].len(), REPLACED);
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        check("v = 5\nsomething = 1\n", Err("use a newer slipway"));
        check(
            "v = 2\n[plugins.acme]\nfrom = \"a.wasm\"\n",
            Err("missing field `digest`"),
        );
        check("[plugins]\n", Err("missing field `v`"));
        check("v = ", Err("line 1"));
    }
}
