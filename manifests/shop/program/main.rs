//! A small web shop: counts its orders in a database, says its version, and logs what goes wrong.
//!
//! `shop --listen ADDRESS --config FILE --release FILE`. The configuration is the operator's; the release file is part of the
//! artifact and says what was built, down to the faults that were built in.

use std::{env, fs, process::ExitCode, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    http::{HeaderName, StatusCode},
    response::IntoResponse,
    routing::get,
};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Config {
    database: String,
    greeting: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Release {
    version: String,
    /// One in so many orders fails; 0: none.
    #[serde(default)]
    fails_one_in: u64,
}

struct Shop {
    config: Config,
    release: Release,
    database: ConnectionManager,
}

const VERSION: HeaderName = HeaderName::from_static("x-version");

#[tokio::main]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            log("ERROR", &why);
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), String> {
    let config: Config = read(&argument("--config")?)?;
    let release: Release = read(&argument("--release")?)?;
    let listen = argument("--listen")?;
    let client =
        redis::Client::open(config.database.as_str()).map_err(|error| format!("database: {error}"))?;
    let patience = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(Duration::from_secs(2)))
        .set_response_timeout(Some(Duration::from_secs(2)));
    let database = ConnectionManager::new_with_config(client, patience)
        .await
        .map_err(|error| format!("database {}: {error}", config.database))?;
    log(
        "INFO",
        &format!("version {} listens on {listen}", release.version),
    );
    let shop = Arc::new(Shop {
        config,
        release,
        database,
    });
    let routes = Router::new()
        .route("/", get(order))
        .route("/healthz", get(health))
        .with_state(shop);
    let listener = tokio::net::TcpListener::bind(&listen)
        .await
        .map_err(|error| format!("{listen}: {error}"))?;
    axum::serve(listener, routes)
        .with_graceful_shutdown(ended())
        .await
        .map_err(|error| error.to_string())
}

/// Takes an order.
async fn order(State(shop): State<Arc<Shop>>) -> impl IntoResponse {
    let version = [(VERSION, shop.release.version.clone())];
    let mut database = shop.database.clone();
    let number: Result<u64, _> = redis::cmd("INCR").arg("orders").query_async(&mut database).await;
    match number {
        Ok(number) if fails(number, shop.release.fails_one_in) => {
            log("ERROR", &format!("order {number}: the price is not a number"));
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                version,
                "the price is not a number\n".to_owned(),
            )
        }
        Ok(number) => {
            log("INFO", &format!("order {number}"));
            (
                StatusCode::OK,
                version,
                format!("{}: order {number}\n", shop.config.greeting),
            )
        }
        Err(error) => {
            log("ERROR", &format!("database: {error}"));
            (
                StatusCode::BAD_GATEWAY,
                version,
                "the database does not answer\n".to_owned(),
            )
        }
    }
}

async fn health(State(shop): State<Arc<Shop>>) -> impl IntoResponse {
    let mut database = shop.database.clone();
    let pong: Result<String, _> = redis::cmd("PING").query_async(&mut database).await;
    let status = if pong.is_ok() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let body = format!(
        "{{\"version\":\"{}\",\"database\":{}}}\n",
        shop.release.version,
        pong.is_ok()
    );
    (status, [(VERSION, shop.release.version.clone())], body)
}

/// Spread, so that no router that takes turns can keep the faults from a revision.
fn fails(number: u64, one_in: u64) -> bool {
    one_in > 0 && (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32).is_multiple_of(one_in)
}

async fn ended() {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .expect("a process may listen to signals");
    terminate.recv().await;
}

fn argument(name: &str) -> Result<String, String> {
    let mut words = env::args().skip_while(|word| word != name).skip(1);
    words.next().ok_or_else(|| format!("{name} is missing"))
}

fn read<T: for<'de> Deserialize<'de>>(path: &str) -> Result<T, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    toml::from_str(&text).map_err(|error| format!("{path}: {error}"))
}

#[expect(clippy::print_stdout, reason = "the log of a service is its standard output")]
fn log(level: &str, text: &str) {
    println!("{level} {text}");
}
