//! Tasks as real processes: each is begun once, whoever is killed meanwhile, and how it ended is known afterwards.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::{
    fs,
    time::{Duration, Instant},
};

use common::{Agent, command, kill, runs};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use slipway_agent::api::TaskStatus;

const TASK: &str = "/v1/tasks/migrate";

/// Notes in `ran` that it has begun.
fn task(script: &str) -> Value {
    let script = format!("echo begun >> ran; {script}");
    let mut instance = command(&["sh", "-c", &script]);
    instance["env"] = json!({ "KEY": "<${value.key}>" });
    instance["values"] = json!({ "key": "${app}" });
    json!({ "instance": instance, "timeout": "60s" })
}

async fn put(agent: &Agent, spec: &Value) -> TaskStatus {
    agent.client.put(TASK, spec).await.unwrap()
}

async fn ended(agent: &Agent) -> TaskStatus {
    let began = Instant::now();
    loop {
        // Between two workers a connection may break.
        match agent.client.get::<TaskStatus>(&format!("{TASK}?wait=30s")).await {
            Ok(status) if status.end.is_some() => return status,
            status => assert!(began.elapsed() < Duration::from_secs(60), "{status:#?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn ran(agent: &Agent) -> usize {
    fs::read_to_string(agent.dir.join("app/ran"))
        .unwrap_or_default()
        .lines()
        .count()
}

async fn begun(agent: &Agent) {
    let began = Instant::now();
    while ran(agent) == 0 {
        assert!(began.elapsed() < Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_runs_once_and_is_known_by_its_name() {
    let agent = Agent::start().await;
    let spec = task("seq 10000; echo $KEY in $(basename $PWD); exit 3");
    put(&agent, &spec).await;
    let status = ended(&agent).await;
    let end = status.end.unwrap();
    assert_eq!((end.code, end.signal, end.late), (Some(3), None, false));
    assert!(
        status.said.starts_with("9") && status.said.ends_with("\n<${app}> in app\n"),
        "{}",
        status.said
    );
    assert!((4000..=4096).contains(&status.said.len()));
    put(&agent, &spec).await;
    assert_eq!((ended(&agent).await.end.unwrap().code, ran(&agent)), (Some(3), 1));
    let other = agent.send(Method::PUT, TASK, &task("true")).await;
    let text = String::from_utf8_lossy(&other.body).into_owned();
    assert_eq!(other.status, StatusCode::CONFLICT);
    assert!(
        text.contains("task `migrate` exists with another `instance.command[2]`"),
        "{text}"
    );
    assert!(!agent.client.delete(TASK).await.unwrap().gone);
    assert!(agent.client.delete(TASK).await.unwrap().gone);
    let left: Vec<_> = fs::read_dir(agent.dir.join("tasks")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");

    // What cannot be begun has ended, and says why.
    let mut missing = task("true");
    missing["instance"]["command"] = json!(["no-such-program"]);
    put(&agent, &missing).await;
    let status = ended(&agent).await;
    assert_eq!(status.end.unwrap().code, Some(127));
    assert!(
        status.said.starts_with("cannot start no-such-program in "),
        "{}",
        status.said
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn it_outlives_the_agent() {
    let agent = Agent::start().await;
    // Once it goes on while a worker dies, and once it ends while there is none.
    put(&agent, &task("sleep 2; echo done; exit 4")).await;
    begun(&agent).await;
    let worker = agent.worker().await;
    kill(worker);
    agent.next_worker(worker).await;
    let status = ended(&agent).await;
    assert_eq!(status.end.unwrap().code, Some(4));
    assert_eq!((status.said.as_str(), ran(&agent)), ("done\n", 1));

    let worker = agent.worker().await;
    kill(worker);
    agent.next_worker(worker).await;
    let status = ended(&agent).await;
    assert_eq!((status.end.unwrap().code, ran(&agent)), (Some(4), 1));

    // It kills the worker itself, and has ended before the next one looks.
    agent.client.delete(TASK).await.unwrap();
    let worker = agent.worker().await;
    put(&agent, &task(&format!("kill -9 {worker}; exit 5"))).await;
    agent.next_worker(worker).await;
    assert_eq!((ended(&agent).await.end.unwrap().code, ran(&agent)), (Some(5), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_in_time_or_when_it_is_taken_away() {
    let agent = Agent::start().await;
    let mut spec = task("sleep 600 & sleep 600");
    spec["timeout"] = "3s".into();
    put(&agent, &spec).await;
    begun(&agent).await;
    let worker = agent.worker().await;
    kill(worker);
    agent.next_worker(worker).await;
    let end = ended(&agent).await.end.unwrap();
    assert!(end.late && end.code.is_none(), "{end:?}");
    agent.client.delete(TASK).await.unwrap();

    let status = put(&agent, &task("sleep 600")).await;
    let pid = match status.pid {
        Some(pid) => pid,
        None => {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let status: TaskStatus = agent.client.get(TASK).await.unwrap();
            status.pid.unwrap()
        }
    };
    assert!(runs(pid));
    agent.client.delete(TASK).await.unwrap();
    assert!(!runs(pid));
    let late = [("slipway-scope", "shop/test"), ("slipway-fence", "7")];
    let newer = [("slipway-scope", "shop/test"), ("slipway-fence", "8")];
    let body = || serde_json::to_vec(&task("true")).unwrap().into();
    let send = async |method, headers: &[(&str, &str)], body| {
        agent
            .client
            .send(method, TASK, headers, body)
            .await
            .unwrap()
            .status
    };
    assert_eq!(
        send(Method::DELETE, &newer, Vec::new().into()).await,
        StatusCode::OK
    );
    assert_eq!(
        send(Method::PUT, &late, body()).await,
        StatusCode::PRECONDITION_FAILED
    );
}
