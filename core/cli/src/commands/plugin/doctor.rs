//! `slipway plugin doctor`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use slipway_authoring::{Error, Language};
use slipway_report::table;

use super::build::failed;
use crate::{commands::Done, context::Context};

/// Look at what builds plugins here: compilers for each language, and what is missing
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// A project: that of its language has to be there
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

impl Doctor {
    pub(super) fn run(self, context: &Context) -> Done {
        let (languages, folder) = match &self.folder {
            None => (Language::ALL.to_vec(), PathBuf::from(".")),
            Some(folder) => (vec![Language::of(folder).map_err(failed)?], folder.clone()),
        };
        let found: Vec<_> = languages
            .into_iter()
            .map(|language| (language, language.compiler(&folder)))
            .collect();
        let documents: Vec<_> = found
            .iter()
            .map(|(language, compiler)| {
                let missing = compiler.as_ref().err().map(Error::to_string);
                let next = compiler.as_ref().err().and_then(Error::hint);
                json!({
                    "language": language.name(),
                    "compiler": compiler.as_ref().ok(),
                    "missing": missing,
                    "next": next,
                })
            })
            .collect();
        context.ui.answer(&json!({ "languages": documents }), || {
            let rows: Vec<_> = found.iter().map(row).collect();
            table(&["LANGUAGE", "COMPILER", "NEXT"], &rows)
        });
        match found.into_iter().find_map(|(_, compiler)| compiler.err()) {
            Some(missing) if self.folder.is_some() => Err(failed(missing)),
            _ => Ok(()),
        }
    }
}

fn row((language, compiler): &(Language, Result<String, Error>)) -> Vec<String> {
    let (found, next) = match compiler {
        Ok(version) => (version.clone(), "-".to_owned()),
        Err(missing) => (missing.to_string(), missing.hint().unwrap_or_default()),
    };
    vec![language.name().to_owned(), found, next]
}
