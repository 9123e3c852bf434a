//! A kustomization from its file. Everything that is wrong in it is reported at once.

use super::{
    fields::{Fields, Report, text},
    generators::{generator, options},
    parts::{Image, Kustomization, Labels, Located, OpenApi, Order, Replicas, SortOptions},
    selection,
};
use crate::{
    files::Files,
    problem::{Outcome, Problem, unless_wrong},
    yaml::{Node, read},
};

/// The kustomization in a folder.
pub(crate) fn kustomization(files: &Files, folder: &str) -> Outcome<Kustomization> {
    let found = files.kustomizations(folder);
    let [file] = found.as_slice() else {
        let problem = if found.is_empty() {
            Problem::new(folder, "there is no kustomization in this folder")
                .hint("it would be in kustomization.yaml, kustomization.yml or Kustomization")
        } else {
            Problem::new(
                folder,
                format!("there are several kustomizations: {}", found.join(", ")),
            )
            .hint("keep one of them")
        };
        return Err(problem.into());
    };
    let root = read(files.text(file)?).map_err(|malformed| Problem::malformed(file, malformed))?;
    let mut report = Report {
        file,
        problems: Vec::new(),
    };
    let Some(root) = root else {
        return Err(Problem::new(file, "the kustomization is empty").into());
    };
    let read = Fields::of(&root, "", &mut report).map(|fields| all(fields, &mut report));
    if report.problems.is_empty() && says_nothing(&root) {
        report.add(
            root.place,
            "",
            "the kustomization is empty",
            Some("name at least one of `resources`"),
        );
    }
    let mut kustomization = read.unwrap_or_default();
    file.clone_into(&mut kustomization.file);
    unless_wrong(kustomization, report.problems)
}

fn says_nothing(root: &Node) -> bool {
    root.as_map().is_some_and(|map| {
        map.entries
            .iter()
            .all(|entry| matches!(entry.key.as_str(), "apiVersion" | "kind") || entry.value.is_null())
    })
}

fn all(mut fields: Fields<'_>, report: &mut Report<'_>) -> Kustomization {
    let is_component = kind(&mut fields, report);
    fields.node("metadata");
    refuse(&mut fields, report);
    let options = fields
        .node("generatorOptions")
        .map(|node| options(node, "generatorOptions", report));
    let mut resources = located(&mut fields, "resources", report);
    resources.extend(located(&mut fields, "bases", report));
    let mut images = fields.list("images", report, image);
    images.extend(fields.list("imageTags", report, image));
    let mut config_maps = fields.list("configMapGenerator", report, generator);
    let mut secrets = fields.list("secretGenerator", report, generator);
    for generator in config_maps.iter_mut().chain(&mut secrets) {
        generator.options.fill_from(options.as_ref());
    }
    let kustomization = Kustomization {
        file: String::new(),
        is_component,
        name_prefix: fields.text("namePrefix", report),
        name_suffix: fields.text("nameSuffix", report),
        namespace: fields.text("namespace", report),
        common_labels: fields.text_map("commonLabels", report),
        labels: fields.list("labels", report, labels),
        common_annotations: fields.text_map("commonAnnotations", report),
        strategic_patches: located(&mut fields, "patchesStrategicMerge", report),
        json_patches: fields.list("patchesJson6902", report, selection::patch),
        patches: fields.list("patches", report, selection::patch),
        images,
        replacements: fields.list("replacements", report, selection::replacement_source),
        replicas: fields.list("replicas", report, replicas),
        variables: fields.list("vars", report, selection::variable),
        sort_options: fields
            .node("sortOptions")
            .and_then(|node| sort_options(node, report)),
        resources,
        components: located(&mut fields, "components", report),
        crds: located(&mut fields, "crds", report),
        config_maps,
        secrets,
        configurations: located(&mut fields, "configurations", report),
        build_metadata: build_metadata(&mut fields, report),
        openapi: fields.node("openapi").and_then(|node| openapi(node, report)),
    };
    fields.finish(report);
    kustomization
}

/// Is it a component?
fn kind(fields: &mut Fields<'_>, report: &mut Report<'_>) -> bool {
    let (kind, version) = (fields.text("kind", report), fields.text("apiVersion", report));
    let is_component = kind == "Component";
    if !matches!(kind.as_str(), "" | "Kustomization" | "Component") {
        report.add(
            fields.place(),
            "kind",
            format!("it is Kustomization or Component, not {kind}"),
            None,
        );
    }
    let wanted = if is_component { "v1alpha1" } else { "v1beta1" };
    let wanted = format!("kustomize.config.k8s.io/{wanted}");
    if !version.is_empty() && version != wanted {
        report.add(
            fields.place(),
            "apiVersion",
            format!("it is {wanted}, not {version}"),
            None,
        );
    }
    is_component
}

/// What would run programs, or what is not there.
fn refuse(fields: &mut Fields<'_>, report: &mut Report<'_>) {
    for (key, why, hint) in [
        (
            "helmCharts",
            "a chart is rendered by running Helm, and nothing is run here",
            "render it beforehand (`helm template`) and name the result in `resources`",
        ),
        (
            "helmChartInflationGenerator",
            "a chart is rendered by running Helm, and nothing is run here",
            "render it beforehand (`helm template`) and name the result in `resources`",
        ),
        (
            "generators",
            "generators are programs, and nothing is run here",
            "put what they generate into `resources`, or use `configMapGenerator` and `secretGenerator`",
        ),
        (
            "transformers",
            "transformers are programs or their settings, and nothing is run here",
            "use `patches`, `replacements`, `labels` and the other keys of the kustomization",
        ),
        (
            "validators",
            "validators are programs, and nothing is run here",
            "validate before the release",
        ),
    ] {
        if let Some(node) = fields.node(key)
            && !node.is_null_or_empty()
        {
            report.add(node.place, key, why, Some(hint));
        }
    }
    // Settings of what is refused above.
    fields.node("helmGlobals");
}

pub(crate) fn located(
    fields: &mut Fields<'_>,
    key: &'static str,
    report: &mut Report<'_>,
) -> Vec<Located<String>> {
    fields.list(key, report, |node, path, report| {
        let value = text(node, path, report);
        if value.is_empty() {
            report.add(
                node.place,
                path,
                "it is empty",
                Some("name a file or a folder, or leave it away"),
            );
        }
        Located {
            value,
            place: node.place,
            key: path.to_owned(),
        }
    })
}

fn labels(node: &Node, path: &str, report: &mut Report<'_>) -> Labels {
    let Some(mut fields) = Fields::of(node, path, report) else {
        return Labels::default();
    };
    let labels = Labels {
        pairs: fields.text_map("pairs", report),
        include_selectors: fields.flag("includeSelectors", report),
        include_templates: fields.flag("includeTemplates", report),
        fields: fields.list("fields", report, selection::field_spec),
        place: node.place,
        key: path.to_owned(),
    };
    fields.finish(report);
    labels
}

fn image(node: &Node, path: &str, report: &mut Report<'_>) -> Image {
    let Some(mut fields) = Fields::of(node, path, report) else {
        return Image::default();
    };
    let image = Image {
        name: fields.text("name", report),
        new_name: fields.text("newName", report),
        new_tag: fields.text("newTag", report),
        tag_suffix: fields.text("tagSuffix", report),
        digest: fields.text("digest", report),
        place: node.place,
        key: path.to_owned(),
    };
    fields.finish(report);
    image
}

fn replicas(node: &Node, path: &str, report: &mut Report<'_>) -> Replicas {
    let Some(mut fields) = Fields::of(node, path, report) else {
        return Replicas::default();
    };
    let replicas = Replicas {
        name: fields.text("name", report),
        count: fields.integer("count", report),
        place: node.place,
        key: path.to_owned(),
    };
    fields.finish(report);
    replicas
}

fn sort_options(node: &Node, report: &mut Report<'_>) -> Option<SortOptions> {
    let mut fields = Fields::of(node, "sortOptions", report)?;
    let order = fields.text("order", report);
    let lists = fields.node("legacySortOptions").and_then(|node| {
        let mut fields = Fields::of(node, "sortOptions.legacySortOptions", report)?;
        let lists = (
            fields.texts("orderFirst", report),
            fields.texts("orderLast", report),
        );
        fields.finish(report);
        Some(lists)
    });
    let order = match (order.as_str(), lists) {
        ("fifo", None) => Order::AsTheyCame,
        ("legacy", None) => Order::ByKind {
            first: None,
            last: None,
        },
        ("legacy", Some((first, last))) => Order::ByKind {
            first: Some(first),
            last: Some(last),
        },
        ("fifo", Some(_)) => {
            let why = "it says how kinds are sorted, but the order is `fifo`";
            report.add(
                node.place,
                "sortOptions.legacySortOptions",
                why,
                Some("set `order: legacy`"),
            );
            Order::AsTheyCame
        }
        (other, _) => {
            let why = format!("it is fifo or legacy, not `{other}`");
            report.add(node.place, "sortOptions.order", why, None);
            Order::AsTheyCame
        }
    };
    fields.finish(report);
    Some(SortOptions { order })
}

fn build_metadata(fields: &mut Fields<'_>, report: &mut Report<'_>) -> Vec<String> {
    fields.list("buildMetadata", report, |node, path, report| {
        let option = text(node, path, report);
        if !matches!(
            option.as_str(),
            "originAnnotations" | "transformerAnnotations" | "managedByLabel"
        ) {
            let why = format!("`{option}` is not known");
            let hint = "known are originAnnotations, transformerAnnotations and managedByLabel";
            report.add(node.place, path, why, Some(hint));
        }
        option
    })
}

fn openapi(node: &Node, report: &mut Report<'_>) -> Option<OpenApi> {
    let map = Fields::of(node, "", report).map(|_| node)?;
    let mut pairs = Vec::new();
    for entry in &map.as_map()?.entries {
        let path = format!("openapi.{}", entry.key);
        pairs.push((entry.key.as_str(), text(&entry.value, &path, report)));
    }
    let find = |key: &str| {
        pairs
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, text)| text.clone())
    };
    let openapi = OpenApi {
        path: find("path"),
        version: find("version"),
        place: node.place,
    };
    if let (Some(_), Some(_)) = (&openapi.path, &openapi.version) {
        report.add(
            node.place,
            "openapi",
            "a schema and a version at once",
            Some("keep `path` or `version`"),
        );
    }
    if let Some(version) = openapi
        .version
        .as_deref()
        .filter(|version| !matches!(*version, "" | "v1.21.2"))
    {
        let why = format!("version {version} is not built in");
        report.add(
            node.place,
            "openapi.version",
            why,
            Some("v1.21.2 is; others are given by `openapi.path`"),
        );
    }
    Some(openapi)
}
