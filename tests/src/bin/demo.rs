//! The demo: a shop and its database through all four steps, version after version, under load.
//!
//! `demo FOLDER [--keep]`. Everything that it does it does with the `slipway` command; what it shows is what that says.
#![expect(clippy::print_stderr, reason = "the demo talks to a person")]

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use slipway_testing::{Load, Tally};
use slipway_tests::{Bench, program};

const RATE: u32 = 500;

#[tokio::main]
async fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let Some(folder) = words.next().map(PathBuf::from) else {
        eprintln!("usage: demo FOLDER [--keep]");
        return ExitCode::from(2);
    };
    let keep = words.any(|word| word == "--keep");
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
    let bench = Bench::shop_at(folder.clone());
    let done = show(&bench).await;
    if keep {
        eprintln!(
            "\nkept running: users at {}; `cargo xtask demo` ends it and begins anew",
            bench.url()
        );
        bench.keep();
    } else {
        drop(bench);
    }
    match done {
        Ok(()) => {
            eprintln!(
                "\neverything went as it should, in {} s",
                began.elapsed().as_secs()
            );
            look(&folder);
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("\nthe demo failed: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn show(bench: &Bench) -> Result<(), String> {
    title("version 1.0.0: a shop and its database, for the first time");
    bench.pack("1.0.0", 0);
    expect(bench, &["run", "local"], 0)?;

    title(&format!("version 1.1.0 as a canary, under {RATE} requests/s"));
    bench.pack("1.1.0", 0);
    let tally = under_load(bench, &["run", "local", "--version", "1.1.0"], 0).await?;
    flawless(&tally)?;

    title("version 1.2.0 by blue/green, under the same load");
    bench.edit(
        "shop/deploy.toml",
        &[("strategy = \"careful\"", "strategy = \"switch\"")],
    );
    let switch = "[strategy.switch]\ntype = \"blue-green\"\nsoak = \"3s\"\nchecks = [\"alive\"]\nanalysis = [\"errors\"]\n\
                  min-healthy-time = \"500ms\"\n\n[check.alive]";
    bench.edit("shop/deploy.toml", &[("[check.alive]", switch)]);
    bench.pack("1.2.0", 0);
    let tally = under_load(bench, &["run", "local", "--version", "1.2.0"], 0).await?;
    flawless(&tally)?;

    title(
        "version 1.3.0 is broken: every fourth order fails. It goes out as a canary and comes back by itself",
    );
    bench.edit(
        "shop/deploy.toml",
        &[("strategy = \"switch\"", "strategy = \"careful\"")],
    );
    bench.pack("1.3.0", 4);
    let tally = under_load(bench, &["run", "local", "--version", "1.3.0"], 4).await?;
    let own = tally.answers(500, "1.3.0");
    eprintln!(
        "  bad answers: {own} from 1.3.0, {} from anybody else",
        tally.bad() - own
    );
    if tally.bad() != own {
        return Err(format!(
            "bad answers outside of the broken version's share: {tally:?}"
        ));
    }

    title("what there is now");
    expect(bench, &["status", "local"], 0)?;
    expect(bench, &["history"], 0)?;
    expect(bench, &["explain", "local", "config/shop.toml:/greeting"], 0)?;
    title("the archive");
    expect(bench, &["archive", "list"], 0)?;
    expect(bench, &["archive", "verify"], 0)
}

fn title(text: &str) {
    eprintln!("\n== {text}");
}

/// Runs the command with its talk on the screen.
fn expect(bench: &Bench, arguments: &[&str], code: i32) -> Result<(), String> {
    eprintln!("$ slipway {}", arguments.join(" "));
    let status = bench
        .command(&program("slipway"), "shop", arguments)
        .status()
        .map_err(|error| error.to_string())?;
    if status.code() == Some(code) {
        return Ok(());
    }
    Err(format!(
        "`slipway {}` ended with {status}, expected {code}",
        arguments.join(" ")
    ))
}

async fn under_load(bench: &Bench, arguments: &[&str], code: i32) -> Result<Tally, String> {
    let load = Load::start(&bench.url(), RATE, 50);
    let done = tokio::task::block_in_place(|| expect(bench, arguments, code));
    let tally = load.finish().await;
    eprintln!(
        "  {} requests at {:.0}/s, {} without an answer; {:?}",
        tally.sent,
        tally.rate(),
        tally.failed,
        tally.answers
    );
    done.map(|()| tally)
}

fn flawless(tally: &Tally) -> Result<(), String> {
    if tally.bad() == 0 {
        Ok(())
    } else {
        Err(format!("{} bad answers: {tally:?}", tally.bad()))
    }
}

fn look(folder: &Path) {
    let shop = folder.join("shop");
    eprintln!("where to look:");
    for (what, path) in [
        ("the manifest", "deploy.toml"),
        ("the package, laid out", "assembly"),
        ("the final configuration", "deployment/local"),
        ("logs of every run", ".slipway/runs"),
        ("the archive", ".slipway/archive"),
    ] {
        eprintln!("  {what:24} {}", shop.join(path).display());
    }
}
