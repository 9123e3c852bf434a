//! One final file while contents and patches are laid over each other, with what each of them left behind.

use std::path::PathBuf;

use serde_json::Value;
use slipway_model::{Diagnostic, Digest, Span};

use crate::{
    Explanation, File, Folder, Origin, Setting, SourceFile, Templates,
    formats::{Format, Malformed},
    node::{Kind, Node},
    origin::Lines,
    overlay::Role,
    patch::{Patching, Refused, Removed, inherit},
    template::Rendered,
};

/// One thing that happens to a path.
pub(crate) struct Step<'a> {
    pub(crate) folder: &'a Folder,
    pub(crate) source: &'a SourceFile,
    pub(crate) role: Role,
    pub(crate) template: bool,
}

pub(crate) struct Layered<'a> {
    path: &'a str,
    format: Option<Format>,
    templates: &'a Templates,
    content: Content,
    removed: Vec<Removed>,
    /// Every content that the file ever had.
    versions: Vec<Setting>,
}

/// What the file holds at the moment.
struct Content {
    bytes: Vec<u8>,
    executable: bool,
    /// Of texts.
    rendered: Option<Rendered>,
    /// Of texts of a structured format.
    parsed: Option<Result<Node, Malformed>>,
    documents: bool,
    patched: bool,
}

impl<'a> Layered<'a> {
    pub(crate) fn run(
        path: &'a str,
        steps: &[Step<'_>],
        templates: &'a Templates,
    ) -> Result<Self, Vec<Diagnostic>> {
        let format = Format::of_path(path);
        let last = steps
            .iter()
            .rposition(|step| step.role == Role::Content)
            .unwrap_or_default();
        let mut layered: Option<Self> = None;
        for (index, step) in steps.iter().enumerate() {
            match (&step.role, &mut layered) {
                (Role::Content, _) => match Content::new(step, format, templates) {
                    Ok(content) => {
                        layered = Some(Self::lay(path, format, templates, layered, content, step));
                    }
                    // One that is replaced anyway need not be sound; then it explains nothing.
                    Err(_) if index < last => layered = None,
                    Err(problems) => return Err(problems),
                },
                (_, Some(layered)) => layered.patch(step).map_err(|problem| vec![problem])?,
                (_, None) => {}
            }
        }
        layered.ok_or_else(Vec::new)
    }

    fn lay(
        path: &'a str,
        format: Option<Format>,
        templates: &'a Templates,
        below: Option<Self>,
        mut content: Content,
        step: &Step<'_>,
    ) -> Self {
        let mut versions = Vec::new();
        if let Some(below) = below {
            if let (Some(Ok(new)), Some(Ok(old))) = (&mut content.parsed, &below.content.parsed) {
                inherit(new, old);
            }
            versions = below.versions;
        }
        let digest = Value::from(Digest::of(&content.bytes).to_string());
        versions.push(Setting::new(digest, Origin::file(&step.folder.name, step.file())));
        Self {
            path,
            format,
            templates,
            content,
            removed: Vec::new(),
            versions,
        }
    }

    fn patch(&mut self, step: &Step<'_>) -> Result<(), Diagnostic> {
        let file = step.file();
        let (Role::MergePatch { format, .. } | Role::JsonPatch { format, .. }) = &step.role else {
            return Ok(());
        };
        let about = |code: &str, message: String, span: Span, label: &str| {
            Diagnostic::error(code, message).label(&file, span, label)
        };
        let text = str::from_utf8(&step.source.bytes).map_err(|_| {
            about(
                "patch-malformed",
                "a patch is UTF-8 text".into(),
                Span::default(),
                "this is not",
            )
        })?;
        if let Some(Err(malformed)) = &self.content.parsed {
            let message = format!("`{}` cannot be patched: {}", self.path, malformed.why);
            let problem = Diagnostic::error("patch-target-malformed", message);
            let problem = match self.content.place(self.templates, malformed.span) {
                Some((file, span)) => problem.label(file, span, "made here"),
                None => problem,
            };
            return Err(problem.label(&file, Span::default(), "this patch"));
        }
        let Some(Ok(target)) = &mut self.content.parsed else {
            return Err(about(
                "patch-target-unstructured",
                format!(
                    "`{}` is neither TOML nor YAML nor JSON: it cannot be patched",
                    self.path
                ),
                Span::default(),
                "this patch",
            )
            .help(format!(
                "replace it whole: write `{}` into the overlay",
                self.path
            )));
        };
        let mut documents = format.documents(text).map_err(|malformed| {
            about(
                "patch-malformed",
                "the patch cannot be read".into(),
                malformed.span,
                &malformed.why,
            )
        })?;
        let lines = Lines::of(text);
        let origin = |span: Span| {
            let (line, column) = lines.position(text, span.start);
            Origin {
                line: Some(line),
                column: Some(column),
                ..Origin::file(&step.folder.name, &file)
            }
        };
        for document in &mut documents {
            document.stamp(&mut |leaf| vec![Setting::new(leaf.value(), origin(leaf.span))]);
        }
        let mark = |span: Span| Setting {
            removed: true,
            ..Setting::new(Value::Null, origin(span))
        };
        let mut patching = Patching {
            removed: &mut self.removed,
            mark: &mark,
        };
        let refused = |refused: Refused| {
            about(
                "patch-refused",
                format!("the patch does not apply to `{}`", self.path),
                refused.span,
                &refused.why,
            )
        };
        for document in documents {
            if matches!(step.role, Role::JsonPatch { .. }) {
                patching.apply(target, &document).map_err(refused)?;
            } else if self.content.documents {
                let chosen = same_object(target, &document).map_err(refused)?;
                patching.merge(chosen, document);
            } else {
                patching.merge(target, document);
            }
        }
        self.content.patched = true;
        Ok(())
    }

    /// The final bytes and why they are so.
    pub(crate) fn finish(self) -> Result<(File, Vec<Explanation>), Vec<Diagnostic>> {
        let Content {
            bytes,
            executable,
            rendered,
            parsed,
            documents,
            patched,
        } = self.content;
        let (Some(format), Some(Ok(node)), Some(rendered)) = (self.format, &parsed, &rendered) else {
            let explanations = lines(rendered.as_ref(), self.templates, self.versions);
            return Ok((File { bytes, executable }, explanations));
        };
        let bytes = if patched {
            let written = format
                .write(&rendered.text, &node.value(), documents)
                .map_err(|why| {
                    let message = format!("the patched `{}` cannot be written: {why}", self.path);
                    let file = self
                        .versions
                        .last()
                        .and_then(|version| version.origin.file.clone());
                    let problem = Diagnostic::error("patch-result", message);
                    vec![problem.label(
                        file.unwrap_or_default(),
                        Span::default(),
                        "the file that is patched",
                    )]
                })?;
            written.into_bytes()
        } else {
            bytes
        };
        let explanations = leaves(format, &bytes, node, self.removed);
        Ok((File { bytes, executable }, explanations))
    }
}

impl Content {
    fn new(step: &Step<'_>, format: Option<Format>, templates: &Templates) -> Result<Self, Vec<Diagnostic>> {
        let name = step.template_name();
        let rendered = match str::from_utf8(&step.source.bytes) {
            Ok(_) if step.template => Some(templates.render(&name)?),
            Ok(text) => Some(Rendered::verbatim(&name, text.to_owned())),
            Err(error) if step.template => {
                let at = Span {
                    start: error.valid_up_to(),
                    end: error.valid_up_to(),
                };
                return Err(vec![
                    Diagnostic::error("template-not-text", "a template is UTF-8 text")
                        .label(step.file(), at, "this is not")
                        .help("leave the file out of `templates` in `deploy.toml`"),
                ]);
            }
            Err(_) => None,
        };
        let mut documents = false;
        let parsed = format.zip(rendered.as_ref()).map(|(format, rendered)| {
            let mut found = format.documents(&rendered.text)?;
            documents = found.len() > 1;
            let mut node = if documents {
                Node::new(
                    Kind::List(found),
                    Span {
                        start: 0,
                        end: rendered.text.len(),
                    },
                )
            } else {
                found.remove(0)
            };
            node.stamp(&mut |leaf| vec![setting(rendered, templates, leaf.span, leaf.value())]);
            Ok(node)
        });
        let bytes = rendered.as_ref().map_or_else(
            || step.source.bytes.clone(),
            |text| text.text.clone().into_bytes(),
        );
        Ok(Self {
            bytes,
            executable: step.source.executable,
            rendered,
            parsed,
            documents,
            patched: false,
        })
    }

    fn place(&self, templates: &Templates, span: Span) -> Option<(std::path::PathBuf, Span)> {
        let (place, _) = self.rendered.as_ref()?.trace(span.start..span.end);
        let (template, offset) = place?;
        let source = templates.sources.get(template)?;
        Some((
            source.file.clone(),
            Span {
                start: offset,
                end: offset,
            },
        ))
    }
}

/// The document of a stream that a patch means: of the same kind and name.
fn same_object<'n>(target: &'n mut Node, patch: &Node) -> Result<&'n mut Node, Refused> {
    let name = |node: &Node| {
        let kind = node.member("kind").map(|member| member.node.value());
        let metadata = node.member("metadata").map(|member| &member.node);
        Some((kind?, metadata?.member("name")?.node.value()))
    };
    let refused = |why: &str| Refused {
        span: patch.span,
        why: why.to_owned(),
    };
    let wanted = name(patch).ok_or_else(|| {
        refused("the file has several documents: say which one by `kind` and `metadata.name`")
    })?;
    let Kind::List(documents) = &mut target.kind else {
        return Err(refused("the file is no longer a list of documents"));
    };
    let found = documents
        .iter_mut()
        .find(|document| name(document).as_ref() == Some(&wanted));
    found.ok_or_else(|| refused("no document of the file has this `kind` and `metadata.name`"))
}

fn setting(rendered: &Rendered, templates: &Templates, span: Span, value: Value) -> Setting {
    let (place, parameters) = rendered.trace(span.start..span.end);
    let source = place.and_then(|(template, offset)| Some((templates.sources.get(template)?, offset)));
    let origin = match source {
        Some((source, offset)) => source.origin(offset),
        None => Origin::layer("config"),
    };
    Setting {
        parameters: parameters.into_iter().collect(),
        ..Setting::new(value, origin)
    }
}

fn lines(rendered: Option<&Rendered>, templates: &Templates, versions: Vec<Setting>) -> Vec<Explanation> {
    let value = versions
        .last()
        .map(|version| version.value.clone())
        .unwrap_or_default();
    let mut explanations = vec![Explanation {
        path: None,
        line: None,
        value,
        history: versions,
    }];
    let Some(rendered) = rendered else {
        return explanations;
    };
    let mut start = 0;
    for (index, line) in rendered.text.split_inclusive('\n').enumerate() {
        let text = line.trim_end_matches(['\n', '\r']);
        if !text.trim().is_empty() {
            let span = Span {
                start,
                end: start + text.len(),
            };
            let history = vec![setting(rendered, templates, span, Value::from(text))];
            explanations.push(Explanation {
                path: None,
                line: Some(index + 1),
                value: Value::from(text),
                history,
            });
        }
        start += line.len();
    }
    explanations
}

fn leaves(format: Format, bytes: &[u8], node: &Node, removed: Vec<Removed>) -> Vec<Explanation> {
    let text = str::from_utf8(bytes).unwrap_or_default();
    let lines = Lines::of(text);
    let written = format.parse(text).ok();
    let places: std::collections::HashMap<String, usize> = written
        .iter()
        .flat_map(Node::leaves)
        .map(|(pointer, leaf)| (pointer, lines.position(text, leaf.span.start).0))
        .collect();
    let explained = node.leaves().into_iter().map(|(pointer, leaf)| Explanation {
        line: places.get(&pointer).copied(),
        path: Some(pointer),
        value: leaf.value(),
        history: leaf.history.clone(),
    });
    let gone = removed
        .into_iter()
        .filter(|(pointer, _)| !places.contains_key(pointer))
        .map(|(pointer, history)| Explanation {
            path: Some(pointer),
            line: None,
            value: Value::Null,
            history,
        });
    explained.chain(gone).collect()
}

impl Step<'_> {
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path.join(&self.source.path)
    }

    /// Holds a `:` and so is no path that an include would name by chance.
    pub(crate) fn template_name(&self) -> String {
        format!("file:{}", self.file().display())
    }
}
