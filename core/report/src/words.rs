//! The events of a run in words: the same while it goes and when its journal is read later.

use slipway_engine::{Choice, Event, judge::Outcome};
use slipway_model::EnvironmentName;

/// How a line is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Good,
    Bad,
    /// Worth a person's attention.
    Note,
    /// Worth knowing only to whoever looks closely.
    Dim,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub tone: Tone,
    pub text: String,
}

/// What a person reads of an event; nothing of those that another one repeats.
pub fn words(event: &Event) -> Vec<Line> {
    let line = |tone, text: String| vec![Line { tone, text }];
    match event {
        Event::StepStarted {
            step,
            service,
            environment,
        } => {
            let place = environment
                .as_ref()
                .map_or(String::new(), |environment| format!(" in {environment}"));
            line(Tone::Plain, format!("{step} {service}{place}"))
        }
        // A refusal is told as the cause of the failure.
        Event::Timed {
            opening,
            reason: None,
            ..
        } if !opening.open => Vec::new(),
        Event::Timed {
            opening,
            reason: None,
            ..
        } => line(Tone::Dim, opening.to_string()),
        Event::Timed {
            opening,
            by,
            reason: Some(reason),
        } => line(Tone::Note, format!("{opening}; {by} goes ahead: {reason}")),
        Event::StepFinished { summary, .. } => line(Tone::Good, format!("  {summary}")),
        Event::Artifact {
            name,
            digest,
            size,
            summary,
            copied,
        } => {
            let how = if *copied { "copied" } else { "already there" };
            line(
                Tone::Plain,
                format!("  {name}: {summary} ({how}, {size} bytes, {})", digest.short()),
            )
        }
        Event::Trusted { verdict } => line(Tone::Dim, format!("  {verdict}")),
        Event::Packaged { .. } | Event::ActionFinished { .. } => Vec::new(),
        Event::Adapted { files, .. } => line(Tone::Plain, format!("  {files} files generated")),
        Event::Planned { plan } => plan
            .notes
            .iter()
            .map(|note| Line {
                tone: Tone::Note,
                text: note.clone(),
            })
            .collect(),
        Event::ActionStarted { position, of, words } => {
            line(Tone::Plain, format!("  [{position}/{of}] {words}"))
        }
        // Anything but a pass is the cause of a failure, which is told next.
        Event::Judged { verdict } if verdict.outcome != Outcome::Pass => {
            let lines = verdict.lines.iter().map(|text| Line {
                tone: Tone::Plain,
                text: format!("        {text}"),
            });
            lines.collect()
        }
        Event::Judged { verdict } => line(
            Tone::Dim,
            format!("        {}: pass: {}", verdict.name, verdict.detail),
        ),
        Event::Waiting { reason } => line(Tone::Note, format!("waiting for {reason}")),
        Event::Told { signal, by, reason } => {
            let why = if reason.is_empty() {
                String::new()
            } else {
                format!(": {reason}")
            };
            line(Tone::Note, format!("{signal} by {by}{why}"))
        }
        Event::Failed { cause, hint } => {
            let hint = hint.iter().map(|hint| Line {
                tone: Tone::Plain,
                text: format!("  help: {hint}"),
            });
            line(Tone::Bad, format!("  {cause}"))
                .into_iter()
                .chain(hint)
                .collect()
        }
        Event::Asked {
            environment,
            cause,
            hint,
            choices,
            ..
        } => asked(environment, cause, hint.as_deref(), choices),
        Event::Excluded { instances } => {
            let names: Vec<_> = instances.iter().map(ToString::to_string).collect();
            line(Tone::Note, format!("  going on without {}", names.join(", ")))
        }
        Event::RollingBack { actions } if actions.is_empty() => {
            line(Tone::Bad, "  there is nothing to roll back".to_owned())
        }
        Event::RollingBack { .. } => line(Tone::Bad, "  rolling back".to_owned()),
        Event::PointOfNoReturn { hook } => line(
            Tone::Note,
            format!("  from here on nothing goes back by itself: hook {hook}"),
        ),
        Event::Archived { entry } => line(Tone::Dim, format!("  archived as {}", entry.short())),
        Event::Note { text } => line(Tone::Note, text.clone()),
    }
}

fn asked(environment: &EnvironmentName, cause: &str, hint: Option<&str>, choices: &[Choice]) -> Vec<Line> {
    let line = |tone, text| Line { tone, text };
    let mut lines = vec![line(Tone::Bad, format!("  {cause}"))];
    lines.extend(hint.map(|hint| line(Tone::Plain, format!("  help: {hint}"))));
    lines.push(line(
        Tone::Note,
        "waiting for somebody who says how it goes on:".to_owned(),
    ));
    let longest = choices
        .iter()
        .map(|choice| choice.as_str().len())
        .max()
        .unwrap_or(0);
    lines.extend(choices.iter().map(|choice| {
        let text = format!(
            "  slipway decide {environment} {:longest$}  {}",
            choice.as_str(),
            choice.words()
        );
        line(Tone::Note, text)
    }));
    lines
}
