//! The crate as its caller uses it: folders and values in; files, origins and diagnostics out, as a person reads them.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::{collections::BTreeMap, fmt::Write as _, path::PathBuf};

use serde_json::{Value, json};
use slipway_config::{
    Adapted, Declaration, Explained, Facts, Folder, Layer, Place, Setting, SourceFile, Templates, Values,
    adapt, explain, tree_digest,
};
use slipway_model::{Diagnostic, Digest, Span};

type Files<'a> = &'a [(&'a str, &'a str)];

fn accept(value: &Value) -> Result<Value, String> {
    Ok(value.clone())
}

fn integer(value: &Value) -> Result<Value, String> {
    if value.is_i64() {
        Ok(value.clone())
    } else {
        Err(format!("expected an integer, found {value}"))
    }
}

fn hosts(value: &Value) -> Result<Value, String> {
    if value.is_array() {
        Ok(value.clone())
    } else {
        Err("expected a list".to_owned())
    }
}

fn declarations() -> Vec<Declaration<'static>> {
    let declare = |name, check| Declaration {
        name,
        help: None,
        secret: false,
        at: None,
        check,
    };
    vec![
        declare("public-name", &accept),
        Declaration {
            help: Some("the port that users reach"),
            ..declare("port", &integer)
        },
        declare("hosts", &hosts),
        declare("labels", &accept),
        Declaration {
            secret: true,
            at: Some(("deploy.toml".into(), Span::default())),
            ..declare("db-password", &accept)
        },
    ]
}

const DEPLOY: &str = "\
[parameters]
public-name = { type = 'hostname', default = 'localhost' }
port = { type = 'port', default = 8080 }
hosts = { type = 'list', default = ['a', 'b'] }
[parameters.labels]
type = 'map'
default = { team = 'shop', tier = { cpu = 1, memory = 2 } }
[environments.prod]
values = { port = 443 }
";

fn folder(name: &str, path: &str, files: Files<'_>) -> Folder {
    let source = |(path, text): &(&str, &str)| SourceFile {
        path: (*path).to_owned(),
        bytes: text.as_bytes().to_vec(),
        executable: path.ends_with(".sh"),
        template: !path.ends_with(".raw"),
    };
    Folder {
        name: name.to_owned(),
        path: PathBuf::from(path),
        files: files.iter().map(source).collect(),
    }
}

fn overlays(overlays: &[(&str, Files<'_>)]) -> Vec<Folder> {
    overlays
        .iter()
        .map(|(name, files)| folder(name, &format!("adaptations/{name}"), files))
        .collect()
}

fn values(overlays: &[Folder], set: &[(&str, Value)]) -> Result<Values, Vec<Diagnostic>> {
    let mut layers = vec![Layer::defaults("deploy.toml", DEPLOY)];
    for overlay in overlays {
        layers.push(overlay.values().map_err(|problem| vec![problem])?);
    }
    layers.push(Layer::environment("prod", "deploy.toml", DEPLOY));
    layers.push(Layer::command_line(
        set.iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone())),
    ));
    Values::resolve(&declarations(), &layers)
}

fn facts() -> Facts {
    Facts {
        service: "shop".into(),
        version: "1.4.2".into(),
        environment: "prod".into(),
        artifacts: BTreeMap::from([("web".into(), Digest::of("web"))]),
    }
}

fn run(base: Files<'_>, over: &[(&str, Files<'_>)]) -> Result<Adapted, Vec<Diagnostic>> {
    let over = overlays(over);
    let values = values(&over, &[])?;
    adapt(&folder("config", "config", base), &over, &facts(), &values)
}

fn text(adapted: &Adapted, path: &str) -> String {
    String::from_utf8(adapted.tree.get(path).unwrap().bytes.clone()).unwrap()
}

fn setting(setting: &Setting) -> String {
    let mut line = if setting.removed {
        "removed".to_owned()
    } else {
        setting.value.to_string()
    };
    let _ = write!(line, " by {}", setting.origin.layer);
    if !setting.path.is_empty() {
        line = format!("{} = {line}", setting.path);
    }
    if let Some(file) = &setting.origin.file {
        let _ = write!(line, ", {}", file.display());
    }
    for number in [setting.origin.line, setting.origin.column].into_iter().flatten() {
        let _ = write!(line, ":{number}");
    }
    if !setting.parameters.is_empty() {
        let _ = write!(line, " from {}", setting.parameters.join(", "));
    }
    line
}

fn explained(found: &[Explained]) -> String {
    let mut out = String::new();
    for Explained {
        explanation,
        parameters,
    } in found
    {
        let path = explanation.path.as_deref().unwrap_or("text");
        let line = explanation
            .line
            .map_or_else(String::new, |line| format!(" (line {line})"));
        let _ = writeln!(out, "{path}{line} = {}", explanation.value);
        explanation.history.iter().rev().for_each(|step| {
            let _ = writeln!(out, "    {}", setting(step));
        });
        for (name, resolved) in parameters {
            for step in resolved.history.iter().rev() {
                let _ = writeln!(out, "        {name}: {}", setting(step));
            }
        }
    }
    out
}

fn told(base: Files<'_>, over: &[(&str, Files<'_>)], file: &str, path: Option<&str>) -> String {
    let adapted = run(base, over).unwrap();
    let found = explain(&adapted.origins, file, path).unwrap();
    let kept: slipway_config::Origins =
        serde_json::from_str(&serde_json::to_string(&adapted.origins).unwrap()).unwrap();
    assert_eq!(kept, adapted.origins);
    format!("{}\n----\n{}", text(&adapted, file), explained(&found))
}

/// Diagnostics with the text that their labels stand on.
fn complaints(problems: &[Diagnostic], sources: &[(String, String)]) -> String {
    let mut out = String::new();
    for problem in problems {
        let _ = writeln!(out, "{}: {}", problem.code, problem.message);
        for label in &problem.labels {
            let source = sources.iter().find(|(file, _)| label.file.to_str() == Some(file));
            let text = source.map_or("", |(_, text)| text.as_str());
            let (line, column) = label.span.position(text);
            let marked = &text[label.span.start..label.span.end];
            let _ = writeln!(
                out,
                "  {}:{line}:{column} `{marked}`: {}",
                label.file.display(),
                label.text
            );
        }
        problem.help.iter().for_each(|help| {
            let _ = writeln!(out, "  help: {help}");
        });
    }
    out
}

fn refused(base: Files<'_>, over: &[(&str, Files<'_>)]) -> String {
    let problems = run(base, over).unwrap_err();
    let mut sources = vec![("deploy.toml".to_owned(), DEPLOY.to_owned())];
    sources.extend(
        base.iter()
            .map(|(path, text)| (format!("config/{path}"), (*text).to_owned())),
    );
    for (name, files) in over {
        sources.extend(
            files
                .iter()
                .map(|(path, text)| (format!("adaptations/{name}/{path}"), (*text).to_owned())),
        );
    }
    complaints(&problems, &sources)
}

fn history(values: &Values) -> String {
    let mut out = String::new();
    for (name, resolved) in values.iter() {
        let _ = writeln!(out, "{name} = {}", resolved.value);
        resolved.history.iter().rev().for_each(|step| {
            let _ = writeln!(out, "    {}", setting(step));
        });
    }
    out
}

#[test]
fn values_by_rank_with_their_history() {
    let over = overlays(&[
        (
            "common",
            &[("values.toml", "port = 80\nhosts = ['c']\nlabels.tier.cpu = 4\n")],
        ),
        (
            "prod",
            &[(
                "values.toml",
                "port = 81\nlabels = { team = 'ops' }\ndb-password = '${secret.PROD}'\n",
            )],
        ),
    ]);
    insta::assert_snapshot!(history(
        &values(&over, &[("public-name", json!("shop.example"))]).unwrap()
    ));
}

#[test]
fn wrong_values_all_at_once() {
    insta::assert_snapshot!(refused(
        &[],
        &[
            (
                "common",
                &[("values.toml", "prot = 1\nport = 'x'\ndb-password = 'hunter2'\n")]
            ),
            ("prod", &[("values.toml", "hosts = 3\ncolour = 'red'\n")]),
        ],
    ));
    let broken = refused(&[], &[("prod", &[("values.toml", "a = \n")])]);
    assert!(broken.starts_with("values-malformed"), "{broken}");
}

#[test]
fn missing_values_say_where_to_put_them() {
    let over = overlays(&[("common", &[]), ("prod", &[])]);
    let layers: Vec<Layer> = over.iter().map(|overlay| overlay.values().unwrap()).collect();
    insta::assert_snapshot!(complaints(
        &Values::resolve(&declarations(), &layers).unwrap_err(),
        &[]
    ));
}

#[test]
fn a_parameter_cannot_take_a_template_name() {
    let declaration = Declaration {
        name: "version",
        help: None,
        secret: false,
        at: None,
        check: &accept,
    };
    let problems = Values::resolve(
        &[declaration],
        &[Layer::command_line([("version".into(), json!(1))])],
    );
    assert_eq!(problems.unwrap_err()[0].code, "reserved-parameter");
}

const CADDY: &str = "\
{{ public_name }}:{{ params['port'] }} {
{% for host in hosts %}
    reverse_proxy {{ host }}:80   # by {{ service }}
{% endfor %}
{% if port == 443 %}
    tls internal
{% endif %}
{% include 'log.include' %}
}
";

#[test]
fn text_is_explained_line_by_line() {
    let base: Files<'_> = &[
        ("Caddyfile", CADDY),
        ("log.include", "\n    log {{ environment }}\n"),
    ];
    insta::assert_snapshot!(told(
        base,
        &[("prod", &[("values.toml", "public-name = 'shop.example'\n")])],
        "Caddyfile",
        None
    ));
}

#[test]
fn a_fragment_is_no_final_file() {
    let adapted = run(&[("a", "{% include 'b.include' %}"), ("b.include", "b")], &[]).unwrap();
    assert_eq!(
        adapted.tree.iter().map(|(path, _)| path).collect::<Vec<_>>(),
        ["a"]
    );
}

const APP_TOML: &str = "\
# The application.
name = \"{{ service }}\"

[server]
host = \"{{ public_name }}\"   # what users type
port = {{ port }}
workers = [1, 2]
[[backend]]
url = \"http://{{ hosts[0] }}\" # first
[[backend]]
url = \"http://{{ hosts[1] }}\"
";

#[test]
fn toml_keeps_comments_and_remembers() {
    insta::assert_snapshot!(told(
        &[("app.toml", APP_TOML)],
        &[
            (
                "common",
                &[(
                    "app.toml.patch.json",
                    "{\"server\": {\"workers\": null, \"host\": \"0.0.0.0\"}}"
                )]
            ),
            (
                "prod",
                &[
                    (
                        "app.toml.patch.toml",
                        "[server]\nhost = 'prod.example'\ntls = true\n[limits]\nopen = 5\n"
                    ),
                    (
                        "app.toml.jsonpatch.yaml",
                        "- {op: test, path: /server/port, value: 443}\n- op: replace\n  path: /backend/1/url\n  value: http://z\n",
                    ),
                ]
            ),
        ],
        "app.toml",
        None
    ));
}

const DEPLOYMENT: &str = "\
# Web.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web   # the name
spec:
  replicas: 1   # scaled
  paused: \"on\"
  containers:
    - name: web
      # by digest
      image: web@{{ artifacts.web.digest }}
      ports: [{{ port }}]
";

#[test]
fn yaml_keeps_comments_and_remembers() {
    insta::assert_snapshot!(told(
        &[("web.yaml", DEPLOYMENT)],
        &[(
            "prod",
            &[
                (
                    "web.yaml.patch.yaml",
                    "spec:\n  replicas: 5\n  strategy:\n    type: Recreate\n"
                ),
                (
                    "web.yaml.jsonpatch.json",
                    r#"[{"op": "add", "path": "/spec/containers/0/tty", "value": "no"}]"#
                ),
            ]
        )],
        "web.yaml",
        Some("spec"),
    ));
}

#[test]
fn a_stream_is_patched_by_kind_and_name() {
    let base = "# first\nkind: A\nmetadata: {name: x}\nn: 1 # one\n---\nkind: A\nmetadata: {name: y}\nn: 1\n";
    let patch = "kind: A\nmetadata: {name: y}\nn: 2\n---\nkind: A\nmetadata: {name: x}\nm: \"yes\"\n";
    insta::assert_snapshot!(told(
        &[("all.yaml", base)],
        &[("prod", &[("all.yaml.patch.yaml", patch)])],
        "all.yaml",
        None
    ));
}

#[test]
fn a_replaced_file_is_part_of_the_history() {
    insta::assert_snapshot!(told(
        &[("a.json", "{\"n\": {{ port }}, \"m\": 1}"), ("b.txt", "one\n")],
        &[
            ("common", &[("a.json.patch.json", "{\"n\": 2}")]),
            ("prod", &[("a.json", "{\n  \"n\": 3\n}\n")]),
        ],
        "a.json",
        None
    ));
}

#[test]
fn undefined_names_are_found_with_their_line() {
    insta::assert_snapshot!(refused(
        &[
            (
                "a.txt",
                "x\n{{ public_nam }} {{ prot }}\n{% if false %}{{ colour }}{% endif %}\n"
            ),
            ("b.txt", "ok\n{{ params['public_name'] }}\n"),
            ("c.txt", "{{ artifacts.wbe.digest }}\n"),
            ("d.txt", "{% if %}\n"),
            ("e.txt", "1\n2 {% include 'nothing.include' %}\n"),
            ("f.txt", "{% include 'g.include' %}\n"),
            ("g.include", "g\n{{ g }}\n"),
            ("h.txt", "{% include 'h.txt' %}\n"),
            (
                "i.txt",
                "{% for a in range(99999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}\n"
            ),
            ("j.txt", "{% include '../../etc/passwd' %}\n"),
            ("k.txt", "{{ 1 / 0 }}\n"),
        ],
        &[],
    ));
}

#[test]
fn patches_that_do_not_apply_are_refused_with_their_line() {
    insta::assert_snapshot!(refused(
        &[
            ("a.toml", "n = 1\n"),
            ("b.txt", "b\n"),
            ("c.json", "{\n  \"port\": {{ port }},,\n}"),
            ("d.yaml", "kind: A\n---\nkind: B\n"),
            ("e.toml", "n = 1\n"),
            ("f.toml", "n = 1\n"),
            ("g.toml", "n = 1\n"),
        ],
        &[(
            "prod",
            &[
                (
                    "a.toml.jsonpatch.yaml",
                    "- {op: test, path: /n, value: 1}\n- {op: remove, path: /m}\n"
                ),
                ("b.txt.patch.yaml", "a: 1\n"),
                ("c.json.patch.yaml", "a: 1\n"),
                ("d.yaml.patch.yaml", "a: 1\n"),
                ("e.toml.patch.ini", "a = 1\n"),
                ("e.toml.patch.json", "{\n \"a\" 1}"),
                (
                    "f.toml.jsonpatch.json",
                    "[{\"op\": \"test\", \"path\": \"/n\", \"value\": 2}]"
                ),
                (
                    "g.toml.jsonpatch.json",
                    "[{\"op\": \"add\", \"path\": \"/m\", \"value\": null}]"
                ),
                ("values.yaml", "a: 1\n"),
                ("ap.toml.patch.json", "{}"),
            ]
        )],
    ));
}

#[test]
fn an_overlay_may_add_but_not_by_a_slip() {
    let adapted = run(
        &[("app.toml", "")],
        &[("prod", &[("ap.toml", ""), ("extra/cert.pem", "x")])],
    )
    .unwrap();
    assert_eq!(adapted.tree.iter().count(), 3);
    let codes: Vec<_> = adapted
        .warnings
        .iter()
        .map(|warning| warning.code.as_str())
        .collect();
    assert_eq!(codes, ["overlay-file-adds"]);
}

#[test]
fn paths_that_leave_are_refused() {
    for path in ["../a", "/a", "a/../../b"] {
        assert!(refused(&[(path, "")], &[]).starts_with("path-refused"), "{path}");
    }
}

#[test]
fn settings_keep_their_type() {
    let templates = Templates::new(&facts(), &values(&[], &[]).unwrap());
    let place = Place {
        file: "deploy.toml".into(),
        span: Span { start: 0, end: 12 },
    };
    let check = |input: Value, expected: Value| {
        assert_eq!(templates.expand(&input, &place).unwrap(), expected, "{input}");
    };
    check(json!("{{ port }}"), json!(443));
    check(json!("{{port}}"), json!(443));
    check(json!(":{{ port }}"), json!(":443"));
    check(json!(" {{ port }}"), json!(" 443"));
    check(json!("{{ port }}{{ port }}"), json!("443443"));
    check(json!("{{ hosts }}"), json!(["a", "b"]));
    check(
        json!("{{ labels }}"),
        json!({"team": "shop", "tier": {"cpu": 1, "memory": 2}}),
    );
    check(json!("{{ params['public-name'] }}"), json!("localhost"));
    check(json!("{{ port > 100 }}"), json!(true));
    check(
        json!({"a": ["${port.http}", 1, {"b": "{{ version }}"}]}),
        json!({"a": ["${port.http}", 1, {"b": "1.4.2"}]}),
    );
    check(json!("{{ db_password }}"), json!("${secret.db-password}"));
    let problems = templates.expand(
        &json!({"env": {"A": "{{ prot }}"}, "b": ["x {{ colour }}"]}),
        &place,
    );
    insta::assert_snapshot!(complaints(
        &problems.unwrap_err(),
        &[("deploy.toml".into(), DEPLOY.into())]
    ));
}

#[test]
fn explaining_what_is_not_there_says_what_is() {
    let adapted = run(&[("app.toml", APP_TOML)], &[]).unwrap();
    let error = |file, path| explain(&adapted.origins, file, path).unwrap_err().to_string();
    assert_eq!(
        error("ap.toml", None),
        "there is no final file `ap.toml`: did you mean `app.toml`?"
    );
    assert_eq!(
        error("app.toml", Some("server.prot")),
        "nothing in `app.toml` is called `server.prot`: did you mean `/server/port`?"
    );
    for path in ["server.port", "/server/port", "6", "backend[1].url", "server"] {
        assert!(
            !explain(&adapted.origins, "app.toml", Some(path))
                .unwrap()
                .is_empty(),
            "{path}"
        );
    }
}

#[test]
fn the_order_of_files_changes_nothing() {
    let base: [(&str, &str); 3] = [
        ("a.toml", "n = 1\n"),
        ("b", "{{ port }}"),
        ("c.sh", "#!/bin/sh\n"),
    ];
    let over: [(&str, &str); 3] = [
        ("a.toml.patch.json", "{\"n\": 2}"),
        (
            "a.toml.jsonpatch.json",
            "[{\"op\": \"test\", \"path\": \"/n\", \"value\": 2}]",
        ),
        ("b", "B"),
    ];
    let forward = run(&base, &[("prod", &over)]).unwrap();
    let (mut base, mut over) = (base, over);
    base.reverse();
    over.reverse();
    let backward = run(&base, &[("prod", &over)]).unwrap();
    assert_eq!(
        (&forward.tree, &forward.origins),
        (&backward.tree, &backward.origins)
    );
    assert_eq!(tree_digest(&forward.tree), tree_digest(&backward.tree));
    assert!(forward.tree.get("c.sh").unwrap().executable);
}

mod any {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_is_a_template_or_refused(template in "[a-z{}%# \n\"'|().\\-]{0,80}", name in "[ -~é\n]{0,20}") {
            let over = overlays(&[]);
            let values = values(&over, &[("public-name", json!(name))]).unwrap();
            let base = folder("config", "config", &[("a.yaml", &template), ("b.txt", "{{ public_name }}")]);
            if let Ok(adapted) = adapt(&base, &over, &facts(), &values) {
                prop_assert_eq!(text(&adapted, "b.txt"), name);
            }
        }

        #[test]
        fn pieces_of_templates_never_panic(parts in prop::collection::vec(prop::sample::select(vec![
            "{{ port }}", "{% for a in hosts %}", "{% endfor %}", "{% if port %}", "{% elif a %}", "{% else %}", "{% endif %}",
            "{% set x = port %}", "{% set x %}", "{% endset %}", "{{ x }}", "{{ a }}", "{% macro m(a) %}", "{% endmacro %}",
            "{{ m(1) }}", "{% filter upper %}", "{% endfilter %}", "{% with y = port, z = hosts %}", "{% endwith %}", "{{ z }}",
            "{% raw %}", "{% endraw %}", "{# c #}", "text\n", "a: 1\n", "é", "{{ params['port'] }}", "{{ params[x] }}",
            "{% call m(1) %}", "{% endcall %}", "{%- if a -%}", "{% include 'c.include' %}",
        ]), 0..12)) {
            let base = [("a.yaml", parts.concat()), ("b.txt", parts.concat()), ("c.include", "c".to_owned())];
            let base: Vec<(&str, &str)> = base.iter().map(|(path, text)| (*path, text.as_str())).collect();
            let _ = run(&base, &[]);
        }

        #[test]
        fn a_toml_patch_changes_what_it_names_and_keeps_the_rest(port in any::<u16>(), host in "[ -~é]{0,12}") {
            let patch = json!({"server": {"port": port, "host": host}}).to_string();
            let adapted = run(&[("app.toml", APP_TOML)], &[("prod", &[("app.toml.patch.json", &patch)])]).unwrap();
            let text = text(&adapted, "app.toml");
            prop_assert!(text.starts_with("# The application.\n"), "{}", text);
            prop_assert!(text.contains("# what users type\n") && text.contains("# first\n"), "{}", text);
            let found = explain(&adapted.origins, "app.toml", Some("server")).unwrap();
            let value = |path: &str| {
                let found = found.iter().find(|found| found.explanation.path.as_deref() == Some(path));
                found.unwrap().explanation.value.clone()
            };
            prop_assert_eq!((value("/server/port"), value("/server/host")), (json!(port), json!(host)));
        }
    }
}

#[test]
fn what_a_patch_empties_is_explained_by_it() {
    insta::assert_snapshot!(told(
        &[("a.json", r#"{"a": {"b": 1}, "l": [1]}"#)],
        &[
            ("common", &[("a.json.patch.yaml", "a:\n  b: null\n")]),
            (
                "prod",
                &[("a.json.jsonpatch.yaml", "- {op: remove, path: /l/0}\n")]
            )
        ],
        "a.json",
        None
    ));
}
