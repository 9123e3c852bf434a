//! The parts of a kustomization that select resources: patches, replacements, variables.

use super::{
    fields::{Fields, Report},
    parts::{
        FieldOptions, FieldSpecWritten, Located, Patch, Replacement, ReplacementSource, Selector, Source,
        Target, Variable,
    },
};
use crate::{model::Gvk, yaml::Node};

pub(crate) fn patch(node: &Node, path: &str, report: &mut Report<'_>) -> Patch {
    let Some(mut fields) = Fields::of(node, path, report) else {
        return Patch::default();
    };
    let mut patch = Patch {
        path: fields.text("path", report),
        text: fields.text("patch", report),
        target: fields
            .node("target")
            .and_then(|node| selector(node, &format!("{path}.target"), report)),
        allow_name_change: false,
        allow_kind_change: false,
        place: node.place,
        key: path.to_owned(),
    };
    if let Some(node) = fields.node("options")
        && let Some(mut options) = Fields::of(node, &format!("{path}.options"), report)
    {
        patch.allow_name_change = options.flag("allowNameChange", report);
        patch.allow_kind_change = options.flag("allowKindChange", report);
        options.finish(report);
    }
    match (patch.path.is_empty(), patch.text.trim().is_empty()) {
        (true, true) if report.problems.is_empty() => {
            report.add(
                node.place,
                path,
                "there is no patch in it",
                Some("give `patch` or `path`"),
            );
        }
        (false, false) => report.add(
            node.place,
            path,
            "it has `patch` and `path`",
            Some("keep one of them"),
        ),
        _ => {}
    }
    fields.finish(report);
    patch
}

fn selector(node: &Node, path: &str, report: &mut Report<'_>) -> Option<Selector> {
    let mut fields = Fields::of(node, path, report)?;
    let selector = Selector {
        gvk: gvk(&mut fields, report),
        name: fields.text("name", report),
        namespace: fields.text("namespace", report),
        labels: fields.text("labelSelector", report),
        annotations: fields.text("annotationSelector", report),
    };
    fields.finish(report);
    Some(selector)
}

fn gvk(fields: &mut Fields<'_>, report: &mut Report<'_>) -> Gvk {
    Gvk {
        group: fields.text("group", report),
        version: fields.text("version", report),
        kind: fields.text("kind", report),
    }
}

pub(crate) fn field_spec(node: &Node, path: &str, report: &mut Report<'_>) -> FieldSpecWritten {
    let Some(mut fields) = Fields::of(node, path, report) else {
        return FieldSpecWritten::default();
    };
    let spec = FieldSpecWritten {
        gvk: gvk(&mut fields, report),
        path: fields.text("path", report),
        create: fields.flag("create", report),
    };
    fields.finish(report);
    spec
}

pub(crate) fn replacement_source(node: &Node, path: &str, report: &mut Report<'_>) -> ReplacementSource {
    let file = node.get("path").filter(|file| !file.is_null());
    let Some(file) = file else {
        return ReplacementSource::Inline(Box::new(replacement(node, path, report)));
    };
    if node.get("source").is_some() || node.get("targets").is_some() {
        let why = "it has `path` and a replacement of its own";
        report.add(node.place, path, why, Some("keep one of them"));
    }
    ReplacementSource::File(Located {
        value: super::fields::text(file, &format!("{path}.path"), report),
        place: node.place,
        key: path.to_owned(),
    })
}

pub(crate) fn replacement(node: &Node, path: &str, report: &mut Report<'_>) -> Replacement {
    let Some(mut fields) = Fields::of(node, path, report) else {
        return Replacement::default();
    };
    let source_value = fields.node("sourceValue").map(|node| {
        let path = format!("{path}.sourceValue");
        super::fields::text(node, &path, report)
    });
    let replacement = Replacement {
        source: fields
            .node("source")
            .and_then(|node| source(node, &format!("{path}.source"), report)),
        source_value,
        targets: fields.list("targets", report, target),
        place: node.place,
        key: path.to_owned(),
    };
    fields.finish(report);
    match (&replacement.source, &replacement.source_value) {
        (Some(_), Some(_)) => {
            let why = "it has `source` and `sourceValue`";
            report.add(node.place, path, why, Some("keep one of them"));
        }
        (None, None) => report.add(
            node.place,
            path,
            "there is no source",
            Some("give `source` or `sourceValue`"),
        ),
        _ => {}
    }
    if replacement.targets.is_empty() {
        report.add(
            node.place,
            path,
            "there is no target",
            Some("give at least one of `targets`"),
        );
    }
    replacement
}

fn source(node: &Node, path: &str, report: &mut Report<'_>) -> Option<Source> {
    let mut fields = Fields::of(node, path, report)?;
    let source = Source {
        gvk: gvk(&mut fields, report),
        name: fields.text("name", report),
        namespace: fields.text("namespace", report),
        field_path: fields.text("fieldPath", report),
        options: fields
            .node("options")
            .and_then(|node| field_options(node, &format!("{path}.options"), report)),
    };
    fields.finish(report);
    Some(source)
}

fn target(node: &Node, path: &str, report: &mut Report<'_>) -> Target {
    let Some(mut fields) = Fields::of(node, path, report) else {
        return Target::default();
    };
    let target = Target {
        select: fields
            .node("select")
            .and_then(|node| selector(node, &format!("{path}.select"), report)),
        reject: fields
            .list("reject", report, selector)
            .into_iter()
            .flatten()
            .collect(),
        field_paths: fields.texts("fieldPaths", report),
        options: fields
            .node("options")
            .and_then(|node| field_options(node, &format!("{path}.options"), report)),
    };
    fields.finish(report);
    if target.select.is_none() {
        report.add(
            node.place,
            path,
            "it selects nothing",
            Some("give `select`, if only a kind"),
        );
    }
    target
}

fn field_options(node: &Node, path: &str, report: &mut Report<'_>) -> Option<FieldOptions> {
    let mut fields = Fields::of(node, path, report)?;
    let options = FieldOptions {
        delimiter: fields.text("delimiter", report),
        index: fields.integer("index", report),
        create: fields.flag("create", report),
    };
    fields.text("encoding", report);
    fields.finish(report);
    Some(options)
}

pub(crate) fn variable(node: &Node, path: &str, report: &mut Report<'_>) -> Variable {
    let Some(mut fields) = Fields::of(node, path, report) else {
        return Variable::default();
    };
    let mut variable = Variable {
        name: fields.text("name", report),
        field_path: "metadata.name".to_owned(),
        place: node.place,
        key: path.to_owned(),
        ..Variable::default()
    };
    let object_path = format!("{path}.objref");
    if let Some(mut object) = fields
        .node("objref")
        .and_then(|node| Fields::of(node, &object_path, report))
    {
        variable.gvk = gvk(&mut object, report);
        let api_version = object.text("apiVersion", report);
        if !api_version.is_empty() {
            variable.gvk = Gvk {
                kind: variable.gvk.kind,
                ..Gvk::new(&api_version, "")
            };
        }
        variable.object = object.text("name", report);
        variable.namespace = object.text("namespace", report);
        object.finish(report);
    }
    let field_path = format!("{path}.fieldref");
    if let Some(mut field) = fields
        .node("fieldref")
        .and_then(|node| Fields::of(node, &field_path, report))
    {
        let written = field.text("fieldPath", report);
        if !written.is_empty() {
            variable.field_path = written;
        }
        field.finish(report);
    }
    fields.finish(report);
    variable
}
