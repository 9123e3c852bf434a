//! What a run that goes on has to ask first: whether an effect that must not be repeated happened before the
//! interruption. Nobody but a person can know, by looking at where it would have happened.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use slipway_journal::Content;
use slipway_plugin::Effect;

use super::Run;
use crate::RunError;

/// An effect of the class `once` that was intended and has no outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    /// Its key in the journal, which begins with the call it belongs to.
    pub activity: String,
    /// Capability, operation and request, in words.
    pub effect: String,
    /// When it was about to happen.
    pub at: Timestamp,
}

impl Run {
    /// The first question that is open. It is asked before anything else: the run could not get past it.
    pub async fn question(&self) -> Result<Option<Question>, RunError> {
        let asked = self.journal.with_status(|status| {
            let activity = status.undecided().next()?;
            Some((activity.key.clone(), activity.request.clone(), activity.at))
        });
        let Some((activity, request, at)) = asked else {
            return Ok(None);
        };
        let effect = self.describe(request).await?;
        Ok(Some(Question { activity, effect, at }))
    }

    /// Answers a question, in the name of whoever goes on with the run. If the effect happened, the plugin is told of an
    /// empty success, because its answer is lost; if not, it is performed when the run comes to it.
    pub async fn answer(&self, question: &Question, happened: bool) -> Result<(), RunError> {
        let (now, by) = (self.ambient.now(), self.ambient.who());
        self.journal
            .decide(now, &question.activity, happened, &by)
            .await?;
        Ok(())
    }

    async fn describe(&self, request: Content) -> Result<String, RunError> {
        let request = self.journal.load(request).await?;
        let effect = serde_json::from_value::<Effect>(request.clone());
        Ok(effect.map_or_else(|_| request.to_string(), |effect| effect.to_string()))
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { activity, effect, at } = self;
        write!(
            f,
            "whether `{activity}` happened at {} is not known, and it must not happen twice: {effect}",
            at.strftime("%Y-%m-%d %H:%M:%S UTC")
        )
    }
}
