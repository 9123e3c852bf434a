//! The values that a manifest has for a package's parameters, which nobody could check before the package was there.

use slipway_manifest::Placement;
use slipway_model::Diagnostic;

use crate::{
    RunError,
    package::Package,
    project::{Invalid, Project},
};

/// Everything that is wrong with them, at its place in the manifest that has them.
pub(super) fn check(project: &Project, package: &Package, name: &str) -> Result<(), RunError> {
    let environments = project.manifest.environments.values();
    let placements = environments.filter_map(|environment| environment.dependencies.get(name));
    let diagnostics: Vec<_> = placements
        .flat_map(|placement| problems(project, package, placement))
        .collect();
    if diagnostics.is_empty() {
        return Ok(());
    }
    let sources = vec![(project.file.clone(), project.text.clone())];
    Err(RunError::invalid(Invalid { diagnostics, sources }))
}

fn problems(project: &Project, package: &Package, placement: &Placement) -> Vec<Diagnostic> {
    let values = &placement.values;
    let problem = |(name, value): (&String, &serde_json::Value)| {
        let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        let place = values.place(&pointer).unwrap_or_default();
        let file = &project.file;
        let Some(parameter) = package.parameters.get(name) else {
            let known: Vec<_> = package.parameters.keys().map(String::as_str).collect();
            let message = format!("{} has no parameter `{name}`", package.service);
            return Some(
                Diagnostic::error("invalid-value", message)
                    .label(file, place.key, "no such parameter")
                    .help(match known.as_slice() {
                        [] => format!("{} {} has no parameters", package.service, package.version),
                        known => format!("there are: {}", known.join(", ")),
                    }),
            );
        };
        let cause = parameter.check(value).err()?;
        let message = format!("the value of `{name}`: {cause}");
        let problem = Diagnostic::error("invalid-value", message).label(file, place.value, "not allowed");
        Some(if parameter.kind.holds_secrets() {
            problem.secret()
        } else {
            problem
        })
    };
    values.values.iter().filter_map(problem).collect()
}
