//! What more than one kind needs: failures and documents, and one verb asked.

use serde_json::Value;
use slipway_plugin::{Failure, FailureKind, Need, NoNeed, Place, PluginError};

use crate::{
    bindings::imports::types,
    limits,
    loaded::{Loaded, Turn},
    words,
};

/// Bytes of a schema: the largest of ours has a tenth of it.
const SCHEMA: usize = 256 << 10;

/// Asks one verb in a fresh instance: gives the turn, for what is to be said of the answer, and the answer. Without a
/// call the verb may have no effects.
macro_rules! ask {
    ($self:ident, $call:ident, $verb:literal, $interface:ident.$function:ident($($argument:expr),*)) => {{
        let mut turn = $self.plugin.turn($verb, Option::from($call))?;
        let answer = told!($self.guest, turn, $interface.$function($($argument),*));
        let answer = turn.end_answered(answer)?;
        (turn, answer)
    }};
}
pub(super) use ask;

/// The one place where components and native libraries differ: what a guest tells when one function is called.
macro_rules! told {
    ($guest:expr, $turn:ident, $interface:ident.$function:ident($($argument:expr),*)) => {
        match &$guest {
            Guest::Component(guest) => {
                async {
                    let guest = guest.instantiate_async(&mut $turn.store).await?;
                    guest.$interface().$function(&mut $turn.store, $($argument),*).await
                }
                .await
            }
            Guest::Native(library) => {
                let verb = $turn.verb;
                library.ask($turn.store.data_mut(), verb, &($($argument,)*)).await
            }
        }
    };
}
pub(super) use told;

/// A document that the plugin wrote.
pub(super) fn document(turn: &Turn, what: &str, text: &str) -> Result<Value, PluginError> {
    serde_json::from_str(text).map_err(|error| turn.nonsense(what, &error))
}

/// What the plugin says it wants granted.
pub(super) fn needs(plugin: &Loaded, words: &[String]) -> Result<Vec<Need>, PluginError> {
    let needs = words.iter().map(|need| need.parse());
    needs
        .collect::<Result<_, NoNeed>>()
        .map_err(|unknown| plugin.load(words::line(&unknown.to_string())))
}

/// Of its settings: bounded, and whole by itself, because nothing is fetched for it.
pub(super) fn schema(turn: &Turn, text: &str) -> Result<Value, PluginError> {
    const WHAT: &str = "settings-schema";
    if text.len() > SCHEMA {
        let most = limits::bytes(SCHEMA);
        return Err(turn.nonsense(WHAT, &format!("{} bytes, at most {most} are taken", text.len())));
    }
    let schema = document(turn, WHAT, text)?;
    if !schema.is_object() && !schema.is_boolean() {
        return Err(turn.nonsense(WHAT, &"a JSON Schema is an object"));
    }
    match elsewhere(&schema) {
        Some(reference) => {
            let problem = format!("`{reference}` is elsewhere, and a schema refers to itself alone (`#...`)");
            Err(turn.nonsense(WHAT, &problem))
        }
        None => Ok(schema),
    }
}

/// What a schema refers to outside of itself.
fn elsewhere(schema: &Value) -> Option<&str> {
    match schema {
        Value::Object(members) => {
            let reference = ["$ref", "$dynamicRef", "$recursiveRef"].iter();
            let found = reference
                .filter_map(|key| members.get(*key)?.as_str())
                .find(|reference| !reference.starts_with('#'));
            found.or_else(|| members.values().find_map(elsewhere))
        }
        Value::Array(items) => items.iter().find_map(elsewhere),
        _ => None,
    }
}

/// A name or a digest that the plugin wrote.
pub(super) fn parsed<T>(turn: &Turn, what: &str, text: &str) -> Result<T, PluginError>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    text.parse().map_err(|error| turn.nonsense(what, &error))
}

impl From<types::Failure> for Failure {
    fn from(failure: types::Failure) -> Self {
        let kind = match failure.kind {
            types::FailureKind::Invalid => FailureKind::Invalid,
            types::FailureKind::Unsupported => FailureKind::Unsupported,
            types::FailureKind::Refused => FailureKind::Refused,
            types::FailureKind::Unavailable => FailureKind::Unavailable,
            types::FailureKind::Failed => FailureKind::Failed,
        };
        Self {
            kind,
            message: failure.message,
            hint: failure.hint,
        }
    }
}

impl From<Failure> for types::Failure {
    fn from(failure: Failure) -> Self {
        let kind = match failure.kind {
            FailureKind::Invalid => types::FailureKind::Invalid,
            FailureKind::Unsupported => types::FailureKind::Unsupported,
            FailureKind::Refused => types::FailureKind::Refused,
            FailureKind::Unavailable => types::FailureKind::Unavailable,
            FailureKind::Failed => types::FailureKind::Failed,
        };
        Self {
            kind,
            message: failure.message,
            hint: failure.hint,
        }
    }
}

impl From<&Place> for types::Place {
    fn from(place: &Place) -> Self {
        Self {
            service: place.service.to_string(),
            environment: place.environment.to_string(),
            settings: place.settings.to_string(),
        }
    }
}
