//! Shows a run as it goes: a line an event for people, a JSON line an event for programs.

use serde::Serialize;
use slipway_engine::{Event, Observer, judge::Outcome};
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
        let ui = &self.0;
        if ui.json() {
            return ui.event(&Line { run, event });
        }
        match event {
            Event::StepStarted { step, service, environment } => {
                let place = environment.as_ref().map_or(String::new(), |environment| format!(" in {environment}"));
                ui.say(&format!("{step} {service}{place}"));
            }
            Event::StepFinished { summary, .. } => ui.good(&format!("  {summary}")),
            Event::Artifact { name, digest, size, summary, copied } => {
                let how = if *copied { "copied" } else { "already there" };
                ui.say(&format!("  {name}: {summary} ({how}, {size} bytes, {})", digest.short()));
            }
            Event::Packaged { .. } => {}
            Event::Adapted { files, .. } => ui.say(&format!("  {files} files generated")),
            Event::Planned { plan } => {
                for note in &plan.notes {
                    ui.note(note);
                }
            }
            Event::ActionStarted { position, of, words } => ui.say(&format!("  [{position}/{of}] {words}")),
            Event::ActionFinished { .. } => {}
            Event::Judged { verdict } => {
                let text = format!("        {}: {}: {}", verdict.name, verdict.outcome.word(), verdict.detail);
                if verdict.outcome == Outcome::Pass { ui.dim(&text) } else { ui.bad(&text) }
            }
            Event::Waiting { reason } => ui.note(&format!("waiting for {reason}")),
            Event::Told { signal, by, reason } => ui.note(&format!("{signal} by {by}{}", told(reason))),
            Event::Failed { cause, hint } => {
                ui.bad(&format!("  {cause}"));
                if let Some(hint) = hint {
                    ui.say(&format!("  help: {hint}"));
                }
            }
            Event::RollingBack { actions } => {
                ui.bad(&format!("  rolling back: {}", actions.join("; ")));
            }
            Event::Archived { entry } => ui.dim(&format!("  archived as {}", entry.short())),
            Event::Note { text } => ui.note(text),
        }
    }
}

fn told(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(": {reason}") }
}
