//! `slipway artifact` between files and OCI layouts.

use crate::kit::Place;

#[test]
fn a_file_goes_around() {
    let place = Place::new();
    place.write("in.bin", vec![7; 3 << 20]);
    let pushed = place
        .run(&["artifact", "copy", "in.bin", "one#shop/app:1.0"])
        .good();
    let again = place
        .run(&["artifact", "copy", "./in.bin", "one#shop/app", "--tag", "again"])
        .good();
    let digest = |stdout: &str| stdout.lines().next().unwrap_or_default().to_owned();
    assert_eq!(
        digest(&pushed.stdout),
        digest(&again.stdout),
        "the same bytes are the same artifact"
    );
    let copied = place
        .run(&["artifact", "copy", "one#shop/app:1.0", "two#other"])
        .good();
    assert_eq!(digest(&copied.stdout), digest(&pushed.stdout));
    let second = place
        .run(&["artifact", "copy", "one#shop/app:1.0", "two#other"])
        .good();
    assert!(
        second.stdout.contains("blobs moved: 0 (0 bytes)"),
        "{}",
        second.stdout
    );
    insta::assert_snapshot!(
        "inspect",
        place.run(&["artifact", "inspect", "two#other:1.0"]).good().stdout
    );

    place
        .run(&["artifact", "copy", "two#other:1.0", "./out.bin"])
        .good();
    let [before, after] = ["in.bin", "out.bin"].map(|name| std::fs::read(place.path().join(name)).unwrap());
    assert_eq!(before, after);
    let said = place.run(&["artifact", "copy", "two#other:1.0", "./out.bin"]);
    assert_eq!(
        (said.code, said.stderr.contains("is there already")),
        (1, true),
        "{}",
        said.everything()
    );
}

#[test]
fn what_is_wrong_is_named() {
    let place = Place::new();
    place.write("a", "a");
    place.write("b", "b");
    place.run(&["artifact", "copy", "a", "one#app:1"]).good();
    let check = |arguments: &[&str]| {
        let said = place.run(arguments);
        format!(
            "$ slipway {}\nexit {}\n{}",
            arguments.join(" "),
            said.code,
            said.stderr
        )
    };
    let lines = [
        check(&["artifact", "copy", "a", "b"]),
        check(&["artifact", "copy", "a", "one#app"]),
        check(&["artifact", "copy", "one#app:2", "two#app"]),
        check(&["artifact", "copy", "one#app:1", "c"]),
        check(&["artifact", "inspect", "./a"]),
    ];
    insta::assert_snapshot!("transfer", lines.join("\n"));
    // Bytes that are not those of their name do not get out.
    let blobs = place.path().join("one/blobs/sha256");
    let of_a = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";
    std::fs::write(blobs.join(of_a), "z").unwrap();
    let said = place.run(&["artifact", "copy", "one#app:1", "./out"]);
    assert_ne!(said.code, 0);
    let left: Vec<_> = std::fs::read_dir(place.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert!(
        !left.iter().any(|name| name.to_string_lossy().contains("out")),
        "{left:?}"
    );
}
