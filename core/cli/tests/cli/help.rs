//! Help is documentation: every command has it, and what it says is looked at.

use crate::kit::{Place, Said};

/// Names of the commands that a help text lists.
fn listed(help: &str) -> Vec<String> {
    let commands = help.split("Commands:\n").nth(1).unwrap_or_default();
    let lines = commands.lines().take_while(|line| !line.is_empty());
    let named = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    named
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// Every command with its own commands, and what it says of itself.
fn all(place: &Place, above: &[&str], found: &mut Vec<(String, Said)>) {
    let arguments: Vec<&str> = above.iter().copied().chain(["--help"]).collect();
    let said = place.run(&arguments).good();
    let below = listed(&said.stdout);
    found.push((above.join(" "), said));
    for name in below {
        let command: Vec<&str> = above.iter().copied().chain([name.as_str()]).collect();
        all(place, &command, found);
    }
}

#[test]
fn every_command_says_what_it_does() {
    let mut found = Vec::new();
    all(&Place::new(), &[], &mut found);
    assert!(found.len() > 30, "{}", found.len());
    let mut text = String::new();
    for (command, said) in &found {
        let summary = said.stdout.lines().next().unwrap_or_default();
        assert!(
            !summary.is_empty() && !summary.starts_with("Usage"),
            "`{command}` has no summary"
        );
        assert!(said.stderr.is_empty(), "{command}: {}", said.stderr);
        // What all commands have in common is shown once.
        let own = said.stdout.replace(&common(), "");
        let own: Vec<_> = own.lines().map(str::trim_end).collect();
        text.push_str(&format!("$ slipway {command} --help\n{}\n\n", own.join("\n")));
    }
    insta::assert_snapshot!("help", text);
}

/// An option of the whole program, as every command repeats it.
fn common() -> String {
    [
        "      --format <FORMAT>",
        "          How answers are printed",
        "",
        "          Possible values:",
        "          - text: For people",
        "          - json: For programs: one document on stdout; events as JSON lines on stderr",
        "          ",
        "          [default: text]",
        "",
        "",
    ]
    .join("\n")
}

/// The first lines: the rest repeats the usage.
fn check(arguments: &[&str]) -> String {
    let said = Place::new().run(arguments);
    assert!(said.stdout.is_empty(), "{}", said.stdout);
    format!(
        "$ slipway {}\n{}\nexit {}\n",
        arguments.join(" "),
        said.stderr.trim_end(),
        said.code
    )
}

#[test]
fn wrong_command_lines() {
    let lines: [&[&str]; 13] = [
        &["relase"],
        &["run"],
        &["run", "Prod!"],
        &["run", "prod", "--set", "x"],
        &["run", "prod", "--plan", "p.json", "--update"],
        &["status", "--format", "xml"],
        &["logs", "--run", "1", "--router"],
        &["agent", "--dir", "x", "status"],
        &["artifact", "copy", "oci://host/a", "b"],
        &["artifact", "copy", "folder#a:1", "folder#b:Ä"],
        &["archive", "verify", "--head", "123"],
        &["completions", "tcsh"],
        &["--quiet", "--verbose", "status"],
    ];
    let said: Vec<_> = lines.iter().map(|line| check(line)).collect();
    insta::assert_snapshot!("wrong", said.join("\n"));
}

#[test]
fn completions_and_pages_know_every_command() {
    let place = Place::new();
    let names = listed(&place.run(&["--help"]).good().stdout);
    place.run(&["man", "--out", "pages"]).good();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = place.run(&["completions", shell]).good().stdout;
        for name in &names {
            assert!(script.contains(name.as_str()), "{shell} does not know {name}");
        }
    }
    for name in &names {
        assert!(
            place
                .read(&format!("pages/slipway-{name}.1"))
                .contains(".SH NAME"),
            "{name}"
        );
    }
    assert!(place.run(&["man"]).good().stdout.contains(".TH slipway 1"));
}
