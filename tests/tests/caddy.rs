//! A third-party service through all four steps, with each of the four strategies, from one version to the next.

use slipway_testing::Load;
use slipway_tests::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_s_program_by_every_strategy() {
    let bench = Bench::caddy();
    bench.must("caddy", &["run", "local"]);
    let mut strategy = "type = \"recreate\"".to_owned();
    for (number, next) in [
        "type = \"recreate\"",
        "type = \"rolling\"\nbatch = [1, \"50%\"]",
        "type = \"blue-green\"",
        "type = \"canary\"\nsteps = [{ weight = 20, soak = \"1s\" }]",
    ]
    .into_iter()
    .enumerate()
    {
        bench.edit("caddy/deploy.toml", &[(&strategy, next)]);
        strategy = next.to_owned();
        let version = format!("2.{number}.0");
        let load = Load::start(&bench.url(), 200, 20);
        let ran = bench.must("caddy", &["run", "local", "--version", &version]);
        let tally = load.finish().await;
        assert!(tally.answers(200, &version) > 0, "{next}: {tally:?}");
        // Only recreate has a time without service, and its plan says so.
        if number == 0 {
            assert!(ran.stderr.contains("no service between"), "{}", ran.stderr);
        } else {
            assert_eq!((tally.bad(), &tally.failures), (0, &vec![]), "{next}: {tally:?}");
        }
    }
    let explained = bench.must("caddy", &["explain", "local", "config/Caddyfile:9"]);
    assert!(
        explained.stdout.contains("config/Caddyfile:9"),
        "{}",
        explained.stdout
    );
}
