//! Instances as real processes: started, watched, started again, stopped, their logs read.

mod common;

use std::os::unix::fs::PermissionsExt;

use common::{Agent, Http, address, command, echo, runs, state};
use http::Method;
use serde_json::{Value, json};
use slipway_agent::api::InstanceList;

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_lives_and_ends() {
    let agent = Agent::start().await;
    let mut spec = echo('a');
    spec["folders"]["data"] = "data/shop".into();
    spec["env"] = json!({"WHERE": "${data}", "AT": "http://x:${port.http}", "PLAIN": "$${port.http}", "VALUE": "<${value.odd}>"});
    spec["values"] = json!({"odd": "${app} $${x} ${"});
    agent.put("shop-1", &spec).await;
    let status = agent
        .until("shop-1", "healthy", |status| state(status) == "healthy")
        .await;
    let (pid, port) = (status.pid.unwrap(), status.ports["http"]);
    assert!(status.healthy_since >= status.started && status.restarts == 0);

    let env = Http::new(false)
        .get(address(&status).parse().unwrap(), "/env")
        .await
        .unwrap()
        .body;
    let dir = agent.dir.canonicalize().unwrap();
    let env = env
        .replace(&port.to_string(), "<port>")
        .replace(dir.to_str().unwrap(), "<dir>");
    insta::assert_snapshot!(env);

    assert!(
        !agent
            .client
            .delete("/v1/instances/shop-1?timeout=5s")
            .await
            .unwrap()
            .gone
    );
    assert!(!runs(pid));
    assert!(agent.client.delete("/v1/instances/shop-1").await.unwrap().gone);
    assert_eq!(
        agent
            .send(Method::GET, "/v1/instances/shop-1", &Value::Null)
            .await
            .status,
        404
    );
    assert_eq!(
        agent
            .send(Method::GET, "/v1/instances/shop-1/logs", &Value::Null)
            .await
            .status,
        200
    );
    agent
        .client
        .delete("/v1/instances/shop-1?logs=true")
        .await
        .unwrap();
    assert_eq!(
        agent
            .send(Method::GET, "/v1/instances/shop-1/logs", &Value::Null)
            .await
            .status,
        404
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_crashes_backs_off_and_is_started_again() {
    let agent = Agent::start().await;
    agent
        .put("crash", &command(&["sh", "-c", "echo out of luck; exit 3"]))
        .await;
    let status = agent
        .until("crash", "backing off", |status| {
            status.restarts >= 3 && state(status) == "backing-off"
        })
        .await;
    assert_eq!(status.last_exit.unwrap().code, Some(3));
    assert_eq!(status.log_tail.last().unwrap(), "out of luck");
    assert!(
        status
            .detail
            .starts_with("ended with exit code 3; is started again after "),
        "{}",
        status.detail
    );

    agent.put("missing", &command(&["no-such-program"])).await;
    let status = agent
        .until("missing", "backing off", |status| state(status) == "backing-off")
        .await;
    assert_eq!(status.last_exit.unwrap().code, Some(127));
    assert!(
        status.log_tail[0].starts_with("cannot start no-such-program in "),
        "{:?}",
        status.log_tail
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_say_what_is_started_again() {
    let agent = Agent::start().await;
    for (policy, script, expected) in [
        ("never", "exit 1", "failed"),
        ("never", "exit 0", "stopped"),
        ("on-failure", "exit 0", "stopped"),
        ("never", "kill -9 $$", "failed"),
    ] {
        let mut spec = command(&["sh", "-c", script]);
        spec["restart"]["policy"] = policy.into();
        agent.put("once", &spec).await;
        let status = agent
            .until("once", expected, |status| state(status) == expected)
            .await;
        assert_eq!(status.restarts, 0, "{policy} {script}");
        agent.client.delete("/v1/instances/once").await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_end_is_killed_with_all_its_children() {
    let agent = Agent::start().await;
    let script = "trap '' TERM; sh -c 'trap \"\" TERM; echo child $$; while :; do sleep 1; done' & wait";
    agent.put("stubborn", &command(&["sh", "-c", script])).await;
    let began = std::time::Instant::now();
    let child: u32 = loop {
        let log = agent
            .send(Method::GET, "/v1/instances/stubborn/logs", &Value::Null)
            .await;
        let text = String::from_utf8(log.body.to_vec()).unwrap();
        if let Some(pid) = text
            .strip_prefix("child ")
            .and_then(|rest| rest.trim().parse().ok())
        {
            break pid;
        }
        assert!(began.elapsed().as_secs() < 30, "{text}");
    };
    let pid = agent.instance("stubborn").await.pid.unwrap();
    agent
        .client
        .delete("/v1/instances/stubborn?timeout=100ms")
        .await
        .unwrap();
    assert!(!runs(pid));
    while runs(child) {
        assert!(began.elapsed().as_secs() < 30, "the child lives on");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_is_no_change_and_another_is_refused() {
    let agent = Agent::start().await;
    let spec = echo('a');
    assert_eq!(
        agent.send(Method::PUT, "/v1/instances/one", &spec).await.status,
        201
    );
    let before = agent
        .until("one", "healthy", |status| state(status) == "healthy")
        .await;
    assert_eq!(
        agent.send(Method::PUT, "/v1/instances/one", &spec).await.status,
        200
    );
    assert_eq!(agent.instance("one").await.pid, before.pid);

    let mut other = spec.clone();
    other["env"] = json!({"PASSWORD": "secret"});
    let refused = agent.send(Method::PUT, "/v1/instances/one", &other).await;
    let text = String::from_utf8(refused.body.to_vec()).unwrap();
    assert!(
        refused.status == 409 && text.contains("`env.PASSWORD`") && !text.contains("secret"),
        "{text}"
    );

    for (query, expected) in [
        ("", 1),
        ("service=shop&environment=test", 1),
        ("environment=prod", 0),
    ] {
        let list: InstanceList = agent.client.get(&format!("/v1/instances?{query}")).await.unwrap();
        assert_eq!(list.instances.len(), expected, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_named() {
    let agent = Agent::start().await;
    std::os::unix::fs::symlink("/etc", agent.dir.join("out")).unwrap();
    let mut all = String::new();
    for (place, value) in [
        ("/command", json!([])),
        ("/command", json!(["x", "${port.admin}"])),
        ("/env", json!({"A": "${secret.TOKEN}"})),
        ("/env", json!({"A=B": "x"})),
        ("/values", json!({"a": "\0"})),
        ("/folders", json!({"app": "none"})),
        ("/folders", json!({"app": ".."})),
        ("/folders", json!({"app": "/etc"})),
        ("/folders", json!({"app": "."})),
        ("/folders", json!({"app": "app", "data": "instances/x"})),
        ("/folders", json!({"app": "out"})),
        ("/folders", json!({"app": "app", "data": "out/made"})),
        ("/folders", json!({"app": "app", "data": "../made"})),
        ("/ports", json!({"http": {"number": 0}})),
        ("/ports", json!({"Http": {}})),
        ("/health", json!({"tcp": true, "port": "admin"})),
        ("/health", json!({"port": "http"})),
        ("/health", json!({"port": "http", "http": "healthz"})),
        ("/stop", json!({"signal": "STOP"})),
        ("/stop", json!({"timeout": "soon"})),
        ("/log", json!({"max-size": 1})),
        ("/user", json!("nobody-has-this-name")),
        ("/service", json!("../shop")),
        ("/colour", json!("blue")),
    ] {
        let mut spec = echo('a');
        spec[place.trim_start_matches('/')] = value;
        let answer = agent.send(Method::PUT, "/v1/instances/wrong", &spec).await;
        let error: Value = serde_json::from_slice(&answer.body).unwrap();
        // How far into the body a place is depends on the length of the folder's name.
        let error = error["error"].as_str().unwrap();
        let error = error.split_once(" at line ").map_or(error, |(what, _)| what);
        all += &format!("{} {error}\n", answer.status);
    }
    let dir = agent.dir.canonicalize().unwrap();
    insta::assert_snapshot!(
        all.replace(dir.to_str().unwrap(), "<dir>")
            .replace(agent.dir.to_str().unwrap(), "<dir>")
    );
    assert!(!agent.dir.join("../made").exists());
    assert_eq!(
        agent
            .send(Method::PUT, "/v1/instances/Not-a-name", &echo('a'))
            .await
            .status,
        422
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_read_on_exactly_while_they_are_trimmed() {
    let agent = Agent::start().await;
    let script = "i=0; while [ $i -lt 60000 ]; do echo line $i; i=$((i+1)); done; echo end; sleep 1000";
    let mut spec = command(&["sh", "-c", script]);
    spec["log"] = json!({"max-size": 65536});
    agent.put("talker", &spec).await;
    let mut from = 0;
    let mut text = String::new();
    while !text.ends_with("end\n") {
        let path = format!("/v1/instances/talker/logs?from={from}&limit=10000&follow=5");
        let piece = agent.send(Method::GET, &path, &Value::Null).await;
        assert_eq!(piece.status, 200);
        let header = |name: &str| piece.headers[name].to_str().unwrap().parse::<usize>().unwrap();
        // A reader that is slower than the trimming is told what it missed.
        if header("slipway-offset") > from {
            text.clear();
        }
        text += std::str::from_utf8(&piece.body).unwrap();
        assert_eq!(
            header("slipway-next-offset"),
            header("slipway-offset") + piece.body.len()
        );
        from = header("slipway-next-offset");
    }
    let numbers: Vec<u32> = text
        .lines()
        .skip(1)
        .filter_map(|line| line.strip_prefix("line ")?.parse().ok())
        .collect();
    assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]));
    assert_eq!(numbers.last(), Some(&59_999));
    let began = std::time::Instant::now();
    loop {
        let first = agent
            .send(Method::GET, "/v1/instances/talker/logs?from=0", &Value::Null)
            .await;
        let kept = first.body.len();
        if first.headers["slipway-offset"] != "0" && kept < 100_000 {
            assert!(kept >= 65536);
            break;
        }
        assert!(began.elapsed().as_secs() < 30, "{kept} bytes are kept");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_lease_changes_nothing() {
    let agent = Agent::start().await;
    let body = serde_json::to_vec(&echo('a')).unwrap();
    let send = async |method, token: &str, scope: &str| {
        let headers = [("slipway-scope", scope), ("slipway-fence", token)];
        agent
            .client
            .send(method, "/v1/instances/one", &headers, body.clone().into())
            .await
            .unwrap()
            .status
    };
    assert_eq!(send(Method::PUT, "5", "shop/test").await, 201);
    assert_eq!(send(Method::PUT, "4", "shop/test").await, 412);
    assert_eq!(send(Method::DELETE, "4", "shop/test").await, 412);
    assert_eq!(send(Method::PUT, "5", "shop/prod").await, 422);
    assert_eq!(send(Method::PUT, "five", "shop/test").await, 422);
    assert_eq!(send(Method::DELETE, "6", "shop/test").await, 200);
    assert_eq!(send(Method::PUT, "5", "shop/test").await, 412);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_user_runs_it_where_that_can_be() {
    let agent = Agent::start().await;
    // The temporary folder around the agent's is closed to others.
    std::fs::set_permissions(agent.dir.parent().unwrap(), PermissionsExt::from_mode(0o711)).unwrap();
    let mut spec = command(&["sh", "-c", "id -un > who; mv who done; sleep 1000"]);
    spec["user"] = "nobody".into();
    spec["folders"]["data"] = "data".into();
    let status = agent.send(Method::PUT, "/v1/instances/other", &spec).await.status;
    if !rustix::process::geteuid().is_root() {
        assert_eq!(status, 422);
        return;
    }
    let began = std::time::Instant::now();
    loop {
        match std::fs::read_to_string(agent.dir.join("data/done")) {
            Ok(who) => return assert_eq!(who, "nobody\n"),
            Err(_) => assert!(
                began.elapsed().as_secs() < 30,
                "{:#?}",
                agent.instance("other").await
            ),
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
