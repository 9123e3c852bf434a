//! Series from a file.

use std::{fs::File, io, path::Path};

use serde::Serialize;
use serde_json::json;
use slipway_judge::{Csv, Groups, Judgement, Look, Series, judge};
use slipway_report::table;

use super::{
    end,
    set::{Set, settings},
};
use crate::{
    commands::Done,
    context::Context,
    error::{CommandError, ErrorKind},
};

#[derive(Serialize)]
struct Judged {
    metric: String,
    #[serde(flatten)]
    judgement: Judgement,
}

pub(super) fn judge_file(context: &Context, file: &Path, set: &[Set]) -> Done {
    let settings = settings(set)?;
    let judged: Vec<_> = read(file)?
        .into_iter()
        .map(|(metric, groups)| {
            let nothing = Series::Value(Vec::new());
            let candidate = groups.candidate.as_ref().unwrap_or(&nothing);
            let judgement = judge(&settings, Look::Only, candidate, groups.stable.as_ref());
            Judged { metric, judgement }
        })
        .collect();
    let answer = json!({ "settings": settings, "metrics": judged });
    context.ui.answer(&answer, || {
        let row = |judged: &Judged| {
            let Judgement { outcome, reason, .. } = &judged.judgement;
            vec![judged.metric.clone(), outcome.word().to_owned(), reason.clone()]
        };
        table(
            &["METRIC", "VERDICT", "WHY"],
            &judged.iter().map(row).collect::<Vec<_>>(),
        )
    });
    end(judged
        .iter()
        .map(|judged| (judged.metric.as_str(), judged.judgement.outcome)))
}

fn read(file: &Path) -> Result<Csv, CommandError> {
    let found = if file == Path::new("-") {
        Groups::read(io::stdin().lock())
    } else {
        let open = File::open(file);
        let unreadable = |error| CommandError::failed(format!("cannot read {}: {error}", file.display()));
        Groups::read(open.map_err(unreadable)?)
    };
    let found = found.map_err(|error| invalid(file, &error.to_string()))?;
    if found.is_empty() {
        return Err(invalid(file, "there is nothing to judge"));
    }
    Ok(found)
}

fn invalid(file: &Path, why: &str) -> CommandError {
    CommandError::new(ErrorKind::Invalid, format!("{}: {why}", file.display()))
}
