//! What is asked by HTTP is something that can be asked.

use super::{Rule, each, items, shown};
use crate::{
    decode::{At, Context},
    written::Document,
};

pub(super) const RULE: Rule = Rule {
    code: "invalid-http",
    about: "An HTTP request and its answer are possible.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    let mut report = |at: &At<String>, bad: bool, rule: &str| {
        if bad {
            cx.error(
                RULE.code,
                at.span,
                format!("`{}`: {rule}", shown(&at.value)),
                "not possible",
            );
        }
    };
    let path_wrong =
        |path: &str| !path.starts_with('/') || path.chars().any(|c| c.is_control() || c == ' ' || c == '#');
    let path_rule = "a path begins with `/` and holds no blanks, control characters and `#`";
    let pointer_wrong = |pointer: &str| !pointer.is_empty() && !pointer.starts_with('/');
    let pointer_rule = "a JSON pointer is empty or begins with `/`";
    for (_, _, analysis) in each(&document.analysis) {
        let Some(metrics) = analysis.metrics.as_ref().map(|metrics| &metrics.value) else {
            continue;
        };
        let scrape = metrics.scrape.as_ref();
        let http = metrics.http.as_ref();
        let scrape = scrape.and_then(|scrape| scrape.value.path.as_ref());
        for path in (scrape.into_iter()).chain(http.and_then(|http| http.value.path.as_ref())) {
            report(path, path_wrong(&path.value), path_rule);
        }
        if let Some(pointer) = &metrics.json {
            report(pointer, pointer_wrong(&pointer.value), pointer_rule);
        }
    }
    let mut statuses = Vec::new();
    for (_, _, check) in each(&document.check) {
        let Some(http) = check.http.as_ref().map(|http| &http.value) else {
            continue;
        };
        if let Some(path) = &http.path {
            report(path, path_wrong(&path.value), path_rule);
        }
        if let Some(method) = &http.method {
            let bad = method.value.is_empty() || !method.value.bytes().all(|byte| byte.is_ascii_alphabetic());
            report(method, bad, "a method is one word, such as `POST`");
        }
        for pointer in items(&http.json).filter_map(|json| json.value.pointer.as_ref()) {
            report(pointer, pointer_wrong(&pointer.value), pointer_rule);
        }
        for (name, value) in http.headers.iter().flat_map(|headers| &headers.value.0) {
            let token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            let bad =
                name.is_empty() || !name.bytes().all(token) || value.value.chars().any(char::is_control);
            report(
                value,
                bad,
                "a header field has a name of letters, digits and hyphens, and a value of one line",
            );
        }
        statuses.extend(http.status.iter().flat_map(|status| &status.value.0));
    }
    for status in statuses
        .into_iter()
        .filter(|status| !(100..=599).contains(&status.value))
    {
        cx.error(
            RULE.code,
            status.span,
            format!("{} is no HTTP status: 100 to 599", status.value),
            "not possible",
        );
    }
}
