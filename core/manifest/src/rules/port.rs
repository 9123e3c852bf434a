//! Ports that exist.

use super::{Rule, each};
use crate::{Port, decode::Context, written::Document};

pub(super) const RULE: Rule = Rule {
    code: "invalid-port",
    about: "A port is a name, or a number from 1.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    let checks = each(&document.check).flat_map(|(_, _, check)| {
        let http = check.http.as_ref().and_then(|http| http.value.port.as_ref());
        http.into_iter()
            .chain(check.tcp.as_ref().and_then(|tcp| tcp.value.port.as_ref()))
    });
    let metrics = each(&document.analysis).filter_map(|(_, _, analysis)| analysis.metrics.as_ref());
    let analyses = metrics.flat_map(|metrics| {
        let scrape = metrics.value.scrape.as_ref();
        let http = metrics.value.http.as_ref();
        let scrape = scrape.and_then(|scrape| scrape.value.port.as_ref());
        scrape
            .into_iter()
            .chain(http.and_then(|http| http.value.port.as_ref()))
    });
    for port in checks.chain(analyses) {
        match &port.value {
            Port::Number(0) => cx.error(RULE.code, port.span, "0 is no port: 1 to 65535", "not a port"),
            Port::Named(name) if name.is_empty() => {
                cx.error(RULE.code, port.span, "the port's name is empty", "empty")
            }
            _ => {}
        }
    }
}
