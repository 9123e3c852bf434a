//! All rules, one after the other.

use std::sync::Arc;

use serde_json::Value;
use slipway_plugin::{Call, Effect, EffectClass, Kind, PluginError, Plugins, RecordError};

use crate::{
    Rule,
    calls::{Answer, Verb, verbs},
    settings,
    tape::Tape,
    weather::Weather,
};

/// Effects of one call before each of which it is stopped once.
const STOPS: usize = 20;

/// How one plugin keeps what every plugin has to. An error: there is none, or it cannot be loaded.
pub async fn conform(plugins: &dyn Plugins, kind: Kind, name: &str) -> Result<Vec<Rule>, PluginError> {
    let verbs = verbs(plugins, kind, name).await?;
    let schema = plugins.settings_schema(kind, name).await?;
    let examples = settings::examples(&schema);
    let mut rules = vec![settings::schema(&schema)];
    // What a format is told of settings is still full of templates when it is asked first.
    let first = verbs.first().filter(|_| kind != Kind::Format);
    rules.push(settings::are_taken(first, examples).await);
    rules.extend(in_every_weather(&verbs, examples).await);
    Ok(rules)
}

async fn in_every_weather(verbs: &[Verb], examples: &[Value]) -> [Rule; 5] {
    let mut answers = Rule::new("every call is answered, whatever the world answers");
    let mut reasons = Rule::new("failures say why, in one line");
    let mut effects = Rule::new("verbs that look change nothing, and what is renewed may be repeated");
    let mut again = Rule::new("the same is done again where the same is answered");
    let mut stops = Rule::new("a call ends where the run is told to stop");
    for settings in examples {
        for verb in verbs {
            for weather in Weather::ALL {
                let at = || format!("{}, where {}", verb.name, weather.name());
                let (said, had) = ask(verb, settings, weather, None).await;
                answers.holds(is_answer(&said), || format!("{}: {}", at(), error(&said)));
                if let Err(PluginError::Answered { failure, .. }) = &said {
                    let text = &failure.message;
                    let good = !text.trim().is_empty() && !text.contains('\n');
                    reasons.holds(good, || format!("{}: {text:?}", at()));
                }
                let most = had.iter().find(|effect| rank(effect.class) > rank(verb.most));
                effects.holds(most.is_none(), || {
                    let most = most.map(Effect::to_string).unwrap_or_default();
                    format!("{}: {most}", at())
                });
                let (said_again, had_again) = ask(verb, settings, weather, None).await;
                let same = document(&said) == document(&said_again) && had == had_again;
                again.holds(same, at);
                for stop in 0..had.len().min(STOPS) {
                    let (stopped, _) = ask(verb, settings, weather, Some(stop)).await;
                    let ended = matches!(
                        &stopped,
                        Err(PluginError::Record {
                            source: RecordError::Stopped,
                            ..
                        })
                    );
                    stops.holds(ended, || {
                        format!("{}, at its effect {stop}: {}", at(), error(&stopped))
                    });
                }
            }
        }
    }
    [answers, reasons, effects, again, stops]
}

async fn ask(
    verb: &Verb,
    settings: &Value,
    weather: Weather,
    stop_at: Option<usize>,
) -> (Answer, Vec<Effect>) {
    let tape = Arc::new(Tape::new(weather, stop_at));
    let said = verb.call(Call::new(tape.clone()), settings).await;
    (said, tape.effects())
}

/// The plugin said so itself.
fn is_answer(said: &Answer) -> bool {
    matches!(said, Ok(_) | Err(PluginError::Answered { .. }))
}

fn document(said: &Answer) -> Result<&Value, String> {
    said.as_ref().map_err(ToString::to_string)
}

fn error(said: &Answer) -> String {
    match said {
        Ok(_) => "it went on".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn rank(class: EffectClass) -> u8 {
    match class {
        EffectClass::Read => 0,
        EffectClass::Idempotent => 1,
        EffectClass::Once => 2,
    }
}
