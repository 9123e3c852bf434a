//! Values that a server is asked for: look after look, against a bound and against the other revision; and without an answer, or
//! without anything to say, nothing passes.

use std::fs;

use slipway_servers::Prometheus;
use slipway_testing::Load;
use slipway_tests::Bench;

use crate::{LOGS, SOAKS, brings, evidence, published, went_back};

/// Of the requests that a revision has had of late, those that failed. There is none while it has none.
const QUERY: &str = "sum(rate(slipway_requests_total{revision=\"sha256:${revision}\",class=\"5xx\"}[4s])) \
                     / (sum(rate(slipway_requests_total{revision=\"sha256:${revision}\"}[4s])) > 0)";

fn asks(query: &str) -> String {
    format!(
        "metrics = {{ prometheus = \"metrics\", query = '{query}', max = 0.1, no-worse-than = \"stable\", min-sample = 3 }}\n\
         interval = \"1s\"\nextend = \"20s\"\ninconclusive = \"fail\""
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_asked_for_each_revision() {
    let bench = Bench::shop();
    bench.edit(
        "shop/deploy.toml",
        &[
            (SOAKS, "steps = [{ weight = 50, soak = \"8s\" }]\nsoak = \"0s\""),
            (LOGS, &asks(QUERY)),
        ],
    );
    brings(&bench, "1.0.0", 0).must();
    let server = Prometheus::start(&published(&bench).await);
    let operator = format!("[endpoints.metrics]\nurl = {:?}\n", server.url());
    fs::write(bench.path("operator.toml"), operator).unwrap();
    let load = Load::start(&bench.url(), 100, 10);

    brings(&bench, "1.1.0", 0).must();
    let judged = evidence(&bench);
    for revision in ["candidate", "stable"] {
        let values = judged["evidence"][revision]["values"].as_array().unwrap();
        assert!(values.len() >= 3, "{judged}");
        assert!(values.iter().all(|value| value.as_f64() == Some(0.0)), "{judged}");
    }

    went_back(&brings(&bench, "1.2.0", 3), "errors: fail: ");
    assert_eq!(bench.settled("shop"), "1.1.0");
    let judged = evidence(&bench);
    let of = |revision: &str| judged["evidence"][revision]["values"][0].as_f64().unwrap();
    assert!(of("candidate") > 0.1 && of("stable") == 0.0, "{judged}");

    // What nobody has ever counted is no data.
    bench.edit(
        "shop/deploy.toml",
        &[
            (&asks(QUERY), &asks("nothing_of_this_name")),
            ("\"20s\"", "\"1s\""),
        ],
    );
    went_back(&brings(&bench, "1.3.0", 0), "errors: inconclusive: ");
    drop(server);
    went_back(&brings(&bench, "1.4.0", 0), "errors: error: ");
    assert_eq!(bench.settled("shop"), "1.1.0");

    let tally = load.finish().await;
    assert_eq!(tally.failed, 0, "{tally:?}");
    assert_eq!(tally.bad(), tally.answers(500, "1.2.0"), "{tally:?}");
}
