//! `slipway plugin bench`.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use clap::Args;
use serde_json::json;
use slipway_conformance::{Measured, measure};
use slipway_host::Host;
use slipway_plugin::{Kind, PluginInfo, Plugins};
use slipway_report::table;

use crate::{commands::Done, context::Context, error::CommandError, plugins::Stock};

/// Measure what a plugin costs: to be compiled, to be loaded when it was, and to be called
///
/// Nothing is reached: what it does to the outside is answered here, and there is nothing to be found.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// A WebAssembly file
    file: PathBuf,
    /// How often each verb is called
    #[arg(long, default_value = "100")]
    calls: usize,
}

impl Bench {
    pub(super) async fn run(self, context: &Context) -> Done {
        let name = self.file.file_stem().unwrap_or_default().to_string_lossy();
        // Without a cache, as on a machine that has never seen it.
        let begun = Instant::now();
        let mut host = Host::default().with_native(context.operator.native());
        let info = host.add_path(&name, &self.file, None)?;
        described(&host, &info).await?;
        let compiled = begun.elapsed();
        let load = async || -> Result<(Stock, Duration), CommandError> {
            let begun = Instant::now();
            let stock = Stock::of_file(&self.file, context.operator.native())?;
            described(stock.host.as_ref(), &info).await?;
            Ok((stock, begun.elapsed()))
        };
        // The first fills the cache.
        load().await?;
        let (stock, loaded) = load().await?;
        let verbs = measure(stock.host.as_ref(), (info.kind, &info.name), self.calls).await?;
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        let document = json!({
            "kind": info.kind,
            "name": info.name,
            "size": info.size,
            "compile-us": micros(compiled),
            "load-us": micros(loaded),
            "verbs": verbs
                .iter()
                .map(|verb| json!({ "verb": verb.verb, "median-us": micros(verb.median), "effects": verb.effects }))
                .collect::<Vec<_>>(),
        });
        context.ui.answer(&document, || {
            let size = info.size.div_ceil(1024);
            let (kind, compiled, loaded) = (info.kind.name(), spent(compiled), spent(loaded));
            let rows: Vec<_> = verbs.iter().map(row).collect();
            let verbs = table(&["VERB", "A CALL", "EFFECTS"], &rows);
            format!(
                "{kind} {}: {size} KiB, compiled in {compiled}, loaded again in {loaded}\n\n{verbs}",
                info.name
            )
        });
        Ok(())
    }
}

/// Loaded, and asked what it is.
async fn described(host: &dyn Plugins, info: &PluginInfo) -> Result<(), CommandError> {
    let name = &info.name;
    match info.kind {
        Kind::Format => drop(host.format(name).await?),
        Kind::Target => drop(host.target(name).await?),
        Kind::Router => drop(host.router(name).await?),
        Kind::Check => drop(host.check(name).await?),
    }
    Ok(())
}

fn row(measured: &Measured) -> Vec<String> {
    vec![
        measured.verb.to_owned(),
        spent(measured.median),
        measured.effects.to_string(),
    ]
}

/// In the unit that a person would choose.
fn spent(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match time.as_micros() {
        0..1_000 => format!("{:.0} us", seconds * 1e6),
        1_000..1_000_000 => format!("{:.1} ms", seconds * 1e3),
        _ => format!("{seconds:.1} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_their_unit() {
        for (micros, expected) in [(7, "7 us"), (1_250, "1.2 ms"), (2_340_000, "2.3 s")] {
            assert_eq!(spent(Duration::from_micros(micros)), expected);
        }
    }
}
