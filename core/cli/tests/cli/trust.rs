//! What the operator's file says of signatures, and `slipway artifact verify` without a network.

use crate::kit::Place;

const OPERATOR: &str = "home/.config/slipway/operator.toml";
/// Of P-256, made for this test; nobody has the other half.
const KEY: &str = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEWFPWnTeptmSQIzq64X/pvRcerwgU\n\
    aB1Cj7u5lgLVW4tphraPG0a3nIaZUzBrTxNZU4lQ5v+xtPKJM31B4wiM0Q==\n-----END PUBLIC KEY-----\n";

fn released() -> Place {
    let place = Place::new();
    place.write("a", "a");
    place.run(&["artifact", "copy", "a", "one#shop/app:1"]).good();
    place.write("home/.config/slipway/release.pub", KEY);
    place
}

#[test]
fn everything_that_is_wrong_is_named_where_it_stands() {
    let place = released();
    place.write(
        OPERATOR,
        "[trust.\"registry.example\"]\nkeys = [\"release.pub\", \"gone.pub\", \"operator.toml\"]\n\n\
         [trust.\"registry.example/\"]\nunsigned = true\nkeys = [\"release.pub\"]\n\n\
         [trust.\"oci://registry.example\"]\nunsigned = true\n\n[trust.\"*\"]\nannotations = { env = \"prod\" }\n",
    );
    let said = place.run(&["artifact", "verify", "one#shop/app:1"]);
    insta::assert_snapshot!("wrong", said.everything());
    place.write(OPERATOR, "[trust.\"*\"]\nsigned = true\n");
    let said = place.run(&["artifact", "verify", "one#shop/app:1"]);
    assert!(
        said.stderr.contains("unknown field `signed`"),
        "{}",
        said.everything()
    );
}

#[test]
fn a_reference_is_held_against_the_policy() {
    let place = released();
    let folder = place.path().join("one").canonicalize().unwrap();
    let verify = ["artifact", "verify", "one#shop/app:1"];
    let mut said = String::new();
    let mut check = |operator: &str, more: &[&str]| {
        place.write(
            OPERATOR,
            operator.replace("[FOLDER]", &folder.display().to_string()),
        );
        let arguments = [&verify, more].concat();
        let ran = place.run(&arguments);
        said.push_str(&format!(
            "$ slipway {}\n{}\n",
            arguments.join(" "),
            ran.everything()
        ));
    };
    check("", &[]);
    check("", &["--key", "gone.pub"]);
    check("", &["--key", "home/.config/slipway/release.pub"]);
    check("[trust.\"registry.example\"]\nunsigned = true\n", &[]);
    check(
        "[trust.\"*\"]\nunsigned = true\n[trust.\"[FOLDER]/shop\"]\nkeys = [\"release.pub\"]\n",
        &[],
    );
    check(
        "[trust.\"*\"]\nkeys = [\"release.pub\"]\n[trust.\"[FOLDER]\"]\nunsigned = true\n",
        &["--format", "json"],
    );
    insta::assert_snapshot!("verify", said);
}
