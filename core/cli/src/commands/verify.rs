//! `slipway artifact verify`: what a release would say of a reference, without a release.

use std::path::PathBuf;

use clap::Args;
use slipway_engine::trust::{Area, Demand, Rule, Trust, TrustedKey, Verdict, admit};
use slipway_registry::Client;

use super::{Done, place::meant};
use crate::{context::Context, error::CommandError, operator::public_key};

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// `oci://host/repository:tag`, `oci://host/repository@sha256:...` or `folder#repository:tag`
    reference: String,
    /// A public key in PEM that counts; several times: any of them. Without it, what [trust] of the operator's file says
    #[arg(long = "key", value_name = "FILE")]
    keys: Vec<PathBuf>,
    /// What the signature has to say besides
    #[arg(long = "annotation", value_name = "NAME=VALUE", requires = "keys", value_parser = claim)]
    annotations: Vec<(String, String)>,
}

impl Verify {
    pub(super) async fn run(self, context: &Context, client: &Client) -> Done {
        let trust = match self.keys.as_slice() {
            [] => {
                let trust = context.trust()?;
                let none = || {
                    CommandError::usage("nobody says whose signatures count")
                        .hint("--key FILE, or [trust] in the operator's file")
                };
                trust.ok_or_else(none)?.as_ref().clone()
            }
            _ => self.policy()?,
        };
        let (repository, digest) = meant(&self.reference, client).await?;
        let admitted = admit(&trust, (&repository, digest), &self.reference).await?;
        let verdict = Verdict::from(&admitted);
        let Verdict { policy, by, .. } = &verdict;
        context.ui.answer(&verdict, || match by {
            None => format!("{digest}\nneeds no signature, says {policy} of the operator's file\n"),
            Some(by) => format!(
                "{digest}\nsigned with {} (key {})\n{} in {}\n",
                by.key, by.fingerprint, by.form, by.signature
            ),
        });
        Ok(())
    }

    /// These keys, wherever it is.
    fn policy(&self) -> Result<Trust, CommandError> {
        let mut keys = Vec::new();
        for path in &self.keys {
            let name = path.display().to_string();
            let key = public_key(path)
                .map_err(|why| CommandError::usage(format!("the key {name} cannot be used: {why}")))?;
            keys.push(TrustedKey { name, key });
        }
        let rule = Rule {
            area: Area::everywhere(),
            demand: Demand::Signed {
                keys,
                claims: self.annotations.iter().cloned().collect(),
            },
            line: "--key".to_owned(),
        };
        Ok(Trust {
            rules: vec![rule],
            file: PathBuf::new(),
        })
    }
}

fn claim(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
