//! The demo: a service through all four steps, version after version, under load. On this machine a shop and its database;
//! with `--kubernetes` a web server on a cluster that is started for it.
//!
//! `demo FOLDER [--keep | --kubernetes]`. Everything that it does it does with the `slipway` command; what it shows is what
//! that says.
#![expect(clippy::print_stderr, reason = "the demo talks to a person")]

mod cluster;
mod shop;
mod show;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use show::{Show, title};
use slipway_tests::{Bench, Cluster};

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let Some(folder) = words.first().map(PathBuf::from) else {
        eprintln!("usage: demo FOLDER [--keep | --kubernetes]");
        return ExitCode::from(2);
    };
    let began = Instant::now();
    // What an earlier demo has kept running ends before its folder goes.
    if folder.join("agent").exists() {
        Bench::shop_again(folder.clone()).stop();
    }
    if folder.exists()
        && let Err(error) = std::fs::remove_dir_all(&folder)
    {
        eprintln!("cannot remove {}: {error}", folder.display());
        return ExitCode::FAILURE;
    }
    let said = |word: &str| words.iter().any(|said| said == word);
    let done = if said("--kubernetes") {
        on_a_cluster(folder.clone()).await
    } else {
        on_this_machine(folder.clone(), said("--keep")).await
    };
    match done {
        Ok(service) => {
            eprintln!(
                "\neverything went as it should, in {} s",
                began.elapsed().as_secs()
            );
            look(&folder, service);
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("\nthe demo failed: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn on_this_machine(folder: PathBuf, keep: bool) -> Result<Shown, String> {
    let bench = Bench::shop_at(folder);
    let shown = Show {
        bench: &bench,
        service: "shop",
        url: bench.url(),
        rate: shop::RATE,
    };
    let done = shop::show(&shown).await;
    if keep {
        eprintln!(
            "\nkept running: users at {}; `cargo xtask demo` ends it and begins anew",
            bench.url()
        );
        bench.keep();
    }
    done.map(|()| Shown("shop", "local"))
}

async fn on_a_cluster(folder: PathBuf) -> Result<Shown, String> {
    title("a Kubernetes of its own; the first time it is unpacked or compiled, which takes some minutes");
    let cluster = Cluster::start();
    cluster.server_image("server:1");
    let bench = Bench::web_at(folder, &cluster);
    let shown = Show {
        bench: &bench,
        service: "web",
        url: format!("http://{}:{}/", cluster.address(), bench.port),
        rate: cluster::RATE,
    };
    cluster::show(&shown).await.map(|()| Shown("web", "test"))
}

/// The service and the environment that were shown.
struct Shown(&'static str, &'static str);

fn look(folder: &Path, Shown(service, environment): Shown) {
    let service = folder.join(service);
    eprintln!("where to look:");
    for (what, path) in [
        ("the manifest", "deploy.toml"),
        ("the package, laid out", "assembly"),
        ("the final configuration", &format!("deployment/{environment}")),
        ("logs of every run", ".slipway/runs"),
        ("the archive", ".slipway/archive"),
    ] {
        eprintln!("  {what:24} {}", service.join(path).display());
    }
}
