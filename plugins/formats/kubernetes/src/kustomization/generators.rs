//! The generators of a kustomization, and the options that they have or share.

use super::{
    fields::{Fields, Report},
    parts::{Generator, GeneratorOptions},
};
use crate::yaml::Node;

pub(super) fn generator(node: &Node, path: &str, report: &mut Report<'_>) -> Generator {
    let Some(mut fields) = Fields::of(node, path, report) else {
        return Generator::default();
    };
    let mut envs = fields.texts("envs", report);
    let env = fields.text("env", report);
    if !env.is_empty() {
        envs.push(env);
    }
    let generator = Generator {
        name: fields.text("name", report),
        namespace: fields.text("namespace", report),
        behavior: fields.text("behavior", report),
        literals: fields.texts("literals", report),
        files: fields.texts("files", report),
        envs,
        kind: fields.text("type", report),
        options: fields
            .node("options")
            .map(|node| options(node, &format!("{path}.options"), report))
            .unwrap_or_default(),
        place: node.place,
        key: path.to_owned(),
    };
    fields.finish(report);
    generator
}

pub(super) fn options(node: &Node, path: &str, report: &mut Report<'_>) -> GeneratorOptions {
    let Some(mut fields) = Fields::of(node, path, report) else {
        return GeneratorOptions::default();
    };
    let options = GeneratorOptions {
        labels: fields.text_map("labels", report),
        annotations: fields.text_map("annotations", report),
        disable_name_suffix_hash: fields.flag("disableNameSuffixHash", report),
        immutable: fields.flag("immutable", report),
    };
    fields.finish(report);
    options
}

impl GeneratorOptions {
    /// What the whole kustomization says, where this one says nothing.
    pub(super) fn fill_from(&mut self, global: Option<&Self>) {
        let Some(global) = global else {
            return;
        };
        for (into, from) in [
            (&mut self.labels, &global.labels),
            (&mut self.annotations, &global.annotations),
        ] {
            for (key, value) in from {
                into.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        self.disable_name_suffix_hash |= global.disable_name_suffix_hash;
        self.immutable |= global.immutable;
    }
}
