//! Bytes on their way between registries: bars on a terminal, nothing elsewhere (events tell what was copied).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use slipway_model::Digest;
use slipway_registry::{Event, Progress, Silent};

use crate::ui::Ui;

struct Bars {
    all: MultiProgress,
    bars: Mutex<HashMap<Digest, ProgressBar>>,
}

/// Smaller ones are there before a bar could be read.
const WORTH_SHOWING: u64 = 1 << 20;

pub(crate) fn progress(ui: Ui) -> Arc<dyn Progress> {
    if ui.live() {
        Arc::new(Bars {
            all: MultiProgress::new(),
            bars: Mutex::default(),
        })
    } else {
        Arc::new(Silent)
    }
}

impl Progress for Bars {
    fn event(&self, event: Event) {
        let mut bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Started { digest, size, offset } if size >= WORTH_SHOWING => {
                let style = ProgressStyle::with_template(
                    "  {prefix} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec}",
                );
                let bar = self.all.add(
                    ProgressBar::new(size)
                        .with_prefix(digest.short())
                        .with_position(offset),
                );
                if let Ok(style) = style {
                    bar.set_style(style);
                }
                bars.insert(digest, bar);
            }
            Event::Started { .. } | Event::AlreadyThere { .. } => {}
            Event::Moved { digest, bytes } => {
                if let Some(bar) = bars.get(&digest) {
                    bar.inc(bytes);
                }
            }
            Event::Restarted { digest } => {
                if let Some(bar) = bars.get(&digest) {
                    bar.reset();
                }
            }
            Event::Done { digest } => {
                if let Some(bar) = bars.remove(&digest) {
                    bar.finish_and_clear();
                }
            }
        }
    }
}
