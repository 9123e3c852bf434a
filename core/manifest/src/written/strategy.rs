//! Strategies.

use slipway_model::{Duration, Span};

use crate::{
    Amount, OnFailure,
    decode::{At, OneOrMany, choice, table},
};

table! {
    /// A way to roll out.
    Strategy {
        /// Which way.
        required "type" of: StrategyType,
        /// rolling: instances replaced at a time, a number or a percentage; a list gives the batches one after another, the last one repeats. 1 by default.
        optional "batch" batch: OneOrMany<Amount>,
        /// rolling: how many instances may be missing meanwhile. 0 by default.
        optional "max-unavailable" max_unavailable: Amount,
        /// rolling: how many instances may run beyond the wanted number meanwhile. 1 by default.
        optional "max-surge" max_surge: Amount,
        /// rolling: how many instances may fail before the roll-out has failed. 0 by default.
        optional "max-failures" max_failures: u32,
        /// canary: weights that ascend, each with its soak. 5, 25 and 50 percent by default.
        optional "steps" steps: Vec<At<Step>>,
        /// How long the new revision is watched with all users on it before it is confirmed. 30s by default.
        optional "soak" soak: Duration,
        /// Functional tests, before users and during every soak.
        optional "checks" checks: Vec<At<String>>,
        /// Verdicts over time, during every soak.
        optional "analysis" analysis: Vec<At<String>>,
        /// How much of the weight of its analyses has to pass at the end of a soak, in percent; what is `critical` has to pass whatever it weighs. 100 by default.
        optional "score" score: f64,
        /// Programs that run at moments of it.
        optional "hooks" hooks: Vec<At<String>>,
        /// How long an instance must have been healthy before it counts. 5s by default.
        optional "min-healthy-time" min_healthy_time: Duration,
        /// How long one change may take before it has failed. 5m by default.
        optional "progress-deadline" progress_deadline: Duration,
        /// For how long the run may not be heard from before the place brings back by itself what ran, until the revision is confirmed. At least 5s; without it the place waits for the run.
        optional "dead-man" dead_man: Duration,
        /// What happens on failure. `roll-back` by default.
        optional "on-failure" on_failure: OnFailure,
    }
}

table! {
    /// One step of a canary.
    Step {
        /// Percent of users, 1 to 100.
        required "weight" weight: u8,
        /// How long it is watched. 2m by default.
        optional "soak" soak: Duration,
        /// Whether a person must approve before it. false by default.
        optional "approve" approve: bool,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StrategyType {
    Recreate,
    Rolling,
    BlueGreen,
    Canary,
}

choice!(StrategyType, "a type of strategy" {
    "recreate" => Recreate: "The old one is stopped, then the new one is started.",
    "rolling" => Rolling: "Batch after batch, each healthy before the next.",
    "blue-green" => BlueGreen: "The new one complete beside the old; all users are switched at once.",
    "canary" => Canary: "The new one beside the old; users come step by step.",
});

choice!(OnFailure, "a way to go on after failure" {
    "roll-back" => RollBack: "The previous revision is restored.",
    "hold" => Hold: "Everything stays as it is until a person decides.",
    "ask" => Ask: "The run waits until a person says how it goes on: again, without what failed, back, or not at all.",
});

impl Strategy {
    pub(crate) const MIN_HEALTHY_TIME: Duration = Duration::from_secs(5);
    pub(crate) const PROGRESS_DEADLINE: Duration = Duration::from_secs(300);

    /// As if nothing but the type were written.
    pub(crate) fn with_defaults(of: StrategyType) -> Self {
        Self {
            of: Some(At {
                value: of,
                span: Span::default(),
            }),
            batch: None,
            max_unavailable: None,
            max_surge: None,
            max_failures: None,
            steps: None,
            soak: None,
            checks: None,
            analysis: None,
            score: None,
            hooks: None,
            min_healthy_time: None,
            progress_deadline: None,
            dead_man: None,
            on_failure: None,
        }
    }
}

impl StrategyType {
    pub(crate) const ALL: [(&'static str, Self); 4] = [
        ("recreate", Self::Recreate),
        ("rolling", Self::Rolling),
        ("blue-green", Self::BlueGreen),
        ("canary", Self::Canary),
    ];
}
