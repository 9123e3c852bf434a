//! Shows a run as it goes: lines for people, a JSON line an event for programs.

use serde::Serialize;
use slipway_engine::{Event, Observer};
use slipway_model::RunId;

use crate::ui::Ui;

pub(crate) struct Talker(pub(crate) Ui);

#[derive(Serialize)]
struct Line<'a> {
    run: &'a RunId,
    #[serde(flatten)]
    event: &'a Event,
}

impl Observer for Talker {
    fn event(&self, run: &RunId, event: &Event) {
        if self.0.json() {
            self.0.event(&Line { run, event });
            return;
        }
        for line in slipway_report::words(event) {
            self.0.line(&line);
        }
    }
}
