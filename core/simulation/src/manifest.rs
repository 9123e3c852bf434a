//! The service of a scenario, as people would write it.

use std::fmt::Write as _;

use crate::scenario::{Scenario, Strategy};

pub(crate) const SERVICE: &str = "shop";
pub(crate) const ENVIRONMENT: &str = "place";
/// What the artifact is made of.
pub(crate) const ARTIFACT: &str = "web";
/// The versions, which are also what their artifacts hold.
pub(crate) const FIRST: &str = "1.0.0";
pub(crate) const SECOND: &str = "2.0.0";

pub(crate) fn manifest(scenario: &Scenario) -> String {
    let Scenario {
        instances,
        strategy,
        soak,
        side_by_side,
        ..
    } = scenario;
    let mut text = format!(
        "[service]\nname = \"{SERVICE}\"\n\
         [artifacts.web]\nformat = \"simulated\"\nfrom = \"{ARTIFACT}\"\ninstances = {instances}\n\
         [environments.{ENVIRONMENT}]\ntarget = {{ plugin = \"simulated\" }}\nstrategy = \"drawn\"\nkeep = 2\n"
    );
    let mut line = |given: bool, line: &str| {
        if given {
            let _ = writeln!(text, "{line}");
        }
    };
    line(scenario.router, "router = { plugin = \"simulated\" }");
    line(scenario.approve, "approve = true");
    line(true, "[strategy.drawn]");
    line(
        true,
        match strategy {
            Strategy::Recreate => "type = \"recreate\"",
            Strategy::Rolling if *side_by_side => "type = \"rolling\"\nmax-surge = 1\nmax-unavailable = 0",
            Strategy::Rolling => "type = \"rolling\"\nmax-surge = 0\nmax-unavailable = 1",
            Strategy::BlueGreen => "type = \"blue-green\"",
            Strategy::Canary => {
                "type = \"canary\"\nsteps = [{ weight = 10, soak = \"2s\" }, { weight = 50, soak = \"3s\" }]"
            }
        },
    );
    line(
        true,
        &format!("soak = \"{soak}s\"\nmin-healthy-time = \"1s\"\nprogress-deadline = \"15s\""),
    );
    line(scenario.hold, "on-failure = \"hold\"");
    line(scenario.asks && !scenario.hold, "on-failure = \"ask\"");
    line(scenario.dead_man, "dead-man = \"15s\"");
    line(scenario.checks, "checks = [\"alive\"]");
    line(scenario.analysis, "analysis = [\"errors\"]");
    line(scenario.executes, "hooks = [\"migrate\", \"undo\"]");
    line(
        scenario.checks,
        if scenario.asks_plugin {
            // More often than the network loses it in a row.
            "[check.alive]\nretries = 5\ninterval = \"1s\"\nplugin = { name = \"simulated\" }"
        } else {
            "[check.alive]\nhttp = { path = \"/healthz\" }"
        },
    );
    line(
        scenario.analysis,
        "[analysis.errors]\nlogs = { match = \"ERROR\", max-count = 0 }",
    );
    let hook = "where = \"place\"\nrun = [\"migrate\"]";
    line(
        scenario.executes,
        &format!("[hook.migrate]\nat = \"before-run\"\n{hook}\n[hook.undo]\nat = \"on-roll-back\"\n{hook}"),
    );
    text
}
