//! The agent killed in every way: instances live on and are found again.

mod common;

use std::os::unix::fs::PermissionsExt;

use common::{Agent, Http, address, connect, kill, parent, runs, state};

#[tokio::test(flavor = "multi_thread")]
async fn the_worker_is_killed() {
    let agent = Agent::start().await;
    let before = agent.echo("one", 'a').await;
    let worker = agent.worker().await;
    kill(worker);
    agent.next_worker(worker).await;
    let after = agent
        .until("one", "healthy", |status| state(status) == "healthy")
        .await;
    assert_eq!(
        (before.pid, &before.ports, before.started),
        (after.pid, &after.ports, after.started)
    );
    assert_eq!(before.healthy_since, after.healthy_since);
    // The process is the keeper's now, so how it ends is known all the same.
    let gone = Http::new(false)
        .get(address(&after).parse().unwrap(), "/exit?7")
        .await;
    assert!(gone.is_err());
    let again = agent
        .until("one", "restarted", |status| {
            status.restarts == 1 && state(status) == "healthy"
        })
        .await;
    assert_eq!(again.last_exit.unwrap().code, Some(7));
    assert_eq!(again.ports, before.ports);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_between_two_workers_is_found() {
    let agent = Agent::start().await;
    for _ in 0..3 {
        let found = agent.client.find().await.unwrap();
        let worker = found.expect("its keeper starts another worker").pid;
        kill(worker);
        while runs(worker) {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }
    assert!(agent.client.find().await.unwrap().is_some());
    let nobody = tempfile::tempdir().unwrap();
    let client = slipway_agent::Client::new(nobody.path()).unwrap();
    assert!(client.find().await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn keeper_and_worker_are_killed() {
    let agent = Agent::start().await;
    let before = agent.echo("one", 'a').await;
    let worker = agent.worker().await;
    kill(parent(worker));
    kill(worker);
    while runs(worker) {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert!(runs(before.pid.unwrap()));
    connect(&agent.dir).await;
    let after = agent
        .until("one", "healthy", |status| state(status) == "healthy")
        .await;
    assert_eq!((before.pid, &before.ports), (after.pid, &after.ports));
    kill(after.pid.unwrap());
    let again = agent
        .until("one", "restarted", |status| {
            status.restarts == 1 && state(status) == "healthy"
        })
        .await;
    let exit = again.last_exit.unwrap();
    assert_eq!((exit.code, exit.signal), (None, None), "nobody can have seen it");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keeper_is_killed() {
    let agent = Agent::start().await;
    let before = agent.echo("one", 'a').await;
    let worker = agent.worker().await;
    kill(parent(worker));
    let next = agent.next_worker(worker).await;
    assert_eq!(parent(next), worker, "the worker took the keeper's place");
    let after = agent
        .until("one", "healthy", |status| state(status) == "healthy")
        .await;
    assert_eq!(before.pid, after.pid);
    kill(after.pid.unwrap());
    let again = agent
        .until("one", "restarted", |status| status.restarts == 1)
        .await;
    assert_eq!(again.last_exit.unwrap().signal, Some(9));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_ends_while_no_agent_runs() {
    let agent = Agent::start().await;
    let before = agent.echo("one", 'a').await;
    agent.client.shutdown(true).await.unwrap();
    assert!(runs(before.pid.unwrap()));
    kill(before.pid.unwrap());
    connect(&agent.dir).await;
    let after = agent
        .until("one", "healthy", |status| state(status) == "healthy")
        .await;
    assert_ne!(before.pid, after.pid);
    assert_eq!((after.restarts, &before.ports), (1, &after.ports));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_start_one_agent_in_a_deep_folder() {
    let deep = ["a-folder-with-a-long-name"; 6].join("/");
    let agent = Agent::start_in(&deep).await;
    agent.client.shutdown(false).await.unwrap();
    let all = (0..8).map(|_| async { connect(&agent.dir).await.info().await.unwrap().pid });
    let pids = futures_util::future::join_all(all).await;
    assert!(pids.windows(2).all(|pair| pair[0] == pair[1]), "{pids:?}");
    let mode = |path: &str| agent.dir.join(path).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode("agent.sock"), mode("instances"), mode("agent.log")),
        (0o600, 0o700, 0o600)
    );
    assert_eq!(mode("") & 0o066, 0, "nobody else can list it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_leaves_nothing() {
    let agent = Agent::start().await;
    let instance = agent.echo("one", 'a').await;
    let worker = agent.worker().await;
    let keeper = parent(worker);
    agent.client.shutdown(false).await.unwrap();
    assert!(!runs(instance.pid.unwrap()));
    let began = std::time::Instant::now();
    while runs(worker) || runs(keeper) {
        assert!(began.elapsed().as_secs() < 30);
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let left = |folder: &str| std::fs::read_dir(agent.dir.join(folder)).unwrap().count();
    assert_eq!((left("instances"), left("routes")), (0, 0));
    connect(&agent.dir).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_folder_ends_everything_in_it() {
    let agent = Agent::start().await;
    let instance = agent.echo("one", 'a').await;
    let worker = agent.worker().await;
    let keeper = parent(worker);
    std::fs::remove_dir_all(&agent.dir).unwrap();
    let began = std::time::Instant::now();
    while runs(worker) || runs(keeper) || runs(instance.pid.unwrap()) {
        assert!(began.elapsed().as_secs() < 30);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    connect(&agent.dir).await;
}

#[tokio::test]
async fn an_agent_that_does_not_start_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let error =
        slipway_agent::Client::connect_or_start(folder.path(), "/bin/no-such-program".as_ref(), &[]).await;
    assert!(
        error
            .unwrap_err()
            .to_string()
            .starts_with("cannot start /bin/no-such-program: ")
    );
}
