//! How long the verbs of a plugin take, where there is nothing to be found: what it costs itself.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde::Serialize;
use slipway_plugin::{Call, Kind, PluginError, Plugins};

use crate::{calls::verbs, settings, tape::Tape, weather::Weather};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Measured {
    pub verb: &'static str,
    /// Of all calls, the one in the middle.
    pub median: Duration,
    /// What it does to the outside in one of them.
    pub effects: usize,
}

/// Each verb as often as `calls` says, at least once, with the first example of its settings. An error: there is no such plugin, it
/// cannot be loaded, or has no example.
pub async fn measure(
    plugins: &dyn Plugins,
    (kind, name): (Kind, &str),
    calls: usize,
) -> Result<Vec<Measured>, PluginError> {
    let schema = plugins.settings_schema(kind, name).await?;
    let Some(settings) = settings::examples(&schema).first() else {
        return Err(PluginError::Load {
            plugin: name.to_owned(),
            cause: "its schema has no example of settings".to_owned(),
        });
    };
    let mut measured = Vec::new();
    for verb in verbs(plugins, kind, name).await? {
        let mut times = Vec::new();
        let mut effects = 0;
        for _ in 0..calls.max(1) {
            let tape = Arc::new(Tape::new(Weather::Empty, None));
            let begun = Instant::now();
            // That there is nothing may well be a failure, which takes its time as well.
            drop(verb.call(Call::new(tape.clone()), settings).await);
            times.push(begun.elapsed());
            effects = tape.effects().len();
        }
        times.sort();
        measured.push(Measured {
            verb: verb.name,
            median: times[times.len() / 2],
            effects,
        });
    }
    Ok(measured)
}
