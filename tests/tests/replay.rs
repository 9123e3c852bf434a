//! A run's archive alone is enough to replay the run: what its effects were asked and what they gave, however much the
//! service had logged.

use std::fs;

use slipway_archive::{Archive, Entry};
use slipway_journal::{Entry as Happened, Record, RunStatus};
use slipway_tests::{Bench, Notices, fixture};

/// More than one piece of the router's log.
const REQUESTS: usize = 2000;

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_read_large_logs_is_replayed_from_its_archive() {
    let bench = Bench::caddy();
    bench.must("caddy", &["run", "local"]);
    // What was before it is of another run.
    let before = slipway_testing::Load::start(&format!("{}before", bench.url()), 100, 10);
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    before.finish().await;
    bench.edit("caddy/deploy.toml", &[("soak = \"1s\"", "soak = \"5s\"")]);
    let load = slipway_testing::Load::start(&bench.url(), 2000, 20);
    tokio::task::block_in_place(|| bench.must("caddy", &["run", "local", "--version", "2.0.0"]));
    load.finish().await;

    let verified = bench.json("caddy", &["archive", "verify"]);
    assert_eq!(verified["problems"], serde_json::json!([]), "{verified}");
    let archive = Archive::open(bench.path("caddy/.slipway/archive")).unwrap();
    let entry = archive.list().unwrap().pop().unwrap();
    let journal = String::from_utf8(archive.read(&entry, "journal.jsonl").unwrap()).unwrap();
    let longest = journal.lines().map(str::len).max().unwrap();
    let records: Vec<_> = journal
        .lines()
        .map(|line| Record::from_line(line).unwrap())
        .collect();
    let status = RunStatus::fold(&records).unwrap();

    let (mut joined, mut access_log) = (0, String::new());
    for activity in status.activities() {
        for content in [Some(Ok(activity.request.clone())), activity.outcome.clone()]
            .into_iter()
            .flatten()
        {
            let (Ok(content) | Err(content)) = content;
            let large = !content.bodies.is_empty();
            let value = content.join(|body| bytes_of(&archive, &entry, &body.digest.hex()));
            let value = value.unwrap_or_else(|error| panic!("{}: {error}", activity.key));
            joined += usize::from(large);
            if activity.key.contains("/access/") && activity.parent.is_none() && value.get("end").is_some() {
                access_log.push_str(value["content"].as_str().unwrap());
            }
        }
    }
    let kept = archive.read(&entry, "logs/router-access.log").unwrap();
    assert!(access_log.lines().count() >= REQUESTS, "{}", access_log.len());
    assert!(!access_log.contains("/before"));
    assert_eq!(access_log.into_bytes(), kept);
    let bodies = entry.files.iter().filter(|file| file.path.starts_with("bodies/"));
    let bodies = bodies.count();
    // What an effect was told and the call handed on is kept once.
    assert!(bodies > 1 && joined > bodies, "{joined} of {bodies}");
    let effects = records
        .iter()
        .filter(|record| !matches!(record.entry, Happened::Event { .. }));
    let largest = effects
        .map(|record| record.to_line().unwrap().len())
        .max()
        .unwrap();
    assert!(largest < 10_000, "{largest}");
    println!("{joined} large values from {bodies} bodies; the longest line has {longest} bytes");
}

fn bytes_of(archive: &Archive, entry: &Entry, hex: &str) -> Vec<u8> {
    archive
        .read(entry, &format!("bodies/{hex}"))
        .expect("the archive holds every body")
}

#[test]
fn a_run_comes_to_pass_again_from_its_record() {
    let bench = Bench::caddy();
    bench.must("caddy", &["run", "local"]);
    bench.must("caddy", &["run", "local", "--version", "2.0.0"]);
    let killed = bench.faulty("caddy", &["run", "local", "--version", "3.0.0"], "after:60");
    assert_eq!(killed.code, None, "{}", killed.stderr);
    let runs = bench.json("caddy", &["history"])["runs"].clone();
    let id = |position: usize| runs[position]["run"].as_str().unwrap().to_owned();
    // Nobody answers any more.
    bench.must("caddy", &["agent", "stop"]);
    let replayed = bench.json("caddy", &["replay", &id(1)]);
    assert_eq!(replayed["stopped"], serde_json::Value::Null, "{replayed}");
    assert!(replayed["effects"].as_u64().unwrap() > 20, "{replayed}");
    let short = bench.slipway("caddy", &["replay", &id(0)]);
    assert_eq!(short.code, Some(7), "{}", short.stderr);
    assert!(
        short.stderr.contains("the record ends before"),
        "{}",
        short.stderr
    );
    // It has left no trace.
    assert_eq!(bench.json("caddy", &["history"])["runs"], runs);

    // The same from one entry of the archive, when it is all that is left.
    let entries = bench.json("caddy", &["archive", "list"])["entries"].clone();
    let named = format!("archive:{}", entries[1]["id"].as_str().unwrap());
    let aside = bench.path("excerpt.tar");
    let aside = aside.to_str().unwrap();
    bench.must("caddy", &["archive", "export", "2", "--out", aside]);
    fs::remove_dir_all(bench.path("caddy/.slipway")).unwrap();
    let archive = bench.path("caddy/.slipway/archive");
    fs::create_dir_all(&archive).unwrap();
    let excerpt = fs::File::open(aside).unwrap();
    tar::Archive::new(excerpt).unpack(&archive).unwrap();
    let archived = bench.json("caddy", &["replay", &named]);
    assert_eq!(archived, replayed);
    let report = bench.must("caddy", &["report", &named, "--as", "cdevents"]);
    assert!(report.stdout.contains(&id(1)), "{}", report.stdout);
    assert!(!bench.path("caddy/.slipway/ledger.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_plugin_shows_where_it_would_have_done_something_else() {
    let (bench, notices) = (Bench::caddy(), Notices::start().await);
    let brought = "[plugins.announcing]\nfrom = \"announcing.wasm\"\n\
                   grants = { http = [\"agent\", \"notices\"] }\n\n[check.page]";
    let changes = [
        ("plugin = \"embedded\"", "plugin = \"announcing\""),
        ("[check.page]", brought),
    ];
    bench.edit("caddy/deploy.toml", &changes);
    let granted = format!("[endpoints.notices]\nurl = \"{}\"\n", notices.url);
    fs::write(bench.path("operator.toml"), granted).unwrap();
    let first = fixture("announcing");
    fs::write(bench.path("caddy/announcing.wasm"), &first).unwrap();
    let replay = |name: &str, bytes: &[u8]| {
        let other = bench.path("other.wasm");
        fs::write(&other, bytes).unwrap();
        let with = format!("{name}={}", other.display());
        bench.slipway("caddy", &["replay", "local", "--with", &with])
    };
    tokio::task::block_in_place(|| {
        bench.must("caddy", &["run", "local"]);
        bench.must("caddy", &["agent", "stop"]);
    });
    let announced = notices.received();
    assert_eq!(announced.len(), 1, "{announced:?}");

    // Other bytes of the same program do the same.
    let same = [&first[..], &[0, 2, 1, b'2']].concat();
    replay("announcing", &same).must();
    assert_eq!(replay("machine", &same).code, Some(2), "it is no target");
    // One that words its announcement in another way is found out at it, and announces nothing.
    let other = replay("announcing", &replaced(&first, b": from ", b": left "));
    assert_eq!(other.code, Some(7), "{}", other.stderr);
    for told in [
        ": from nobody to ",
        ": left nobody to ",
        "announcing route: its effect",
    ] {
        assert!(other.stderr.contains(told), "{told}: {}", other.stderr);
    }
    assert_eq!(notices.received(), announced);
}

/// The same bytes with a text in the place of another one of the same length, which is there once.
fn replaced(bytes: &[u8], text: &[u8], by: &[u8]) -> Vec<u8> {
    let places: Vec<_> = (0..bytes.len())
        .filter(|place| bytes[*place..].starts_with(text))
        .collect();
    let [place] = places[..] else {
        panic!("the text is at {places:?}");
    };
    [&bytes[..place], by, &bytes[place + text.len()..]].concat()
}
