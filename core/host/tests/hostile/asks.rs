//! What several classes ask the host for.

use crate::kit::{Arg, Guest, pairs, text, texts};

pub(crate) const READ: i32 = 0;
pub(crate) const ONCE: i32 = 2;

pub(crate) struct Request<'a> {
    pub(crate) endpoint: &'a str,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a str,
    pub(crate) effect: i32,
}

impl Default for Request<'_> {
    fn default() -> Self {
        Self {
            endpoint: "api",
            method: "GET",
            path: "/",
            headers: &[],
            body: "",
            effect: READ,
        }
    }
}

impl Request<'_> {
    pub(crate) fn guest(&self) -> Guest {
        self.after(Guest::new())
    }

    pub(crate) fn after(&self, guest: Guest) -> Guest {
        let arguments = [
            text(self.endpoint),
            text(self.method),
            text(self.path),
            pairs(self.headers),
            // Bytes.
            Arg::Int(0),
            text(self.body),
            Arg::Int(0),
            Arg::Int(0),
            Arg::Int(5000),
            Arg::Int(0),
            Arg::Int(self.effect),
        ];
        guest.call("http", "send", &arguments)
    }
}

pub(crate) fn get(path: &str) -> Guest {
    Request {
        path,
        ..Request::default()
    }
    .guest()
}

pub(crate) fn program(host: &str, program: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Guest {
    let arguments = [
        text(host),
        text(program),
        texts(arguments),
        pairs(environment),
        text(""),
        Arg::Int(400),
        Arg::Int(READ),
    ];
    Guest::new().call("exec", "run", &arguments)
}

/// So many of one request at once, which stand in memory as the contract says.
pub(crate) fn all(path: &str, times: usize, effect: i32) -> Guest {
    let mut guest = Guest::new();
    let words = |words: &[u32]| {
        words
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect::<Vec<u8>>()
    };
    let (method, path) = (guest.text_at("GET"), guest.text_at(path));
    let mut record = words(&[method[0], method[1], path[0], path[1]]);
    // No headers; bytes, none of them; no time of its own, not quiet; the effect.
    record.extend(words(&[0, 0, 0, 0, 0, 0, 0, 0, 0, effect as u32]));
    let list = Arg::Bytes(record.repeat(times)).of(times as i64);
    guest.call("http", "send-all", &[text("api"), list])
}
