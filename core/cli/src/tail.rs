//! Reading logs on: of several instances in the order of the times that their lines bear, of instances that come later,
//! and past those that end.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use jiff::Timestamp;
use serde_json::json;
use slipway_engine::{RunError, steps::View};
use slipway_model::InstanceName;
use slipway_plugin::LogChunk;

use crate::{
    error::CommandError,
    log_time::time_of,
    ui::{Reader, Ui},
};

pub(crate) enum What {
    Router,
    Instance(InstanceName),
    /// All that there are, and those that come.
    Instances,
}

/// Between two looks for more.
const PAUSE: Duration = Duration::from_millis(500);
/// So many looks for more are one look for other instances.
const LOOKS: u32 = 4;

pub(crate) struct Tail {
    ui: Ui,
    view: View,
    what: What,
    /// Whether a line that has not ended is waited for.
    more: bool,
    sources: BTreeMap<String, Source>,
    /// Something cannot be seen now, and this was said.
    blind: bool,
}

/// A log, as far as it was read.
#[derive(Default)]
struct Source {
    /// The router has none.
    instance: Option<InstanceName>,
    cursor: String,
    /// The beginning of a line that has not ended.
    begun: Vec<u8>,
    lines: VecDeque<Line>,
    /// The time of its last line that had one.
    at: Option<Timestamp>,
    /// Everything that there is was read.
    end: bool,
}

struct Line {
    at: Option<Timestamp>,
    text: String,
}

impl Tail {
    pub(crate) fn new(ui: Ui, view: View, what: What, more: bool) -> Self {
        let named = match &what {
            What::Router => Some(("router".to_owned(), Source::default())),
            What::Instance(name) => Some((name.to_string(), Source::of(name.clone()))),
            What::Instances => None,
        };
        let sources = named.into_iter().collect();
        Self {
            ui,
            view,
            what,
            more,
            sources,
            blind: false,
        }
    }

    /// Everything that there is now.
    pub(crate) async fn print(&mut self) -> Result<(), CommandError> {
        self.discover().await?;
        self.catch_up().await.map(drop).map_err(CommandError::from)
    }

    /// The same, and everything that comes, until nobody reads any more. What cannot be seen for a while does not end
    /// it: an agent that is replaced, an instance that has gone.
    pub(crate) async fn follow(&mut self) -> Result<(), CommandError> {
        self.discover().await?;
        let mut reader = self.catch_up().await?;
        for look in 1_u32.. {
            if reader == Reader::Gone || self.ui.reader() == Reader::Gone {
                break;
            }
            tokio::time::sleep(PAUSE).await;
            let looked = async {
                if look.is_multiple_of(LOOKS) {
                    self.discover().await?;
                }
                self.catch_up().await
            };
            match looked.await {
                Ok(found) => (reader, self.blind) = (found, false),
                Err(error) if self.blind => tracing::debug!(%error, "still nothing to be seen"),
                Err(error) => {
                    self.blind = true;
                    self.ui.note(&format!("{error}; looking again until it works"));
                }
            }
        }
        Ok(())
    }

    /// Instances that have come; those that are not there any more are read to their end and left.
    async fn discover(&mut self) -> Result<(), RunError> {
        if !matches!(self.what, What::Instances) {
            return Ok(());
        }
        let there = self.view.instances().await?;
        let gone = |name: &String| !there.iter().any(|instance| instance.name.as_str() == name);
        let left: Vec<_> = self.sources.keys().filter(|name| gone(name)).cloned().collect();
        for name in left {
            // It may have had last words; its log may have gone with it as well.
            let read = self.refill(&name).await;
            tracing::debug!(%name, well = read.is_ok(), "the instance is not there any more");
            while let Some((name, line)) = self.next_of(&name) {
                self.show(&name, &line);
            }
            self.sources.remove(&name);
        }
        for instance in there {
            let name = instance.name;
            self.sources
                .entry(name.to_string())
                .or_insert_with(|| Source::of(name));
        }
        Ok(())
    }

    /// Everything that came since the last look, the earliest line first.
    async fn catch_up(&mut self) -> Result<Reader, RunError> {
        self.sources.values_mut().for_each(|source| source.end = false);
        loop {
            let hungry: Vec<_> = self
                .sources
                .iter()
                .filter(|(_, source)| source.lines.is_empty() && !source.end)
                .map(|(name, _)| name.clone())
                .collect();
            for name in hungry {
                self.refill(&name).await?;
            }
            let earliest = self
                .sources
                .iter()
                .filter_map(|(name, source)| Some((source.lines.front()?.at, name)))
                .min();
            let Some((_, name)) = earliest else {
                return Ok(Reader::There);
            };
            let name = name.clone();
            if let Some((name, line)) = self.next_of(&name)
                && self.show(&name, &line) == Reader::Gone
            {
                return Ok(Reader::Gone);
            }
        }
    }

    /// Reads until there is a line, or nothing more.
    async fn refill(&mut self, name: &str) -> Result<(), RunError> {
        let Some(source) = self.sources.get_mut(name) else {
            return Ok(());
        };
        while source.lines.is_empty() && !source.end {
            let chunk = match &source.instance {
                Some(instance) => self.view.logs(instance, &source.cursor).await?,
                None => self.view.access_log(&source.cursor).await?,
            };
            source.take(chunk, self.more);
        }
        Ok(())
    }

    fn next_of(&mut self, name: &str) -> Option<(String, String)> {
        let line = self.sources.get_mut(name)?.lines.pop_front()?;
        Some((name.to_owned(), line.text))
    }

    /// The source is named where there may be several.
    fn show(&self, source: &str, line: &str) -> Reader {
        if self.ui.json() {
            return self.ui.record(&json!({ "source": source, "line": line }));
        }
        match self.what {
            What::Instances => self.ui.print(&format!("{source}: {line}")),
            What::Router | What::Instance(_) => self.ui.print(line),
        }
    }
}

impl Source {
    fn of(instance: InstanceName) -> Self {
        Self {
            instance: Some(instance),
            ..Self::default()
        }
    }

    /// Whole lines; the rest of the last one waits for more, or is a line where nothing more is waited for.
    fn take(&mut self, LogChunk { content, next, end }: LogChunk, more: bool) {
        self.end = end || content.is_empty();
        self.cursor = next;
        self.begun.extend_from_slice(&content);
        let whole = match self.begun.iter().rposition(|byte| *byte == b'\n') {
            _ if self.end && !more => self.begun.len(),
            Some(last) => last + 1,
            None => 0,
        };
        let rest = self.begun.split_off(whole);
        let text = std::mem::replace(&mut self.begun, rest);
        for line in String::from_utf8_lossy(&text).lines() {
            // What bears no time belongs to what stands before it.
            self.at = time_of(line).or(self.at);
            let (at, text) = (self.at, line.to_owned());
            self.lines.push_back(Line { at, text });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(content: &str, end: bool) -> LogChunk {
        LogChunk {
            content: content.into(),
            next: "next".to_owned(),
            end,
        }
    }

    fn taken(source: &mut Source) -> Vec<(bool, String)> {
        let lines = source.lines.drain(..);
        lines.map(|line| (line.at.is_some(), line.text)).collect()
    }

    #[test]
    fn lines_are_whole_and_keep_their_time() {
        let mut source = Source::default();
        source.take(chunk("first\n2026-01-01T00:00:00Z sec", true), true);
        assert_eq!(taken(&mut source), [(false, "first".to_owned())]);
        source.take(chunk("ond\n  at main\nthi", true), true);
        assert_eq!(
            taken(&mut source),
            [
                (true, "2026-01-01T00:00:00Z second".to_owned()),
                (true, "  at main".to_owned())
            ]
        );
        // Whoever waits for nothing more gets what there is.
        source.take(chunk("rd", true), false);
        assert_eq!(taken(&mut source), [(true, "third".to_owned())]);
        assert!(source.begun.is_empty() && source.end);
    }
}
