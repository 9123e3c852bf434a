//! A server goes with whoever started it, and leaves nothing behind.

use std::{
    env,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use slipway_servers::Postgres;

const PATIENCE: Duration = Duration::from_secs(60);

/// Where its data is.
fn folder(server: &Postgres) -> String {
    server.sql("postgres", "SHOW data_directory")
}

#[test]
fn it_outlives_a_kill_and_not_its_owner() {
    let server = Postgres::start();
    let data = folder(&server);
    server.sql(
        "postgres",
        "CREATE TABLE kept (number INTEGER); INSERT INTO kept VALUES (7)",
    );
    server.kill();
    server.restart();
    assert_eq!(server.sql("postgres", "SELECT number FROM kept"), "7");
    drop(server);
    assert!(!Path::new(&data).exists());
}

#[test]
#[ignore = "the owner that is killed in the test below"]
fn owner() {
    println!("data {}", folder(Postgres::shared()));
    thread::sleep(PATIENCE);
}

#[test]
fn it_goes_with_an_owner_that_is_killed() {
    let mut owner = Command::new(env::current_exe().unwrap())
        .args(["--exact", "owner", "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(owner.stdout.take().unwrap()).lines();
    let data = lines.find_map(|line| Some(line.unwrap().split_once("data ")?.1.to_owned()));
    let data = data.unwrap();
    assert!(Path::new(&data).exists());
    owner.kill().unwrap();
    owner.wait().unwrap();
    let killed = Instant::now();
    while Path::new(&data).exists() {
        assert!(killed.elapsed() < PATIENCE, "{data} is still there");
        thread::sleep(Duration::from_millis(50));
    }
}
