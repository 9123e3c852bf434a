//! How far a long call is. Only news is recorded: another subject, another whole per cent, or twice as much. Which
//! reports are news depends on the reports alone, so that a call that is run again records the same.

use serde_json::json;
use slipway_plugin::EffectClass;

use crate::{bindings::imports::progress::Host, session::Session};

impl Host for Session {
    async fn report(&mut self, what: String, done: u64, total: Option<u64>) -> wasmtime::Result<()> {
        let step = step(done, total);
        if self.call.is_none()
            || self
                .reported
                .as_ref()
                .is_some_and(|(last, at)| *last == what && *at == step)
        {
            return Ok(());
        }
        self.reported = Some((what.clone(), step));
        let (plugin, what) = (self.plugin.clone(), self.plain(&what));
        let request = json!({ "what": what, "done": done, "total": total });
        let perform = async move {
            tracing::info!(target: "plugin", %plugin, done, total, "{what}");
            Ok(())
        };
        self.effect(("progress", "report"), EffectClass::Read, request, perform)
            .await
            .map(|_| ())
    }
}

fn step(done: u64, total: Option<u64>) -> u64 {
    match total {
        Some(total) if total > 0 => (u128::from(done.min(total)) * 100 / u128::from(total)) as u64,
        _ => u64::from(done.checked_ilog2().map_or(0, |log| log + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_reports_are_a_hundred_news() {
        let news = |total| {
            let mut steps: Vec<u64> = (0..=1_000_000).map(|done| step(done, total)).collect();
            steps.dedup();
            steps.len()
        };
        assert_eq!(news(Some(1_000_000)), 101);
        assert_eq!(news(None), 21);
        assert_eq!(step(u64::MAX, Some(u64::MAX)), 100);
        assert_eq!(step(7, Some(0)), 3);
    }
}
