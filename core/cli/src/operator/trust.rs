//! `[trust."registry.example/team"]`: whose signatures count there. Checked as a whole, with every error at its place.

use std::{
    collections::BTreeMap,
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Deserialize;
use slipway_engine::{
    Failed,
    trust::{Area, Demand, Rule, Trust, TrustedKey},
};
use slipway_model::{Diagnostic, Span};
use slipway_registry::{PublicKey, Signer};
use toml::Spanned;

use super::{file::OperatorFile, place::path};
use crate::error::Problems;

/// By place; where there is one, nothing is used from a place that is not named.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct TrustSettings(BTreeMap<Spanned<String>, RuleSettings>);

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
struct RuleSettings {
    /// Public keys in PEM, relative to the operator's file; any of them is enough, so that one can take the place of another.
    keys: Vec<Spanned<PathBuf>>,
    /// What a signature has to say besides.
    annotations: BTreeMap<String, String>,
    /// No signature is needed.
    unsigned: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct SigningSettings {
    /// An Ed25519 key in PEM, relative to the operator's file.
    key: Option<PathBuf>,
}

/// A key is a few hundred bytes.
const KEY_LIMIT: u64 = 64 << 10;

impl OperatorFile {
    /// What signs packages, if anything does.
    pub(crate) fn package_signer(&self) -> Result<Option<Arc<Signer>>, Failed> {
        Ok(self.signing.signer(&path())?.map(Arc::new))
    }

    /// Whose signatures count, if anything says it; or everything that is wrong with that.
    pub(crate) fn trust(&self) -> Result<Option<Arc<Trust>>, Problems> {
        let policy = self.trust.as_ref().map(|settings| settings.policy(&path()));
        Ok(policy.transpose()?.map(Arc::new))
    }
}

impl TrustSettings {
    /// As it is written in this file.
    pub(super) fn policy(&self, file: &Path) -> Result<Trust, Problems> {
        // Only to show where something stands.
        let text = fs::read_to_string(file).unwrap_or_default();
        let mut rules: Vec<Rule> = Vec::new();
        let mut wrong = Vec::new();
        for (place, settings) in &self.0 {
            let at = Span::from(place.span());
            let demand = settings.demand((file, at), &mut wrong);
            let area: Area = match place.as_ref().parse() {
                Ok(area) => area,
                Err(bad) => {
                    let error = Diagnostic::error("trust-place", format!("{bad}"));
                    wrong.push(error.label(file, at, "no place"));
                    continue;
                }
            };
            if let Some(same) = rules.iter().find(|rule| rule.area.same_as(&area)) {
                let message = format!("`{area}` and `{}` are the same place", same.area);
                wrong.push(Diagnostic::error("trust-place", message).label(file, at, "named again"));
            }
            let (line, _) = at.position(&text);
            rules.push(Rule {
                area,
                demand,
                line: format!("{}:{line}", file.display()),
            });
        }
        if wrong.is_empty() {
            let file = file.to_owned();
            return Ok(Trust { rules, file });
        }
        Err(Problems::new(wrong, [(file.to_owned(), text)]))
    }
}

impl SigningSettings {
    pub(super) fn signer(&self, file: &Path) -> Result<Option<Signer>, Failed> {
        let Some(key) = &self.key else { return Ok(None) };
        let path = beside(file, key);
        let signer = read(&path).and_then(|pem| Signer::from_pem(&pem));
        let signer = signer.map_err(|why| {
            let text = format!("{}: [signing] key: {}: {why}", file.display(), path.display());
            Failed::new(text).hint("`openssl genpkey -algorithm ed25519 -out release.pem` makes one")
        })?;
        Ok(Some(signer))
    }
}

impl RuleSettings {
    /// What is wrong is noted; what comes of it then counts for nothing.
    fn demand(&self, (file, at): (&Path, Span), wrong: &mut Vec<Diagnostic>) -> Demand {
        let mut error = |message: &str, help: &str| {
            let error = Diagnostic::error("trust-keys", message).label(file, at, "says it here");
            wrong.push(error.help(help));
        };
        match (self.unsigned, self.keys.is_empty()) {
            (true, false) => error(
                "it names keys, and says that no signature is needed",
                "take one of the two out",
            ),
            (true, true) if !self.annotations.is_empty() => error(
                "it says what a signature has to say, and that none is needed",
                "take `annotations` out, or name the `keys`",
            ),
            (true, true) => return Demand::Unsigned,
            (false, true) => error(
                "it says neither whose signatures count nor that none is needed",
                "keys = [\"release.pub\"], or unsigned = true",
            ),
            (false, false) => {}
        }
        let mut keys = Vec::new();
        for named in &self.keys {
            let path = beside(file, named.as_ref());
            match public_key(&path) {
                Ok(key) => keys.push(TrustedKey {
                    name: named.as_ref().display().to_string(),
                    key,
                }),
                Err(why) => {
                    let message = format!("the key {} cannot be used: {why}", path.display());
                    let error = Diagnostic::error("trust-key", message);
                    let error = error.label(file, named.span().into(), "no public key");
                    wrong.push(error.help("`cosign public-key --key cosign.key` and `openssl pkey -in KEY -pubout` print that of a key"));
                }
            }
        }
        Demand::Signed {
            keys,
            claims: self.annotations.clone(),
        }
    }
}

/// Of a file that somebody names.
pub(crate) fn public_key(path: &Path) -> Result<PublicKey, String> {
    PublicKey::from_pem(&read(path)?)
}

fn beside(file: &Path, key: &Path) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).join(key)
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut pem = Vec::new();
    let file = fs::File::open(path).map_err(|error| error.to_string())?;
    let read = file.take(KEY_LIMIT).read_to_end(&mut pem);
    read.map_err(|error| error.to_string())?;
    Ok(pem)
}
