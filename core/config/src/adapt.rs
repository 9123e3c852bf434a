//! From base configuration, overlays and values to the final files, each value with its origin.
//!
//! For every path, in this order: the base file, then for each overlay in turn its replacement, its merge patch and its
//! JSON patch. Contents are templates where the caller says so for the base; patches see rendered text. A template
//! called `*.include` is only there to be included: it is no final file.

use std::collections::{BTreeMap, HashMap};

use slipway_model::{Diagnostic, Span};

use crate::{
    Explanation, Facts, File, Folder, Origins, SourceFile, Templates, Tree, TreeError, Values,
    layered::{Layered, Step},
    nearest::nearest,
    overlay::{self, Role},
    template::Source,
};

#[derive(Debug, Clone)]
pub struct Adapted {
    pub tree: Tree,
    pub origins: Origins,
    pub warnings: Vec<Diagnostic>,
}

type Plan<'a> = BTreeMap<String, Vec<Step<'a>>>;

/// All errors at once.
pub fn adapt(
    base: &Folder,
    overlays: &[Folder],
    facts: &Facts,
    values: &Values,
) -> Result<Adapted, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let mut warnings = Vec::new();
    let plan = plan(base, overlays, &mut problems, &mut warnings);
    let templates = Templates::with_sources(facts, values, sources(&plan));
    let mut tree = Tree::default();
    let mut files = BTreeMap::new();
    for (path, steps) in &plan {
        if steps.first().is_some_and(|step| step.template) && path.ends_with(".include") {
            continue;
        }
        match Layered::run(path, steps, &templates).and_then(Layered::finish) {
            Ok((file, explanations)) => {
                if let Err(error) = insert(&mut tree, &mut files, path, file, explanations) {
                    let place = steps.last().map(Step::file).unwrap_or_default();
                    problems.push(Diagnostic::error("path-refused", error.to_string()).label(
                        place,
                        Span::default(),
                        "this file",
                    ));
                }
            }
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() {
        let origins = Origins {
            version: 1,
            parameters: values.clone(),
            files,
        };
        Ok(Adapted {
            tree,
            origins,
            warnings,
        })
    } else {
        Err(problems)
    }
}

fn insert(
    tree: &mut Tree,
    files: &mut BTreeMap<String, Vec<Explanation>>,
    path: &str,
    file: File,
    explanations: Vec<Explanation>,
) -> Result<(), TreeError> {
    tree.insert(path, file)?;
    files.insert(path.to_owned(), explanations);
    Ok(())
}

fn plan<'a>(
    base: &'a Folder,
    overlays: &'a [Folder],
    problems: &mut Vec<Diagnostic>,
    warnings: &mut Vec<Diagnostic>,
) -> Plan<'a> {
    let mut plan = Plan::new();
    for source in &base.files {
        let step = Step {
            folder: base,
            source,
            role: Role::Content,
            template: source.template,
        };
        content(&mut plan, step, problems);
    }
    for folder in overlays {
        let mut patches = Vec::new();
        for source in &folder.files {
            match overlay::role(folder, &source.path) {
                Err(problem) => problems.push(problem),
                Ok(Role::Values) => {}
                Ok(Role::Content) => {
                    warnings.extend(misspelt(&plan, folder, source));
                    let before = plan.get(&source.path).and_then(|steps| steps.first());
                    let template = before.map_or(source.template, |step| step.template);
                    content(
                        &mut plan,
                        Step {
                            folder,
                            source,
                            role: Role::Content,
                            template,
                        },
                        problems,
                    );
                }
                Ok(role) => patches.push(Step {
                    folder,
                    source,
                    role,
                    template: false,
                }),
            }
        }
        patches.sort_by_key(|step| (matches!(step.role, Role::JsonPatch { .. }), &step.source.path));
        for step in patches {
            let (Role::MergePatch { target, .. } | Role::JsonPatch { target, .. }) = &step.role else {
                continue;
            };
            match plan.get_mut(target) {
                Some(steps) => steps.push(step),
                None => problems.push(no_target(&plan, &step, target)),
            }
        }
    }
    plan
}

fn content<'a>(plan: &mut Plan<'a>, step: Step<'a>, problems: &mut Vec<Diagnostic>) {
    let steps = plan.entry(step.source.path.clone()).or_default();
    let twice = steps.iter().any(|other| std::ptr::eq(other.folder, step.folder));
    if twice {
        problems.push(
            Diagnostic::error("file-twice", format!("`{}` is given twice", step.source.path)).label(
                step.file(),
                Span::default(),
                "this file",
            ),
        );
    } else {
        steps.push(step);
    }
}

/// Every text by the name that it is rendered by, and the newest of each path by the name that it is included by.
fn sources(plan: &Plan<'_>) -> HashMap<String, Source> {
    let mut sources = HashMap::new();
    for (path, steps) in plan {
        for step in steps.iter().filter(|step| step.role == Role::Content) {
            if let Ok(text) = str::from_utf8(&step.source.bytes) {
                let source = Source::new(&step.folder.name, step.file(), text.to_owned());
                sources.insert(step.template_name(), source.clone());
                sources.insert(path.clone(), source);
            }
        }
    }
    sources
}

fn no_target(plan: &Plan<'_>, step: &Step<'_>, target: &str) -> Diagnostic {
    let problem = Diagnostic::error("patch-without-target", format!("there is no `{target}` to patch"))
        .label(step.file(), Span::default(), "this patch has nothing to apply to");
    match nearest(target, plan.keys().map(String::as_str)) {
        Some(meant) => problem.help(format!("did you mean `{meant}`?")),
        None => problem.help(format!("create `config/{target}`, or remove the patch")),
    }
}

/// An overlay may add files; one that is nearly called like another was probably meant to replace it.
fn misspelt(plan: &Plan<'_>, folder: &Folder, source: &SourceFile) -> Option<Diagnostic> {
    if plan.contains_key(&source.path) {
        return None;
    }
    let close = |known: &&String| strsim::damerau_levenshtein(known, &source.path) == 1;
    let meant = plan.keys().find(close)?;
    let problem = Diagnostic::warning(
        "overlay-file-adds",
        format!("`{}` replaces nothing and is added", source.path),
    )
    .label(folder.path.join(&source.path), Span::default(), "this file")
    .help(format!("did you mean `{meant}`?"));
    Some(problem)
}
