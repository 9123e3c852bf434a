//! Databases that are no ledger of ours, or not for us: what is said, and that nothing is made by who only looks.

use std::{fs, process::Command};

use slipway_journal::{Error, PostgresSettings, PostgresStore, RunFilter, Scope, Store as _};
use slipway_servers::Postgres;

use super::common::{Ledger, at, lease, new_run, scope};

async fn error(url: &str) -> String {
    let settings: PostgresSettings = url.parse().unwrap();
    let error = PostgresStore::open(settings, None)
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(!error.contains("cret"), "the password is in {error}");
    error
}

#[track_caller]
fn check(error: &str, expected: &[&str]) {
    for part in expected {
        assert!(error.contains(part), "{part} is not in: {error}");
    }
}

#[tokio::test]
async fn what_cannot_be_opened_says_why_and_what_to_do() {
    let server = Postgres::shared();
    let url = server.database();
    let (_, database) = url.rsplit_once('/').unwrap();
    check(&error(&server.url("nowhere")).await, &["nowhere", "createdb"]);
    let wrong = url.replace("s3cret", "secret");
    check(
        &error(&wrong).await,
        &[database, "check the user of the URL and the password"],
    );
    let tls = format!("{url}?sslmode=require");
    check(&error(&tls).await, &[database, "sslmode=disable"]);
    server.sql(
        "postgres",
        "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0",
    );
    check(&error(&server.url("latin")).await, &["LATIN1", "UTF8"]);

    server.sql("postgres", "CREATE ROLE guest LOGIN PASSWORD 'secret'");
    let guest = url.replace("slipway:s3cret%2Fp%40ss", "guest:secret");
    check(&error(&guest).await, &["permission denied", "GRANT"]);
    let no_port = url.replace(&format!(":{}/", server.port()), ":1/");
    let settings: PostgresSettings = no_port.parse().unwrap();
    let settings = settings.patience(std::time::Duration::from_millis(100));
    let unreachable = PostgresStore::open(settings, None).await.err().unwrap();
    assert!(matches!(unreachable, Error::Unreachable { .. }), "{unreachable}");

    let ledger = Ledger::postgres();
    drop(ledger.open().await);
    ledger.sql("UPDATE version SET number = 99");
    check(&error(&ledger.place).await, &["schema 99", "newer slipway"]);
}

#[tokio::test]
async fn a_socket_of_this_machine_needs_no_tls() {
    let server = Postgres::shared();
    let url = format!("{}?sslmode=require", server.by_socket(&server.database()));
    let store = PostgresStore::open(url.parse().unwrap(), None).await.unwrap();
    assert_eq!(store.runs(RunFilter::default()).await.unwrap(), []);
}

#[tokio::test]
async fn who_only_looks_makes_nothing() {
    let ledger = Ledger::postgres();
    let look = async || {
        PostgresStore::look(ledger.place.parse().unwrap(), None)
            .await
            .unwrap()
    };
    assert!(look().await.is_none());
    assert_eq!(
        ledger.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'slipway'"),
        "0"
    );
    drop(ledger.open().await);
    let found = look().await.unwrap();
    assert_eq!(found.runs(RunFilter::default()).await.unwrap(), []);
}

#[tokio::test]
async fn services_of_one_database_do_not_see_each_other() {
    let ledger = Ledger::postgres();
    let of = async |service: &str| {
        let service = Some(service.parse().unwrap());
        PostgresStore::open(ledger.place.parse().unwrap(), service)
            .await
            .unwrap()
    };
    let (shop, mail) = (of("shop").await, of("mail").await);
    let held = lease(&shop, "r-1").await;
    shop.create_run(&held, new_run("r-1"), at(1)).await.unwrap();
    let other = Scope {
        service: "mail".parse().unwrap(),
        ..scope()
    };
    let owner = slipway_journal::Owner::current("r-2".parse().unwrap()).unwrap();
    let slipway_journal::Acquired::Lease(lease) = mail.acquire(&other, &owner, at(1)).await.unwrap() else {
        panic!("a lease is of one service");
    };
    mail.create_run(&lease, new_run("r-2"), at(1)).await.unwrap();

    let ids = async |store: &PostgresStore| {
        let runs = store.runs(RunFilter::default()).await.unwrap();
        runs.into_iter().map(|run| run.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(
        (ids(&shop).await, ids(&mail).await),
        (vec!["r-1".to_owned()], vec!["r-2".to_owned()])
    );
    assert_eq!(mail.run("r-").await.unwrap().id.as_str(), "r-2");
    let foreign = mail.run("r-1").await;
    assert!(matches!(foreign, Err(Error::NoSuchRun(_))), "{foreign:?}");
    let all = ledger.open().await.runs(RunFilter::default()).await.unwrap();
    assert_eq!(all.len(), 2);
}

#[tokio::test]
async fn a_server_proves_who_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let openssl = |arguments: &str| {
        let mut command = Command::new("openssl");
        let made = command
            .args(arguments.split(' '))
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    };
    let new_key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    openssl(&format!(
        "req -x509 {new_key} -keyout ca.key -out ca.pem -subj /CN=issuer -days 30"
    ));
    openssl(&format!(
        "req -new {new_key} -keyout key.pem -out request.pem -subj /CN=localhost"
    ));
    fs::write(folder.path().join("names"), "subjectAltName=DNS:localhost").unwrap();
    openssl(
        "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out certificate.pem -extfile names",
    );
    let text = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let server = Postgres::start_with_tls(&text("certificate.pem"), &text("key.pem"));

    let by_address = server.database();
    let by_name = by_address.replace("127.0.0.1", "localhost");
    let roots = format!("sslrootcert={}", folder.path().join("ca.pem").display());
    for url in [
        by_address.clone(),
        format!("{by_address}?sslmode=require"),
        format!("{by_address}?sslmode=verify-ca&{roots}"),
        format!("{by_name}?sslmode=verify-full&{roots}&channel_binding=require"),
    ] {
        let store = PostgresStore::open(url.parse().unwrap(), None).await.unwrap();
        let encrypted = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
            WHERE application_name = 'slipway'";
        assert_eq!(server.sql("postgres", encrypted), "t", "{url}");
        drop(store);
    }
    check(
        &error(&format!("{by_address}?sslmode=verify-full&{roots}")).await,
        &["certificate", "sslmode"],
    );
    check(
        &error(&format!("{by_name}?sslmode=verify-full")).await,
        &["certificate", "sslrootcert"],
    );
    check(
        &error(&format!("{by_name}?sslmode=verify-full&sslrootcert=/none")).await,
        &["/none"],
    );
}
