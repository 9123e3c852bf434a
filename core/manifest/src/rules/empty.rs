//! Texts and lists that say nothing.

use slipway_model::Span;

use super::{Rule, asked, each};
use crate::{decode::Context, written::Document};

pub(super) const RULE: Rule = Rule {
    code: "empty",
    about: "What must name something is not empty.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    for (_, _, artifact) in each(&document.artifacts) {
        for format in artifact.format.iter().filter(|format| format.value.is_empty()) {
            report(cx, "the format", format.span);
        }
    }
    for (_, _, environment) in each(&document.environments) {
        for windows in environment
            .window
            .iter()
            .filter(|windows| windows.value.0.is_empty())
        {
            if !cx.said_within(windows.span) {
                report(cx, "the list of windows", windows.span);
            }
        }
        for freeze in environment.freeze.iter().flat_map(|freezes| &freezes.value.0) {
            for reason in freeze
                .value
                .reason
                .iter()
                .filter(|reason| reason.value.is_empty())
            {
                report(cx, "the reason", reason.span);
            }
        }
        for binding in environment.target.iter().chain(&environment.router) {
            for plugin in binding
                .value
                .plugin
                .iter()
                .filter(|plugin| plugin.value.is_empty())
            {
                report(cx, "the plugin's name", plugin.span);
            }
        }
    }
    for (_, _, strategy) in each(&document.strategy) {
        for steps in strategy.steps.iter().filter(|steps| steps.value.is_empty()) {
            report(cx, "the list of steps", steps.span);
        }
        for batch in strategy.batch.iter().filter(|batch| batch.value.0.is_empty()) {
            report(cx, "the list of batches", batch.span);
        }
    }
    for (_, _, analysis) in each(&document.analysis) {
        let traffic = analysis.traffic.as_ref();
        let errors = traffic.and_then(|traffic| traffic.value.errors.as_ref());
        for errors in errors.iter().filter(|errors| errors.value.0.is_empty()) {
            if !cx.said_within(errors.span) {
                report(cx, "the list of classes", errors.span);
            }
        }
    }
    for (_, _, hook) in each(&document.hook) {
        for part in hook.part.iter().filter(|part| part.value.is_empty()) {
            report(cx, "the part", part.span);
        }
    }
    for name in asked(document).filter(|name| name.value.is_empty()) {
        report(cx, "the plugin's name", name.span);
    }
    let checks = each(&document.check).filter_map(|(_, _, check)| check.command.as_ref());
    let metrics = each(&document.analysis).filter_map(|(_, _, analysis)| analysis.metrics.as_ref());
    let measures = metrics.filter_map(|metrics| metrics.value.command.as_ref());
    let hooks = each(&document.hook).map(|(_, _, hook)| &hook.run);
    let programs = checks
        .map(|command| &command.value.run)
        .chain(measures.map(|command| &command.value.run))
        .chain(hooks);
    for run in programs {
        let nothing = |run: &&crate::decode::At<Vec<crate::decode::At<String>>>| {
            run.value.first().is_none_or(|program| program.value.is_empty())
        };
        for run in run.iter().filter(|run| nothing(run)) {
            report(cx, "the program to run", run.span);
        }
    }
    let service = document.service.as_ref().map(|service| &service.value);
    let version = service.and_then(|service| service.version.as_ref());
    if let Some(version) = version.filter(|version| version.value.is_empty()) {
        report(cx, "the version", version.span);
    }
}

fn report(cx: &mut Context<'_>, what: &str, place: Span) {
    cx.error(RULE.code, place, format!("{what} is empty"), "empty");
}
