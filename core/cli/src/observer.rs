//! Shows a run as it goes: lines for people, a JSON line an event for programs.

use std::io::IsTerminal as _;

use serde::Serialize;
use slipway_engine::{Event, Observer};
use slipway_model::RunId;

use crate::ui::Ui;

pub(crate) struct Talker {
    ui: Ui,
    /// Before each line, where several services are under way.
    of: Option<String>,
}

#[derive(Serialize)]
struct Line<'a> {
    run: &'a RunId,
    #[serde(flatten)]
    event: &'a Event,
}

impl Talker {
    pub(crate) fn new(ui: Ui) -> Self {
        Self { ui, of: None }
    }

    /// For one of several; of one that is alone, nothing is said.
    pub(crate) fn of<'a>(ui: Ui, whom: impl IntoIterator<Item = &'a str>) -> Self {
        let whom: Vec<_> = whom.into_iter().collect();
        let of = Some(whom.join(" ")).filter(|whom| !whom.is_empty());
        Self { ui, of }
    }
}

impl Observer for Talker {
    fn event(&self, run: &RunId, event: &Event) {
        if self.ui.json() {
            self.ui.event(&Line { run, event });
            return;
        }
        for line in slipway_report::words(event) {
            self.ui.line(&line, self.of.as_deref());
        }
        if matches!(event, Event::Asked { .. }) && self.ui.live() && std::io::stdin().is_terminal() {
            self.ui.note("or type it here");
        }
    }
}
