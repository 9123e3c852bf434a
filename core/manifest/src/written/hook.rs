//! Programs that run at moments of a roll-out.

use slipway_model::Duration;

use crate::{
    HookFailure, HookMoment, HookPlace,
    decode::{At, choice, table},
};

table! {
    /// A program that runs at a moment of a roll-out.
    Hook {
        /// When.
        required "at" at: HookMoment,
        /// Where. On the machine of Slipway by default.
        optional "where" place: HookPlace,
        /// At the place: the artifact that it runs with, also its configuration, environment and secrets. May be left out where the service has only one that runs.
        optional "artifact" artifact: String,
        /// At the place: which part of the artifact it runs as, where there are several. On Kubernetes the name of a workload, or that and a container's: `web/app`.
        optional "part" part: String,
        /// Program and arguments; no shell. On the machine of Slipway it runs in the folder of deploy.toml, and a program with a `/` is one of that folder; at the place it stands for the artifact's own command. `SLIPWAY_...` variables say what it is about.
        required "run" run: Vec<At<String>>,
        /// It has failed if it takes longer. 5m by default.
        optional "timeout" timeout: Duration,
        /// Whether it may run again after an interruption. Otherwise people are asked whether it has happened. false by default. Not at the place, which knows.
        optional "repeatable" repeatable: bool,
        /// What happens when it fails. `fail` by default.
        optional "on-failure" on_failure: HookFailure,
        /// Once it has begun nothing goes back by itself: a failure is left as it stands, and people decide. false by default.
        optional "point-of-no-return" point_of_no_return: bool,
    }
}

choice!(HookMoment, "a moment of a roll-out" {
    "before-run" => BeforeRun: "Before anything is changed.",
    "after-run" => AfterRun: "When all users are on the new revision and the old one is gone.",
    "on-failure" => OnFailure: "When something has failed, before anything is done about it.",
    "on-roll-back" => OnRollBack: "When the old revision has its users back and the new one is gone.",
    "before-batch" => BeforeBatch: "Before instances of the new revision are started together.",
    "after-batch" => AfterBatch: "When they are healthy.",
    "before-start" => BeforeStart: "Before each instance of the new revision is started.",
    "after-start" => AfterStart: "When it is healthy.",
    "before-attach" => BeforeAttach: "Before an instance of the new revision gets users for the first time.",
    "after-attach" => AfterAttach: "When it has them.",
    "before-drain" => BeforeDrain: "Before an instance of the old revision is waited for, which gets no new users any more.",
    "after-drain" => AfterDrain: "When it has none left.",
});

choice!(HookPlace, "a place where a hook runs" {
    "operator" => Operator: "On the machine of Slipway, in the folder of deploy.toml.",
    "place" => Place: "Where the instances run, once, as one of them: with the new revision's artifact, configuration and secrets. The place knows it by name and ends it in time, so that it goes on when this machine is gone, and never runs twice.",
});

choice!(HookFailure, "a way to go on after a hook has failed" {
    "fail" => Fail: "The roll-out has failed.",
    "go-on" => GoOn: "It is told, and nothing else comes of it.",
});
