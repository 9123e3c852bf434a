//! Lines for the log: recorded, and passed on where the program's own messages go.

use serde_json::json;
use slipway_plugin::EffectClass;

use crate::{
    bindings::imports::log::{Host, Level},
    session::Session,
};

/// Characters of one line.
const LENGTH: usize = 4096;

impl Host for Session {
    async fn emit(&mut self, level: Level, message: String) -> wasmtime::Result<()> {
        let line = self.plain(&message);
        self.count_line(&line)?;
        if self.call.is_none() {
            return Ok(());
        }
        let name = match level {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        let plugin = self.plugin.clone();
        let request = json!({ "level": name, "message": line });
        let perform = async move {
            match level {
                Level::Debug => tracing::debug!(target: "plugin", %plugin, "{line}"),
                Level::Info => tracing::info!(target: "plugin", %plugin, "{line}"),
                Level::Warn => tracing::warn!(target: "plugin", %plugin, "{line}"),
                Level::Error => tracing::error!(target: "plugin", %plugin, "{line}"),
            }
            Ok(())
        };
        // A record that holds a failure would be somebody else's: there is nobody to tell it to.
        self.effect(("log", "emit"), EffectClass::Read, request, perform)
            .await
            .map(|_| ())
    }
}

/// Without what a terminal would obey or a reader would be misled by, and not too long.
pub(crate) fn printable(text: &str) -> String {
    let misleading = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let keep = |c: &char| matches!(c, '\n' | '\t') || !(c.is_control() || misleading(*c));
    let mut kept = text.chars().filter(keep);
    let line: String = kept.by_ref().take(LENGTH).collect();
    match kept.count() {
        0 => line,
        more => format!("{line}... ({more} characters more)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_cannot_command_a_terminal() {
        for (text, expected) in [
            (
                "plain, gr\u{fc}n, 2\nlines\tand a tab",
                "plain, gr\u{fc}n, 2\nlines\tand a tab",
            ),
            ("\u{1b}]0;title\u{7}\u{1b}[2J\rdone", "]0;title[2Jdone"),
            ("exe.\u{202e}gpj", "exe.gpj"),
            ("\u{9b}31m", "31m"),
        ] {
            assert_eq!(printable(text), expected);
        }
        let long = printable(&"a".repeat(LENGTH + 7));
        assert!(long.ends_with("a... (7 characters more)"), "{long}");
    }
}
