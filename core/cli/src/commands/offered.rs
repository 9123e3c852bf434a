//! What a run offers that has failed and asks.

use slipway_engine::{Choice, Event};
use slipway_journal::{Entry, Record};

/// Of the question that is open, if one is.
pub(super) fn offered(records: &[Record]) -> Option<Vec<Choice>> {
    for record in records.iter().rev() {
        match &record.entry {
            Entry::Continued { .. } | Entry::Ended { .. } => return None,
            Entry::Event { data, .. } => {
                if let Ok(Event::Asked { choices, .. }) = serde_json::from_value(data.clone()) {
                    return Some(choices);
                }
            }
            _ => {}
        }
    }
    None
}
