//! Requests per second through the router and past it, to the same instance: `cargo run --release --example
//! throughput`, after `cargo build --release --examples`. Needs `wrk`.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::{error::Error, path::Path, process::Command, time::Duration};

use serde_json::json;
use slipway_agent::{
    Client,
    api::{InstanceState, InstanceStatus, RouteStatus},
};

const ROUNDS: usize = 3;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let own = std::env::current_exe()?;
    let beside = |name: &str| own.with_file_name(name);
    let folder = tempfile::tempdir()?;
    std::fs::create_dir(folder.path().join("app"))?;
    let client = Client::connect_or_start(folder.path(), &beside("agent"), &[]).await?;
    let measured = measure(&client, &beside("echo")).await;
    client.shutdown(false).await?;
    measured
}

async fn measure(client: &Client, echo: &Path) -> Result<(), Box<dyn Error>> {
    let revision = format!("sha256:{}", "a".repeat(64));
    let spec = json!({
        "service": "shop", "environment": "bench", "revision": revision, "folders": {"app": "app"},
        "command": [echo], "ports": {"http": {}}, "health": {"http": "/", "port": "http"},
    });
    let _made: InstanceStatus = client.put("/v1/instances/one", &spec).await?;
    let instance = loop {
        let status: InstanceStatus = client.get("/v1/instances/one").await?;
        if status.state == InstanceState::Healthy {
            break status;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let port = instance.ports.get("http").ok_or("no port")?;
    let direct = format!("127.0.0.1:{port}");
    let backend =
        json!({"revision": revision, "weight": 1, "instances": [{"name": "one", "address": direct}]});
    let route = json!({"listen": "127.0.0.1:0", "backends": [backend]});
    let route: RouteStatus = client.put("/v1/routes/shop", &route).await?;
    for _ in 0..ROUNDS {
        let past = wrk(&direct)?;
        let through = wrk(&route.address.to_string())?;
        println!(
            "past the router {past:.0}/s, through it {through:.0}/s, ratio {:.2}",
            through / past
        );
    }
    Ok(())
}

fn wrk(address: &str) -> Result<f64, Box<dyn Error>> {
    let output = Command::new("wrk")
        .args(["-t1", "-c32", "-d4s", &format!("http://{address}/")])
        .output()
        .map_err(|error| format!("cannot run wrk: {error}; install it (Debian: apt-get install wrk)"))?;
    let text = String::from_utf8(output.stdout)?;
    if text.contains("Non-2xx") || text.contains("Socket errors") {
        return Err(text.into());
    }
    let rate = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("Requests/sec:"));
    Ok(rate.ok_or_else(|| text.clone())?.trim().parse()?)
}
