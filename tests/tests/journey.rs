//! A shop with a database through all four steps: first release, canary and blue/green under load, a broken version
//! caught, the way back, and deploying out of the archive with everything else gone.

use slipway_testing::Load;
use slipway_tests::Bench;

const RATE: u32 = 500;

#[tokio::test(flavor = "multi_thread")]
async fn a_service_lives() {
    let bench = Bench::shop();
    bench.pack("1.0.0", 0);
    let first = bench.json("shop", &["run", "local"]);
    assert_eq!(first["outcome"], "succeeded");
    assert_eq!(current(&bench), "1.0.0");

    // The second version, as a canary, while users come.
    let load = Load::start(&bench.url(), RATE, 50);
    bench.pack("1.1.0", 0);
    let second = bench.json("shop", &["run", "local", "--version", "1.1.0"]);
    let tally = load.finish().await;
    assert_eq!(second["outcome"], "succeeded");
    assert_eq!((tally.bad(), &tally.failures), (0, &vec![]), "{tally:?}");
    assert!(
        tally.answers(200, "1.0.0") > 0 && tally.answers(200, "1.1.0") > 0,
        "{tally:?}"
    );
    assert_eq!(current(&bench), "1.1.0");

    // A broken version: every fourth order fails. Only its own share of users sees that, and only until it is caught.
    let load = Load::start(&bench.url(), RATE, 50);
    bench.pack("1.2.0", 4);
    let third = bench.slipway("shop", &["run", "local", "--version", "1.2.0"]);
    let tally = load.finish().await;
    assert_eq!(third.code, Some(4), "{}\n{}", third.stdout, third.stderr);
    assert!(third.stderr.contains("errors: fail"), "{}", third.stderr);
    assert_eq!(tally.failed, 0, "{tally:?}");
    assert_eq!(tally.bad(), tally.answers(500, "1.2.0"), "{tally:?}");
    let share = tally.answers(500, "1.2.0") as f64 / tally.sent as f64;
    assert!(share < 0.2, "{tally:?}");
    assert_eq!(current(&bench), "1.1.0");

    // The fourth goes out blue/green.
    bench.edit(
        "shop/deploy.toml",
        &[
            ("type = \"canary\"", "type = \"blue-green\""),
            (
                "steps = [{ weight = 10, soak = \"3s\" }, { weight = 50, soak = \"3s\" }]\n",
                "",
            ),
        ],
    );
    let load = Load::start(&bench.url(), RATE, 50);
    bench.pack("1.3.0", 0);
    bench.must("shop", &["run", "local", "--version", "1.3.0"]);
    let tally = load.finish().await;
    assert_eq!((tally.bad(), &tally.failures), (0, &vec![]), "{tally:?}");
    assert_eq!(current(&bench), "1.3.0");

    // Back to the version before, at once.
    let load = Load::start(&bench.url(), RATE, 50);
    bench.must("shop", &["rollback", "local"]);
    let tally = load.finish().await;
    assert_eq!((tally.bad(), &tally.failures), (0, &vec![]), "{tally:?}");
    assert_eq!(current(&bench), "1.1.0");

    // The archive tells and proves all of it, and is enough to deploy from.
    bench.must("shop", &["archive", "verify"]);
    let entries = bench.json("shop", &["archive", "list"]);
    let entries = entries["entries"].as_array().expect("a list");
    assert_eq!(entries.len(), 5, "{entries:?}");
    std::fs::remove_dir_all(bench.path("shop/.slipway/registry")).unwrap();
    std::fs::remove_dir_all(bench.path("shop/.slipway/revisions")).unwrap();
    std::fs::remove_file(bench.path("shop/dist/shop.tar.gz")).unwrap();
    let entry = entries[0]["id"].as_str().expect("an id");
    let fresh = bench.slipway("shop", &["redeploy", entry]);
    // What runs now is gone from the folder as well: without its files there is no way back to it, and that is said.
    assert_eq!(fresh.code, Some(1), "{}\n{}", fresh.stdout, fresh.stderr);
    let last = entries[4]["id"].as_str().expect("an id");
    bench.must("shop", &["redeploy", last]);
    bench.must("shop", &["redeploy", entry]);
    assert_eq!(current(&bench), "1.0.0");
}

fn current(bench: &Bench) -> String {
    let status = bench.json("shop", &["status", "local"]);
    let environment = &status["environments"][0];
    environment["current"]["version"]
        .as_str()
        .unwrap_or_else(|| panic!("{status}"))
        .to_owned()
}
