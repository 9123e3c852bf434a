//! The transformers of a kustomization, in the order in which kustomize runs them.

use super::{
    accumulate::{Accumulated, Builder},
    origin::Origin,
    patching, reach,
};
use crate::{
    kustomization::{Fields, Kustomization, Patch, Replacement, ReplacementSource, Report, replacement},
    problem::{Outcome, Problem, unless_wrong},
    transform::{
        Allowed, Parsed, Patcher, Side, add_texts, add_to_names, label_places, replace, set_images,
        set_namespace, set_replicas,
    },
    yaml::{Body, read},
};

/// A kustomization while its transformers run.
pub(crate) struct Run<'a, 'f> {
    pub builder: &'a Builder<'f>,
    pub folder: &'a str,
    pub from: &'a Kustomization,
    pub origin: Option<&'a Origin>,
}

impl Run<'_, '_> {
    pub(crate) fn all(&self, acc: &mut Accumulated) -> Outcome<()> {
        let from = self.from;
        let config = acc.config.clone();
        if !from.strategic_patches.is_empty() {
            self.strategic_patches(acc)?;
            self.done(acc, "PatchStrategicMergeTransformer");
        }
        self.patches(acc, &from.patches, true, "PatchTransformer")?;
        if !from.namespace.is_empty() {
            set_namespace(&mut acc.set, &config.namespace, from)?;
            self.done(acc, "NamespaceTransformer");
        }
        if !from.name_prefix.is_empty() {
            add_to_names(
                &mut acc.set,
                &Side::Prefix,
                &from.name_prefix,
                &config.name_prefix,
                from,
            )?;
            self.done(acc, "PrefixTransformer");
        }
        if !from.name_suffix.is_empty() {
            add_to_names(
                &mut acc.set,
                &Side::Suffix,
                &from.name_suffix,
                &config.name_suffix,
                from,
            )?;
            self.done(acc, "SuffixTransformer");
        }
        for labels in &from.labels {
            let places = label_places(labels, &config, from)?;
            add_texts(&mut acc.set, &labels.pairs, &places, from)?;
            self.done(acc, "LabelTransformer");
        }
        if !(from.labels.is_empty() && from.common_labels.is_empty()) {
            add_texts(&mut acc.set, &from.common_labels, &config.common_labels, from)?;
            self.done(acc, "LabelTransformer");
        }
        if !from.common_annotations.is_empty() {
            add_texts(&mut acc.set, &from.common_annotations, &config.annotations, from)?;
            self.done(acc, "AnnotationsTransformer");
        }
        self.patches(acc, &from.json_patches, false, "PatchJson6902Transformer")?;
        for replicas in &from.replicas {
            set_replicas(&mut acc.set, replicas, &config.replicas, from)?;
            self.done(acc, "ReplicaCountTransformer");
        }
        for image in &from.images {
            set_images(&mut acc.set, image, &config.images, from)?;
            self.done(acc, "ImageTagTransformer");
        }
        if !from.replacements.is_empty() {
            self.replacements(acc)?;
            self.done(acc, "ReplacementTransformer");
        }
        Ok(())
    }

    fn done(&self, acc: &mut Accumulated, transformer: &str) {
        if let Some(origin) = self.origin {
            origin.transformed(&mut acc.set, &self.from.file, transformer);
        }
    }

    fn strategic_patches(&self, acc: &mut Accumulated) -> Outcome<()> {
        let Builder { files, scopes, .. } = self.builder;
        let mut patcher = Patcher::new(&mut acc.set, &self.builder.schema, scopes);
        for patch in &self.from.strategic_patches {
            let problem = Problem::new(&self.from.file, "").at(patch.place).key(&patch.key);
            match patching::parse_strategic(files, self.folder, patch, scopes, self.from)? {
                Parsed::Strategic(patches) => {
                    for patch in patches {
                        patcher.strategic(patch, Allowed::default(), &problem)?;
                    }
                }
                Parsed::Json(_) => {
                    return Err(Problem {
                        why: "a JSON patch is no strategic merge patch".to_owned(),
                        ..problem
                    }
                    .hint("put it into `patches`, with a `target`")
                    .into());
                }
                Parsed::Empty => {}
            }
        }
        Ok(())
    }

    fn patches(
        &self,
        acc: &mut Accumulated,
        patches: &[Patch],
        remember: bool,
        transformer: &str,
    ) -> Outcome<()> {
        for patch in patches {
            self.patch(acc, patch, remember)?;
            if self.origin.is_some() {
                self.done(acc, transformer);
            }
        }
        Ok(())
    }

    fn patch(&self, acc: &mut Accumulated, patch: &Patch, remember: bool) -> Outcome<()> {
        let Builder { files, scopes, .. } = self.builder;
        let problem = Problem::new(&self.from.file, "").at(patch.place).key(&patch.key);
        let wrong = |why: &str, hint: &str| -> crate::problem::Problems {
            Problem {
                why: why.to_owned(),
                ..problem.clone()
            }
            .hint(hint)
            .into()
        };
        let allowed = Allowed {
            name_change: patch.allow_name_change,
            kind_change: patch.allow_kind_change,
        };
        let mut patcher = Patcher::new(&mut acc.set, &self.builder.schema, scopes);
        match (
            patching::parse(files, self.folder, patch, scopes, self.from)?,
            &patch.target,
        ) {
            (Parsed::Empty, _) => Ok(()),
            (Parsed::Json(_), None) => Err(wrong(
                "it is a JSON patch, which does not say what it is for",
                "give `target`, if only a kind",
            )),
            (Parsed::Json(json), Some(target)) if remember || !target.name.is_empty() => {
                patcher.json_to(target, &json, remember, &problem)
            }
            (Parsed::Json(_), Some(_)) => Err(wrong(
                "its target has no name",
                "give `target.name`, or use `patches`",
            )),
            (Parsed::Strategic(_), _) if !remember => Err(wrong(
                "it is no JSON patch",
                "a JSON patch is a list of operations; put others into `patches`",
            )),
            (Parsed::Strategic(patches), None) => patches
                .into_iter()
                .try_for_each(|patch| patcher.strategic(patch, allowed, &problem)),
            (Parsed::Strategic(patches), Some(target)) => match patches.as_slice() {
                [patch] => patcher.strategic_to(target, patch, allowed, &problem),
                _ => Err(wrong(
                    "it has several patches and one `target`",
                    "make an entry of `patches` for each of them",
                )),
            },
        }
    }

    fn replacements(&self, acc: &mut Accumulated) -> Outcome<()> {
        for source in &self.from.replacements {
            match source {
                ReplacementSource::Inline(inline) => replace(&mut acc.set, inline, &self.from.file)?,
                ReplacementSource::File(path) => {
                    let (text, file) = reach::text(self.builder.files, self.folder, path, self.from)?;
                    for replacement in replacements_of(text, &file)? {
                        replace(&mut acc.set, &replacement, &file)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// A file holds one replacement or a list of them.
fn replacements_of(text: &str, file: &str) -> Outcome<Vec<Replacement>> {
    let root = read(text).map_err(|malformed| Problem::malformed(file, malformed))?;
    let Some(root) = root else {
        return Err(Problem::new(file, "there is no replacement in this file").into());
    };
    let mut report = Report {
        file,
        problems: Vec::new(),
    };
    let replacements = match &root.body {
        Body::List(items) => items
            .iter()
            .enumerate()
            .map(|(at, item)| replacement(item, &format!("[{at}]"), &mut report))
            .collect(),
        _ => {
            Fields::of(&root, "", &mut report);
            vec![replacement(&root, "", &mut report)]
        }
    };
    unless_wrong(replacements, report.problems)
}
