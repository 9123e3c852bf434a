//! Whether the schema of the settings says what there is to say, and is kept to.

use serde_json::{Value, json};
use slipway_plugin::{Call, FailureKind, PluginError};
use std::sync::Arc;

use crate::{Rule, calls::Verb, tape::Tape, weather::Weather};

/// A setting that nobody has.
const UNKNOWN: &str = "no-plugin-has-this-setting";

/// Settings that people may write.
pub(crate) fn examples(schema: &Value) -> &[Value] {
    schema["examples"].as_array().map_or(&[], Vec::as_slice)
}

pub(crate) fn schema(schema: &Value) -> Rule {
    let mut rule = Rule::new("the schema says what can be set, with examples");
    rule.holds(schema["type"] == "object", || {
        "its `type` is not `object`".to_owned()
    });
    rule.holds(schema["additionalProperties"] == false, || {
        "`additionalProperties` is not `false`: a mistyped setting would be passed over".to_owned()
    });
    rule.holds(!examples(schema).is_empty(), || "it has no `examples`".to_owned());
    for (name, setting) in schema["properties"].as_object().into_iter().flatten() {
        let described = setting["description"]
            .as_str()
            .is_some_and(|text| !text.is_empty());
        rule.holds(described, || format!("setting `{name}` has no `description`"));
    }
    rule
}

/// What people may write is taken, and nothing else, by the verb that looks at nothing but settings.
pub(crate) async fn are_taken(first: Option<&Verb>, examples: &[Value]) -> Rule {
    let mut rule = Rule::new("settings are taken as the schema says");
    let Some(first) = first else {
        return rule;
    };
    for example in examples {
        let call = || Call::new(Arc::new(Tape::new(Weather::Unreachable, None)));
        let said = first.call(call(), example).await;
        rule.holds(!is_invalid(&said), || {
            format!("{example} is refused: {}", shown(&said))
        });
        let mut more = example.clone();
        more[UNKNOWN] = json!(true);
        let said = first.call(call(), &more).await;
        rule.holds(is_invalid(&said), || {
            format!(
                "{}: an unknown setting is not refused as invalid: {}",
                first.name,
                shown(&said)
            )
        });
    }
    rule
}

fn is_invalid(said: &Result<Value, PluginError>) -> bool {
    matches!(said, Err(PluginError::Answered { failure, .. }) if failure.kind == FailureKind::Invalid)
}

fn shown(said: &Result<Value, PluginError>) -> String {
    match said {
        Ok(answer) => answer.to_string(),
        Err(error) => error.to_string(),
    }
}
