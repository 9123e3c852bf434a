//! Settings and the workload that they become.

use serde_json::json;

use super::*;

fn rendered(settings: Value, config: &[&str]) -> Result<Rendered, Failure> {
    render(RenderInput {
        service: "shop".to_owned(),
        environment: "prod".to_owned(),
        artifact: "app".to_owned(),
        blob: "sha256:1".to_owned(),
        facts: Facts {
            files: 1,
            bytes: 1,
            program: None,
        },
        written: settings.clone(),
        settings,
        config: config.iter().map(|path| (*path).to_owned()).collect(),
        resolved: Vec::new(),
        target: json!({}),
    })
}

#[track_caller]
fn bad(settings: Value, message: &str) {
    let mut whole = json!({ "command": ["web"] });
    whole
        .as_object_mut()
        .unwrap()
        .extend(settings.as_object().unwrap().clone());
    assert_eq!(rendered(whole, &[]).unwrap_err().message, message);
}

fn document(settings: Value) -> Value {
    let mut whole = json!({ "command": ["web"] });
    whole
        .as_object_mut()
        .unwrap()
        .extend(settings.as_object().unwrap().clone());
    serde_json::from_slice(&rendered(whole, &["a.toml"]).unwrap().files[0].content).unwrap()
}

#[test]
fn the_least_is_written_as_it_was_said() {
    let rendered = rendered(json!({ "command": ["bin/web", "-x"] }), &[]).unwrap();
    let text = r#"{
  "kind": "process",
  "artifact": "app",
  "digest": "sha256:1",
  "strip": 0,
  "instances": 1,
  "command": [
    "bin/web",
    "-x"
  ]
}
"#;
    assert_eq!(
        rendered.files,
        [File {
            path: "workloads/app.json".to_owned(),
            content: text.into()
        }]
    );
    let workload = rendered.workload.unwrap();
    assert_eq!(
        (workload.kind.as_str(), workload.file.as_str()),
        ("process", "workloads/app.json")
    );
    assert_eq!(
        (workload.instances, workload.ports, workload.exclusive),
        (1, Vec::new(), None)
    );
}

#[test]
fn everything_at_once_stays_what_it_was() {
    let schema: Value = serde_json::from_str(include_str!("../settings.schema.json")).unwrap();
    let settings = schema["examples"][1].clone();
    let found = rendered(settings.clone(), &["app.toml"]).unwrap();
    let document: Value = serde_json::from_slice(&found.files[0].content).unwrap();
    for key in [
        "command",
        "ports",
        "health",
        "instances",
        "restart",
        "stop",
        "strip",
        "workdir",
        "user",
        "data",
    ] {
        assert_eq!(document[key], settings[key], "{key}");
    }
    assert_eq!(document["env"]["WORKERS"], "4");
    assert_eq!(document["log"]["max-size"], 64 << 20);
    let pointers: Vec<_> = found
        .origins
        .iter()
        .map(|origin| origin.pointer.as_str())
        .collect();
    for expected in [
        "/command/2",
        "/env/LOG_LEVEL",
        "/ports/admin/number",
        "/log/max-size",
        "/health/http",
    ] {
        assert!(pointers.contains(&expected), "{expected} in {pointers:?}");
    }
    let resolved = |pointer: &str| document.pointer(pointer).is_some() && settings.pointer(pointer).is_some();
    assert!(pointers.iter().all(|pointer| resolved(pointer)));
    let workload = found.workload.unwrap();
    assert_eq!(workload.ports, ["admin", "http"]);
    assert_eq!(
        workload.exclusive.as_deref(),
        Some("port `admin` is fixed at 9000")
    );
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let one = json!({ "command": ["web"], "env": { "B": "1", "A": "2" } });
    let other = json!({ "env": { "A": "2", "B": "1" }, "command": ["web"] });
    assert_eq!(
        rendered(one, &[]).unwrap().files,
        rendered(other, &[]).unwrap().files
    );
}

#[test]
fn the_port_of_a_health_check_is_the_one_that_is_meant() {
    let port = |ports: Value, health: Value| {
        document(json!({ "ports": ports, "health": health }))["health"]["port"].clone()
    };
    assert_eq!(port(json!({ "web": {} }), json!({ "tcp": true })), "web");
    assert_eq!(
        port(json!({ "web": {}, "http": {} }), json!({ "http": "/" })),
        "http"
    );
    assert_eq!(
        port(
            json!({ "web": {}, "http": {} }),
            json!({ "http": "/", "port": "web" })
        ),
        "web"
    );
    bad(
        json!({ "health": { "tcp": true } }),
        "`health` does not say which port it probes",
    );
    bad(
        json!({ "ports": { "a": {} }, "health": { "tcp": true, "port": "b" } }),
        "`health.port`: `b` is not in `ports`",
    );
    let either = "`health` needs either `http = \"/path\"` or `tcp = true`";
    bad(json!({ "health": {} }), either);
    bad(json!({ "health": { "tcp": true, "http": "/" } }), either);
    bad(
        json!({ "health": { "http": "x" } }),
        "`health.http` is a path and begins with `/`, not `x`",
    );
}

#[test]
fn what_only_one_can_have_is_not_shared() {
    let two = |more: Value| {
        let mut settings = json!({ "instances": 2 });
        settings
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        settings
    };
    bad(
        two(json!({ "data": "exclusive" })),
        "2 instances cannot run: its data folder is exclusive",
    );
    bad(
        two(json!({ "ports": { "a": { "number": 80 } } })),
        "2 instances cannot run: port `a` is fixed at 80",
    );
    assert_eq!(document(two(json!({ "data": true })))["data"], "shared");
    assert_eq!(document(json!({ "data": false })).get("data"), None);
}

#[test]
fn the_working_folder_stays_inside() {
    let workdir = |text: &str| document(json!({ "workdir": text, "data": true }))["workdir"].clone();
    assert_eq!(workdir("public"), "${app}/public");
    assert_eq!(workdir("${app}"), "${app}");
    assert_eq!(workdir("${data}/db"), "${data}/db");
    bad(
        json!({ "workdir": "${data}" }),
        "`workdir`: `${data}` needs a data folder",
    );
    bad(json!({ "workdir": "/srv" }), "`workdir`: `/srv` is absolute");
    for outside in ["a/../../b", "${app}x", "${config}", "${app}/${instance}"] {
        bad(
            json!({ "workdir": outside }),
            &format!("`workdir`: `{outside}` is not a folder inside `${{app}}` or `${{data}}`"),
        );
    }
}

#[test]
fn what_is_wrong_names_its_setting() {
    bad(json!({ "command": [] }), "`command` names no program");
    bad(json!({ "instances": 0 }), "`instances` must be at least 1");
    bad(
        json!({ "log": { "max-size": "big" } }),
        "`log.max-size` is not a size such as `16MiB`",
    );
    bad(
        json!({ "env": { "A": "${port.http}" } }),
        "`env.A`: `${port.http}` is no port",
    );
    bad(
        json!({ "env": { "A": "${config}" } }),
        "`env.A`: `${config}` is empty: there are no configuration files",
    );
    let failure = rendered(json!({ "command": ["web"], "stop": { "timeout": "soon" } }), &[]).unwrap_err();
    assert!(
        failure.message.contains("`soon` is not a duration"),
        "{}",
        failure.message
    );
}
