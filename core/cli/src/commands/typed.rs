//! A run that asks is answered where it was begun, too: whoever sits there types what `slipway decide` would be told.

use std::{
    io::{BufRead as _, IsTerminal as _},
    sync::{Arc, OnceLock},
    thread,
};

use jiff::Timestamp;
use slipway_engine::{Ambient as _, Choice, Engine};
use slipway_journal::{Signal, Store};
use slipway_model::RunId;
use tokio::{sync::broadcast, task::JoinHandle};

use super::offered::offered;
use crate::{ambient::Real, commands::runs::records, context::Context, ui::Ui};

/// Listens until it is dropped.
pub(super) struct Listening(JoinHandle<()>);

/// To whoever sits at the terminal, if somebody does.
pub(super) fn listen(context: &Context, engine: &Engine, run: &RunId) -> Option<Listening> {
    if !context.ui.live() || !std::io::stdin().is_terminal() {
        return None;
    }
    let (store, run, ui) = (engine.store.clone(), run.clone(), context.ui);
    let mut lines = TYPED.get_or_init(read).subscribe();
    Some(Listening(tokio::spawn(async move {
        while let Ok(line) = lines.recv().await {
            hear(ui, &store, &run, line.trim()).await;
        }
    })))
}

/// Several runs may be under way in one terminal: each hears every line, and whichever asks takes it.
static TYPED: OnceLock<broadcast::Sender<String>> = OnceLock::new();

/// Nobody can end a read from a terminal: the thread ends with the program.
fn read() -> broadcast::Sender<String> {
    let typed = broadcast::Sender::new(16);
    let lines = typed.clone();
    thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            // Nobody listens between two runs.
            let _heard = lines.send(line);
        }
    });
    typed
}

async fn hear(ui: Ui, store: &Arc<dyn Store>, run: &RunId, word: &str) {
    let offered = match records(store, run).await {
        Ok(records) => offered(&records).unwrap_or_default(),
        Err(error) => return ui.note(&error.message),
    };
    let Some(choice) = offered.iter().find(|choice| choice.as_str() == word) else {
        if !offered.is_empty() {
            let words: Vec<_> = offered.into_iter().map(Choice::as_str).collect();
            ui.note(&format!("type one of {}", words.join(", ")));
        }
        return;
    };
    let signal = Signal {
        kind: choice.signal(),
        by: Real.who(),
        reason: String::new(),
        at: Timestamp::now(),
    };
    if let Err(error) = store.signal(run, signal).await {
        ui.note(&error.to_string());
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}
