//! Programs: what a shell or another program would read out of a name, an argument or a variable.

use crate::{
    asks::program,
    table::{Row, gets, told},
};

fn named(tries: &str, name: &str, expected: &str) -> Row {
    Row::new(tries, program("local", name, &[], &[]), told(expected))
}

fn variable(name: &str, shown: &str) -> Row {
    let guest = program("local", "true", &[], &[(name, "x")]);
    Row::new(
        format!("a variable named `{shown}`"),
        guest,
        told(format!("`{shown}` is no name of an environment variable")),
    )
}

fn on(host: &str) -> Row {
    let shown = host.escape_debug().to_string();
    let expected = format!("no host `{shown}` is granted (granted: local, far)");
    Row::new(
        format!("on the host {shown}"),
        program(host, "true", &[], &[]),
        told(expected),
    )
}

pub(crate) fn rows() -> Vec<Row> {
    let none = "No such file or directory (os error 2)";
    vec![
        named(
            "a program with a second command",
            "true; id",
            &format!("program `true; id`: {none}"),
        ),
        named(
            "a program that is a substitution",
            "$(id)",
            &format!("program `$(id)`: {none}"),
        ),
        named(
            "a program with arguments in its name",
            "sh -c id",
            &format!("program `sh -c id`: {none}"),
        ),
        named(
            "a program with a second line",
            "true\nid",
            &format!("program `true\nid`: {none}"),
        ),
        named(
            "a program with a zero byte",
            "true\0id",
            "program `trueid`: nul byte found in provided data",
        ),
        named(
            "a program with a terminal's title",
            "\u{1b}]0;x\u{7}",
            &format!("program `]0;x`: {none}"),
        ),
        named("a program without a name", "", &format!("program ``: {none}")),
        named(
            "a relative program, from where the host is",
            "target/debug/slipway",
            &format!("program `target/debug/slipway`: {none}"),
        ),
        Row::new(
            "arguments that a shell would read",
            program("local", "echo", &["$(id)", "`id`", "; id", "${IFS}id"], &[]),
            gets(
                "they are arguments, and there is no shell",
                "…$(id) `id` ; id ${IFS}id…",
            ),
        ),
        Row::new(
            "an argument with a zero byte",
            program("local", "echo", &["a\0b"], &[]),
            told("program `echo`: nul byte found in provided data"),
        ),
        variable("", ""),
        variable("LD_PRELOAD=/x.so", "LD_PRELOAD=/x.so"),
        variable("A\0B", "A\\0B"),
        Row::new(
            "the variable LD_PRELOAD",
            program("local", "true", &[], &[("LD_PRELOAD", "")]),
            gets("who is granted the host runs any program as this user", "…0…"),
        ),
        Row::new(
            "what the host has in its environment",
            program("local", "env", &[], &[]),
            gets(
                "there is nothing but PATH in it",
                "{\"code\":0,\"stdout\":\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\\n\",\"stderr\":\"\"}",
            ),
        ),
        Row::new(
            "a program that does not end",
            program("local", "sleep", &["600"], &[]),
            told("program `sleep`: did not end within 0.4 s and was killed"),
        ),
        Row::new(
            "a program that leaves another behind",
            program("local", "sh", &["-c", "sleep 600 & sleep 600"], &[]),
            told("program `sh`: did not end within 0.4 s and was killed"),
        ),
        Row::new(
            "a program that floods",
            program("local", "yes", &[], &[]),
            told("program `yes`: it wrote more than 1 MiB"),
        ),
        Row::new(
            "options of ssh in a host of ours",
            program("far", "-oProxyCommand=id", &[], &[]),
            told("host `far`: only `local` is known"),
        ),
        on("-oProxyCommand=touch /tmp/x"),
        on("local;id"),
        on("LOCAL"),
        on("root@local"),
        on("localhost\n"),
    ]
}
