//! What a person sees of a demo: each command, what it says, and what its users got meanwhile.

use slipway_testing::{Load, Tally};
use slipway_tests::{Bench, program};

/// A demo: a bench, the service that is deployed on it, and how many requests a second its users make.
pub(crate) struct Show<'a> {
    pub(crate) bench: &'a Bench,
    pub(crate) service: &'static str,
    pub(crate) url: String,
    pub(crate) rate: u32,
}

impl Show<'_> {
    /// Runs the command with its talk on the screen.
    pub(crate) fn expect(&self, arguments: &[&str], code: i32) -> Result<(), String> {
        eprintln!("$ slipway {}", arguments.join(" "));
        let status = self
            .bench
            .command(&program("slipway"), self.service, arguments)
            .status()
            .map_err(|error| error.to_string())?;
        if status.code() == Some(code) {
            return Ok(());
        }
        Err(format!(
            "`slipway {}` ended with {status}, expected {code}",
            arguments.join(" ")
        ))
    }

    pub(crate) async fn under_load(&self, arguments: &[&str], code: i32) -> Result<Tally, String> {
        let load = Load::start(&self.url, self.rate, 50.min(self.rate));
        let done = tokio::task::block_in_place(|| self.expect(arguments, code));
        let tally = load.finish().await;
        eprintln!(
            "  {} requests at {:.0}/s, {} without an answer; {:?}",
            tally.sent,
            tally.rate(),
            tally.failed,
            tally.answers
        );
        done.map(|()| tally)
    }
}

pub(crate) fn title(text: &str) {
    eprintln!("\n== {text}");
}

pub(crate) fn flawless(tally: &Tally) -> Result<(), String> {
    if tally.bad() == 0 {
        Ok(())
    } else {
        Err(format!("{} bad answers: {tally:?}", tally.bad()))
    }
}
