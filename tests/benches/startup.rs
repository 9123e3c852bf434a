//! From the start of a program to the first byte that it says: `slipway` beside the smallest program there is and beside a
//! command line tool of the same trade. `cargo bench -p slipway-tests --bench startup`. Needs `skopeo`.
#![allow(clippy::print_stdout, reason = "it measures, prints and ends")]

mod kit;

use std::{
    io::Read as _,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use slipway_tests::installed;

const ROUNDS: usize = 50;

fn main() {
    let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("../manifests/shop");
    let slipway = kit::slipway();
    let mut contenders = [
        ("true", Command::new(installed("true", "coreutils"))),
        ("skopeo --version", Command::new(installed("skopeo", "skopeo"))),
        ("slipway --version", Command::new(&slipway)),
        (
            "slipway validate, a shop and its database",
            Command::new(&slipway),
        ),
    ];
    contenders[1].1.arg("--version");
    contenders[2].1.arg("--version");
    contenders[3].1.arg("validate").arg(shop);

    // In turns, so that whatever else the machine does is done to all of them; the first turn only warms up.
    let mut turns = vec![Vec::new(); contenders.len()];
    for round in 0..=ROUNDS {
        for ((_, command), times) in contenders.iter_mut().zip(&mut turns) {
            let time = first_output(command);
            if round > 0 {
                times.push(time);
            }
        }
    }
    let medians: Vec<_> = turns.into_iter().map(kit::median).collect();
    println!("start to first output, median of {ROUNDS}");
    for ((what, _), time) in contenders.iter().zip(&medians) {
        println!(
            "{what:<44} {:>7.2} ms   {:>6.2} of true   {:>5.2} of skopeo",
            kit::millis(*time),
            time.as_secs_f64() / medians[0].as_secs_f64(),
            time.as_secs_f64() / medians[1].as_secs_f64(),
        );
    }
}

/// To the first byte; for a program that says nothing, to its end.
fn first_output(command: &mut Command) -> Duration {
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a program that is installed can be started");
    let mut stdout = child.stdout.take().expect("its output is ours");
    // A pipe is read as soon as there is anything in it, which may be nothing more than its end.
    let mut said = [0; 4096];
    let mut more = stdout.read(&mut said).expect("a pipe can be read");
    let time = start.elapsed();
    while more > 0 {
        more = stdout.read(&mut said).expect("a pipe can be read");
    }
    let status = child.wait().expect("our own child can be waited for");
    assert!(status.success(), "{command:?} failed");
    time
}
