//! Alerts that a plugin asks a server for, as a check and for an analysis; and plugins that break, write or have nothing to
//! say, by which nothing passes.

use std::{fs, path::Path};

use slipway_servers::Prometheus;
use slipway_testing::Load;
use slipway_tests::{Bench, Notices};

use crate::{LOGS, SOAKS, brings, evidence, published, went_back};

const ABOUT: &str = "name = \"alerts\", endpoint = \"metrics\", rules = [\"HighErrors\"], labels = { revision = \"sha256:${revision}\" }";
/// Of each revision, where more than a tenth of its requests of late have failed.
const RULES: &str = r#"
groups:
  - name: shop
    rules:
      - alert: HighErrors
        expr: sum by (revision) (rate(slipway_requests_total{class="5xx"}[4s])) / (sum by (revision) (rate(slipway_requests_total[4s])) > 0) > 0.1
        labels: { severity: page }
        annotations: { summary: "users see errors" }
"#;

fn numbers(plugin: &str) -> String {
    format!(
        "metrics = {{ plugin = {{ {plugin} }}, max = 0, min-sample = 3 }}\ninterval = \"1s\"\ninconclusive = \"fail\""
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_take_a_canary_back() {
    let bench = Bench::shop();
    brings(&bench, "1.0.0", 0).must();
    let server = Prometheus::with_rules(&published(&bench).await, RULES);
    let notices = Notices::start().await;
    let operator = format!(
        "[endpoints.metrics]\nurl = {:?}\n[endpoints.notices]\nurl = {:?}\n",
        server.url(),
        notices.url
    );
    fs::write(bench.path("operator.toml"), operator).unwrap();
    let load = Load::start(&bench.url(), 100, 10);

    let quiet = format!("[check.quiet]\ninterval = \"1s\"\nretries = 3\nplugin = {{ {ABOUT} }}\n");
    bench.edit(
        "shop/deploy.toml",
        &[
            (SOAKS, "steps = [{ weight = 50, soak = \"8s\" }]\nsoak = \"0s\""),
            ("checks = [\"alive\"]", "checks = [\"alive\", \"quiet\"]"),
            ("[check.alive]", &format!("{quiet}[check.alive]")),
            (LOGS, &numbers(ABOUT)),
        ],
    );
    brings(&bench, "1.1.0", 0).must();
    let judged = evidence(&bench);
    let values = judged["evidence"]["candidate"]["values"].as_array().unwrap();
    assert!(values.len() >= 3, "{judged}");
    assert!(values.iter().all(|value| value.as_f64() == Some(0.0)), "{judged}");
    bench.must("shop", &["replay", "local"]);

    let ran = brings(&bench, "1.2.0", 3);
    went_back(&ran, "quiet: fail: an alert fires: HighErrors: users see errors");
    assert!(ran.stderr.contains("severity=\"page\""), "{}", ran.stderr);
    assert_eq!(bench.settled("shop"), "1.1.0");

    // Without the check, the number of alerts decides.
    let without = ("checks = [\"alive\", \"quiet\"]", "checks = [\"alive\"]");
    bench.edit("shop/deploy.toml", &[without, (&quiet, "")]);
    went_back(&brings(&bench, "1.3.0", 3), "errors: fail: ");
    assert_eq!(bench.settled("shop"), "1.1.0");

    let component = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/plugins/fixtures/unruly.wasm");
    fs::copy(component, bench.path("shop/unruly.wasm")).unwrap();
    let brought = "[plugins.unruly]\nfrom = \"unruly.wasm\"\n";
    let unruly = ["panic", "announce", "shrug"].map(|does| {
        let numbers = numbers(&format!("name = \"unruly\", does = \"{does}\""));
        format!("[analysis.{does}]\n{numbers}\n")
    });
    let absent = numbers(&ABOUT.replace("HighErrors", "NoSuchRule"));
    let more = format!(
        "{brought}{}[analysis.absent]\n{absent}\n[check.alive]",
        unruly.concat()
    );
    bench.edit(
        "shop/deploy.toml",
        &[
            ("soak = \"8s\"", "soak = \"3s\""),
            ("[check.alive]", &more),
            (
                "analysis = [\"errors\"]",
                "analysis = [\"panic\", \"announce\", \"shrug\", \"absent\", \"errors\"]",
            ),
        ],
    );
    let refused = bench.slipway("shop", &["validate"]);
    assert_eq!(refused.code, Some(3), "{}", refused.stderr);
    let not_granted = "asks for endpoint notices, and is not granted it";
    assert!(refused.stderr.contains(not_granted), "{}", refused.stderr);
    let granted = format!("{brought}grants = {{ http = [\"notices\"] }}\n");
    bench.edit("shop/deploy.toml", &[(brought, &granted)]);
    let ran = brings(&bench, "1.4.0", 0);
    for said in [
        "panic: error: plugin unruly broke in check",
        "announce: error: plugin unruly broke in check: http.send",
        "shrug: inconclusive: ",
        "absent: inconclusive: ",
    ] {
        went_back(&ran, said);
    }
    assert_eq!(notices.received(), [""; 0]);

    drop(server);
    went_back(&brings(&bench, "1.5.0", 0), "errors: error: ");
    assert_eq!(bench.settled("shop"), "1.1.0");

    let tally = load.finish().await;
    assert_eq!(tally.failed, 0, "{tally:?}");
}
