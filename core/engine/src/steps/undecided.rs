//! What an environment still has to decide before it can be adapted. Only looks.

use serde_json::Value;
use slipway_config::{Declaration, Layer, Rank, Values};
use slipway_manifest::Parameter;

use super::{
    adapt::inputs,
    desk::{Adaptation, Desk},
};
use crate::{
    Caller, Engine, RunError,
    project::{Invalid, Project},
};

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Undecided {
    /// Those that have no value from anywhere, in the order of their declaration.
    pub parameters: Vec<(String, Parameter)>,
    /// The names of all secrets that are referred to; whether the operator has them is not looked at.
    pub secrets: Vec<String>,
}

/// Whether the values that there are fit is not looked at.
pub async fn undecided(
    engine: &Engine,
    project: &Project,
    adaptation: &Adaptation,
) -> Result<Undecided, RunError> {
    let (environment, package) = inputs(engine, project, adaptation).await?;
    let desk = Desk {
        engine,
        project,
        environment,
        package: &package,
        adaptation,
    };
    let (overlays, mut sources) = desk.overlays(Caller::Look)?;
    sources.push((project.file.clone(), project.text.clone()));
    let invalid = |diagnostics| RunError::invalid(Invalid { diagnostics, sources });
    let (mut layers, problems) = desk.layers(&overlays)?;
    if !problems.is_empty() {
        return Err(invalid(problems));
    }
    let parameters = &package.parameters;
    // Below all that people wrote, so that it is left where nobody wrote anything: no file can say `null`.
    let nothing = parameters
        .iter()
        .filter(|(_, parameter)| parameter.default.is_none() && !parameter.is_secret())
        .map(|(name, _)| (name.clone(), Value::Null));
    layers.push(Layer::given(Rank::Default, "undecided", nothing));
    let any = |value: &Value| Ok(value.clone());
    let declarations: Vec<_> = parameters
        .iter()
        .map(|(name, parameter)| Declaration {
            name,
            help: None,
            secret: parameter.is_secret(),
            at: None,
            check: &any,
        })
        .collect();
    let values = Values::resolve(&declarations, &layers).map_err(invalid)?;
    let mut undecided = Undecided::default();
    for (name, resolved) in values.iter() {
        if resolved.secret {
            let reference = resolved
                .value
                .as_str()
                .and_then(|text| text.strip_prefix("${secret."));
            let secret = reference.and_then(|rest| rest.strip_suffix('}'));
            undecided.secrets.extend(secret.map(str::to_owned));
        } else if resolved.value.is_null() {
            undecided
                .parameters
                .push((name.to_owned(), parameters[name].clone()));
        }
    }
    Ok(undecided)
}
