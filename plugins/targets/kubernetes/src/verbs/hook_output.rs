//! What a hook or a task has written. Of each container the end, which says what came of it.

use serde_json::Value;
use slipway_kubernetes_api::list;
use slipway_sdk::{Failure, Place, log};

use super::{lists, read_logs};
use crate::{document::Object, inventory::Item, settings::Settings};

const LINES: usize = 50;
/// A line of the run's log has room for so many.
const BYTES: usize = 3800;

pub(super) fn tell(
    place: &Place<Settings>,
    object: &Object,
    item: &Item,
    moment: &str,
) -> Result<(), Failure> {
    let namespace = lists::namespace(item, &place.settings.namespace);
    let Some(pods) = lists::of_task(&object.id, item, namespace)? else {
        return Ok(());
    };
    for pod in list(&pods)? {
        for (title, text) in read_logs::endings(&pod, LINES)? {
            let text = ending(&text);
            log::emit(log::Level::Warn, &format!("{moment}: {title} says\n{text}"));
        }
    }
    Ok(())
}

/// By the container that a task is, which comes last.
pub(super) fn said(pod: &Value) -> Result<String, Failure> {
    let last = read_logs::endings(pod, LINES)?.pop();
    Ok(last.map_or_else(String::new, |(_, text)| ending(&text).to_owned()))
}

/// The last whole lines that there is room for.
fn ending(text: &str) -> &str {
    let text = text.trim_end();
    let first = text.ceil_char_boundary(text.len().saturating_sub(BYTES));
    match text[first..].split_once('\n') {
        Some((_, whole)) if first > 0 => whole,
        _ => &text[first..],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_log_is_told_in_whole_lines() {
        assert_eq!(ending("one\ntwo\n"), "one\ntwo");
        let long = format!("{}\nlast\n", "\u{fc}".repeat(BYTES));
        assert_eq!(ending(&long), "last");
        assert_eq!(ending(&"a".repeat(2 * BYTES)).len(), BYTES);
    }
}
