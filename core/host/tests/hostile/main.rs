//! Guests that mean harm: what each tries, and what must come of it. `--nocapture` prints the table.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]
#![allow(clippy::print_stdout, reason = "the table is for people")]

mod ambient;
mod archives;
mod asks;
mod compiled;
mod descriptions;
mod encodings;
mod endpoints;
mod exhaustion;
mod handles;
#[path = "../kit/mod.rs"]
mod kit;
mod paths;
mod programs;
mod records;
mod secrets;
mod shapes;
mod table;
mod terminals;
mod world;

use table::Row;

/// A test for each class, and the list of all.
macro_rules! classes {
    ($($name:ident: $class:literal = $rows:expr;)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                table::run($class, $rows).await;
            }
        )+

        fn all() -> Vec<(&'static str, Vec<Row>)> {
            vec![$(($class, $rows)),+]
        }
    };
}

classes! {
    nothing_ambient: "nothing ambient" = ambient::rows();
    no_more_than_granted: "no more than granted" = ambient::widening();
    paths_and_links: "paths and links" = paths::rows();
    elsewhere: "where requests go" = endpoints::targets();
    smuggling: "what requests say" = endpoints::smuggling();
    programs: "programs" = programs::rows();
    handles: "forged and stale handles" = handles::blobs();
    reentry: "entering again" = handles::reentry();
    records: "journal and idempotency" = records::spoofing();
    replays: "not the same again" = records::replays();
    exhaustion: "memory, handles, records" = exhaustion::amounts();
    deadlines: "time" = exhaustion::times();
    encodings: "strings and lists" = encodings::rows();
    archive_bombs: "archives" = archives::rows();
    terminals: "what a person reads" = terminals::rows();
    secrets: "secrets" = secrets::rows();
    compiled: "what is no component" = compiled::rows();
    descriptions: "lies of itself" = descriptions::rows();
    shapes: "shapes of components" = shapes::rows();
}

#[test]
fn there_are_enough_of_them() {
    let all = all();
    let guests: usize = all.iter().map(|(_, rows)| rows.len()).sum();
    println!("{guests} guests in {} classes", all.len());
    for (class, rows) in &all {
        println!("  {class:<28} {}", rows.len());
    }
    assert!(all.len() >= 15 && guests >= 100, "{guests} in {}", all.len());
}
