//! `slipway validate`.

use clap::Args;
use serde_json::json;

use super::{Done, manifests::Manifests};
use crate::context::{Checked, Context};

/// Check manifests, and say everything that is wrong with them at once; nothing is touched
#[derive(Debug, Args)]
pub(crate) struct Validate {
    #[command(flatten)]
    manifests: Manifests,
}

impl Validate {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let Checked {
            manifests, problems, ..
        } = context.check(&self.manifests.find(context)?).await?;
        let errors = problems.errors;
        let warnings = problems.diagnostics.len() - errors;
        let answer = json!({ "manifests": manifests, "errors": errors, "warnings": warnings });
        if errors > 0 {
            context.ui.answer(&answer, || {
                format!("{manifests} checked, {errors} errors, {warnings} warnings")
            });
            return Err(problems.into());
        }
        if warnings > 0 {
            context.ui.diagnostics(&problems);
        }
        context.ui.answer(&answer, || match (manifests, warnings) {
            (1, 0) => "valid".to_owned(),
            (many, 0) => format!("{many} manifests are valid"),
            (many, warnings) => format!("{many} checked, no errors, {warnings} warnings"),
        });
        Ok(())
    }
}
