//! The question of a run that was interrupted in the middle of an effect which must not be repeated, and its answer.

use clap::ValueEnum;
use slipway_engine::{Question, Run, RunError};

use super::Done;
use crate::{
    context::Context,
    error::{CommandError, ErrorKind},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Answer {
    Yes,
    No,
}

/// One answer is for one question: the next one is asked again.
pub(super) async fn settle(context: &Context, run: &Run, answer: Option<Answer>) -> Done {
    let question = |asked: Result<Option<Question>, RunError>| asked.map_err(CommandError::from);
    let first = question(run.question().await)?;
    let (first, answer) = match (first, answer) {
        (None, None) => return Ok(()),
        (None, Some(_)) => {
            let text = format!("run {} asks nothing", run.id());
            let hint = format!("`slipway resume {}` goes on with it", run.id());
            return Err(CommandError::usage(text).hint(hint));
        }
        (Some(asked), None) => return Err(ask(run, &asked)),
        (Some(first), Some(answer)) => (first, answer),
    };
    run.answer(&first, answer == Answer::Yes).await?;
    let what = match answer {
        Answer::Yes => "has happened",
        Answer::No => "has not happened and is performed now",
    };
    context.ui.note(&format!("{} {what}", first.effect));
    question(run.question().await)?.map_or(Ok(()), |next| Err(ask(run, &next)))
}

fn ask(run: &Run, question: &Question) -> CommandError {
    let id = run.id();
    CommandError::new(ErrorKind::Interrupted, question.to_string())
        .hint("look where it would have happened, and say what you found")
        .hint(format!(
            "`slipway resume {id} --happened yes` goes on without its answer"
        ))
        .hint(format!("`slipway resume {id} --happened no` performs it"))
}
