//! `cargo xtask`: the tasks of those who work on Slipway itself. One file a task; this one only chooses.

mod demo;
mod fuzz;
mod kits;
mod packages;
mod peers;
mod plugins;
mod programs;
mod simulate;
mod sweep;
mod swept;
mod talk;
mod test;
mod tidy;

use std::process::ExitCode;

use talk::{Failed, say};

const USAGE: &str = "\
usage: cargo xtask <task>

  build-plugins   make the wasm plugins (target/plugins), if anything about them changed
  demo [--keep]   a shop and its database through all four steps; --keep leaves them running
  demo --kubernetes
                  a web server on a cluster that is started for it (as root)
  fuzz [SECONDS]  what reads strangers' bytes, on bytes that nobody has thought of: each for a minute (nightly compiler)
  peers           build the programs that ours are compared with (target/peers), where there is Go
  simulate [--seeds N | --seed N]
                  the engine over a simulated world: 2000 seeds, or one of them with all that happens
  sweep           what takes too long for every change: kills at every boundary, races, flips (hours; the cluster as root)
  tidy            check the rules of the house
  test            everything that has to pass: tidy, format, plugins, lints, tests";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let done = match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["build-plugins"] => plugins::build(),
        ["demo"] => demo::demo(None),
        ["demo", option @ ("--keep" | demo::KUBERNETES)] => demo::demo(Some(option)),
        ["fuzz"] => fuzz::fuzz(None),
        ["fuzz", seconds] => fuzz::fuzz(Some(seconds)),
        ["peers"] => peers::peers(),
        ["simulate", arguments @ ..] => simulate::simulate(arguments),
        ["sweep"] => sweep::sweep(),
        ["tidy"] => tidy::tidy(),
        ["test"] => test::test(),
        _ => Err(Failed(USAGE.to_owned())),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed(why)) => {
            say(&why);
            ExitCode::FAILURE
        }
    }
}
