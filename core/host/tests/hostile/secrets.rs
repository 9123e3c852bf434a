//! Getting at a secret by every way out: the value must be in nothing that is told, recorded or read. That it is not is
//! what the table looks for in every row; here are the ways.

use slipway_plugin::{Address, Endpoint};

use crate::{
    asks::{Request, get, program},
    kit::{Arg, Guest, text},
    table::{Row, gets, says, told},
};

const NAMED: &str = "${secret.db}";

fn post(path: &'static str, body: &'static str) -> Request<'static> {
    Request {
        method: "POST",
        path,
        body,
        ..Request::default()
    }
}

pub(crate) fn rows() -> Vec<Row> {
    let header = |name: &'static str, value: &'static str| {
        let headers = vec![(name, value)];
        Request {
            headers: &headers,
            ..Request::default()
        }
        .guest()
    };
    let echoed = "it goes out to the endpoint, and comes back as its name";
    let reported = [text(NAMED), Arg::Long(1), Arg::Int(0), Arg::Long(0)];
    let progress = Guest::new().call("progress", "report", &reported);
    let as_text = "nobody puts a value there";
    let unknown = "there is no secret `…` (declare a parameter of type secret, and give its source in the operator's configuration)";
    vec![
        Row::new(
            "in the body, from an endpoint that says it back",
            post("/x", NAMED).guest(),
            gets(echoed, "…${secret.db}…"),
        ),
        Row::new(
            "in a header, from an endpoint that says it back",
            header("x-token", NAMED),
            gets(echoed, "…${secret.db}…"),
        ),
        Row::new(
            "said back in a header",
            post("/in-header", NAMED).guest(),
            gets(echoed, "…[\"x-echo\",\"${secret.db}\"]…"),
        ),
        Row::new(
            "said back in base64",
            post("/encoded", NAMED).guest(),
            gets(echoed, "…\"body\":\"${secret.db}\"}"),
        ),
        Row::new(
            "said back as text in a document",
            post("/quoted", NAMED).guest(),
            gets(echoed, "…${secret.db}…"),
        ),
        Row::new(
            "said back in hexadecimal",
            post("/hex", NAMED).guest(),
            gets(
                "an endpoint that turns it into another form gives it away: to be granted is to be trusted with it",
                "…7022613535776f7264…",
            ),
        ),
        Row::new(
            "the credentials of the endpoint, said back",
            get("/x"),
            gets("they come back masked", "…authorization\\\",\\\"***…"),
        ),
        Row::new(
            "a part of it",
            header("range", "bytes=0-4"),
            told("header `range` is the host's to set"),
        ),
        Row::new(
            "in the path",
            get("/x?t=${secret.db}"),
            gets(as_text, "…/base/x?t=${secret.db}…"),
        ),
        Row::new(
            "in the name of a header",
            header(NAMED, "x"),
            told("header `${secret.db}`: a name is made of …"),
        ),
        Row::new(
            "as the method",
            Request {
                method: NAMED,
                ..Request::default()
            }
            .guest(),
            told("method `${secret.db}` (…)"),
        ),
        Row::new(
            "as the endpoint",
            Request {
                endpoint: NAMED,
                ..Request::default()
            }
            .guest(),
            told("no endpoint `${secret.db}` is granted (granted: api)"),
        ),
        Row::new(
            "to a stranger",
            Request {
                endpoint: "stranger",
                ..post("/x", NAMED)
            }
            .guest(),
            told("no endpoint `stranger` is granted (granted: api)"),
        ),
        Row::new(
            "to another endpoint of the call",
            Request {
                endpoint: "other",
                ..post("/x", NAMED)
            }
            .guest(),
            gets("a call's secrets go to any endpoint of the call", "…"),
        )
        .call(|world| {
            let other = Address::Url(format!("http://{}", world.address()));
            world.call().endpoint("other", Endpoint::at(other))
        }),
        Row::new("in the log", Guest::new().log(NAMED), gets(as_text, "null")),
        Row::new("in its progress", progress, gets(as_text, "null")),
        Row::new(
            "in a failure",
            Guest::new().failing(4, NAMED, NAMED),
            says("${secret.db} (${secret.db})"),
        ),
        Row::new(
            "in a file",
            Guest::new()
                .call("files", "write", &[text("work"), text("x"), text(NAMED)])
                .call("files", "read", &[text("work"), text("x")]),
            gets(as_text, "\"${secret.db}\""),
        ),
        Row::new(
            "in the name of a file",
            Guest::new().call("files", "read", &[text("work"), text(NAMED)]),
            told("cannot read `${secret.db}` in folder `work`: …"),
        ),
        Row::new(
            "in its state",
            Guest::new()
                .call("state", "put", &[text(format!("\"{NAMED}\""))])
                .call("state", "get", &[]),
            gets(as_text, "\"\\\"${secret.db}\\\"\""),
        ),
        Row::new(
            "in an argument of a program",
            program("local", "echo", &[NAMED], &[]),
            gets(as_text, "…${secret.db}\\n…"),
        ),
        Row::new(
            "in the environment of a program",
            program("local", "env", &[], &[("T", NAMED)]),
            gets(as_text, "…T=${secret.db}…"),
        ),
        Row::new(
            "by a program that knows it",
            program("local", "printf", &["p\"a55\\167ord-of-the-operator"], &[]),
            gets("what programs print is masked", "…\"stdout\":\"${secret.db}\"…"),
        ),
        Row::new(
            "what a log line says of it",
            Guest::new().log("p\"a55word-of-the-operator"),
            gets("a value that is known is left out", "null"),
        ),
        Row::new(
            "a secret of another call",
            post("/x", "${secret.other}").guest(),
            told(unknown),
        ),
        Row::new(
            "a secret within a secret",
            post("/x", "${secret.${secret.db}}").guest(),
            told(unknown),
        ),
        Row::new(
            "a secret in capitals",
            post("/x", "${secret.DB}").guest(),
            told(unknown),
        ),
        Row::new(
            "a secret that is a path",
            post("/x", "${secret../db}").guest(),
            told(unknown),
        ),
        Row::new(
            "a secret without an end",
            post("/x", "${secret.db").guest(),
            told("a `${secret.` in the request has no `}`"),
        ),
        Row::new(
            "a secret that a terminal obeys",
            post("/x", "${secret.\u{1b}[2J}").guest(),
            told(unknown),
        ),
    ]
}
