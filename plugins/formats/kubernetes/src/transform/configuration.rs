//! Files of `configurations`: further places for the built-in transformers.

use super::{
    config::{Config, NameReferences},
    field_spec::FieldSpec,
};
use crate::{
    kustomization::{Fields, Report, field_spec},
    model::Gvk,
    problem::{Outcome, Problem, unless_wrong},
    yaml::{Node, read},
};

pub(crate) fn read_configuration(text: &str, file: &str) -> Outcome<Config> {
    let root = read(text).map_err(|malformed| Problem::malformed(file, malformed))?;
    let mut config = Config::default();
    let Some(root) = root else {
        return Ok(config);
    };
    let mut report = Report {
        file,
        problems: Vec::new(),
    };
    if let Some(mut fields) = Fields::of(&root, "", &mut report) {
        let mut specs = |key| fields.list(key, &mut report, spec);
        config = Config {
            name_prefix: specs("namePrefix"),
            name_suffix: specs("nameSuffix"),
            namespace: specs("namespace"),
            common_labels: specs("commonLabels"),
            labels: specs("labels"),
            template_labels: specs("templateLabels"),
            annotations: specs("commonAnnotations"),
            variables: specs("varReference"),
            images: specs("images"),
            replicas: specs("replicas"),
            name_references: fields.list("nameReference", &mut report, references),
        };
        fields.finish(&mut report);
    }
    config.sort();
    unless_wrong(config, report.problems)
}

fn spec(node: &Node, path: &str, report: &mut Report<'_>) -> FieldSpec {
    let written = field_spec(node, path, report);
    FieldSpec::new(written.gvk, &written.path, written.create)
}

fn references(node: &Node, path: &str, report: &mut Report<'_>) -> NameReferences {
    let Some(mut fields) = Fields::of(node, path, report) else {
        return NameReferences {
            gvk: Gvk::default(),
            referrers: Vec::new(),
        };
    };
    let references = NameReferences {
        gvk: Gvk {
            group: fields.text("group", report),
            version: fields.text("version", report),
            kind: fields.text("kind", report),
        },
        referrers: fields.list("fieldSpecs", report, spec),
    };
    fields.finish(report);
    references
}
