//! What the tests run on a cluster: a web server of one file, linked statically, so that an image needs nothing else.
//! Everything it does wrong is asked for by its environment or switched by a request. It uses the standard library
//! alone, and is compiled by `tests/src/cluster/image.rs`.
//!
//! | variable | what |
//! |---|---|
//! | `PORT` | listens here (8080) |
//! | `VERSION` | what `/version` says |
//! | `CRASH` | says this, and ends with exit code 7 instead of serving |
//! | `ILL` | `/healthz` answers 503 from the start |
//! | `GRUMBLE` | writes `ERROR` and this for every request |
//! | `HUNGRY` | takes memory until it is ended |
//! | `START_MS` | begins to listen after that long |
//! | `STOP_MS` | takes that long to end when asked to |
//! | `JOB` | says this and ends well, instead of serving |
//!
//! With arguments it does not serve: `say NAME..` says what these variables hold, and `end MS CODE` ends after so long.
//!
//! `/healthz` answers 200, or 503 after `/fail` until `/mend`; `/env?NAME` and `/file?PATH` say what it was given;
//! `/log?TEXT` writes a line; `/exit?CODE` ends it; `/ask?NAME` answers what the Service of that name says its version is,
//! found by the variables that a pod gets.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

static ILL: AtomicBool = AtomicBool::new(false);
static STOPPING: AtomicBool = AtomicBool::new(false);
static STOP_MS: AtomicU64 = AtomicU64::new(0);

const TERM: i32 = 15;

unsafe extern "C" {
    fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
}

extern "C" fn asked_to_end(_signal: i32) {
    STOPPING.store(true, Ordering::SeqCst);
}

fn main() {
    // The first process of a container ends on a signal only if it says so.
    unsafe { signal(TERM, asked_to_end) };
    let number = |name: &str| env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.split_first() {
        Some((word, names)) if word == "say" => {
            for name in names {
                println!("{name} is {}", env::var(name).unwrap_or_default());
            }
            return;
        }
        Some((_, rest)) => {
            let number = |at: usize| rest.get(at).and_then(|text| text.parse().ok()).unwrap_or(0);
            thread::sleep(Duration::from_millis(number(0)));
            println!("it ends");
            process::exit(i32::try_from(number(1)).unwrap_or(1));
        }
        None => {}
    }
    if let Ok(last_words) = env::var("CRASH") {
        println!("starting");
        println!("ERROR {last_words}");
        process::exit(7);
    }
    if let Ok(words) = env::var("JOB") {
        println!("{words}");
        return;
    }
    if env::var("HUNGRY").is_ok() {
        let mut eaten = Vec::new();
        loop {
            eaten.push(vec![1_u8; 1 << 20]);
            thread::sleep(Duration::from_millis(1));
        }
    }
    ILL.store(env::var("ILL").is_ok(), Ordering::SeqCst);
    STOP_MS.store(number("STOP_MS"), Ordering::SeqCst);
    thread::spawn(|| {
        while !STOPPING.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(10));
        }
        println!("stopping");
        thread::sleep(Duration::from_millis(STOP_MS.load(Ordering::SeqCst)));
        process::exit(0);
    });
    thread::sleep(Duration::from_millis(number("START_MS")));
    let port = env::var("PORT").unwrap_or_else(|_| "8080".to_owned());
    let listener = TcpListener::bind(format!("0.0.0.0:{port}")).expect("the port is free in a container");
    println!("version {} listens on {port}", version());
    for stream in listener.incoming().flatten() {
        thread::spawn(move || answer(stream));
    }
}

fn version() -> String {
    env::var("VERSION").unwrap_or_else(|_| "none".to_owned())
}

fn answer(mut stream: TcpStream) {
    let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
    let first = lines.next().unwrap_or_default();
    while lines.next().is_some_and(|line| !line.is_empty()) {}
    let target = first.split(' ').nth(1).unwrap_or("/");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    // A proxy in between makes `NAME=` of `NAME`.
    let query = query.trim_end_matches('=');
    if let Ok(words) = env::var("GRUMBLE") {
        println!("ERROR {words}");
    }
    let (status, body) = match path {
        "/" | "/version" => ("200 OK", version()),
        "/healthz" if ILL.load(Ordering::SeqCst) => ("503 Service Unavailable", "ill".to_owned()),
        "/healthz" => ("200 OK", "well".to_owned()),
        "/fail" => {
            ILL.store(true, Ordering::SeqCst);
            ("200 OK", "ill from now on".to_owned())
        }
        "/mend" => {
            ILL.store(false, Ordering::SeqCst);
            ("200 OK", "well from now on".to_owned())
        }
        "/env" => ("200 OK", env::var(query).unwrap_or_default()),
        "/file" => ("200 OK", fs::read_to_string(query).unwrap_or_default()),
        "/ask" => match ask(query) {
            Ok(version) => ("200 OK", version),
            Err(error) => ("502 Bad Gateway", error.to_string()),
        },
        "/log" => {
            println!("{query}");
            ("200 OK", "written".to_owned())
        }
        "/exit" => process::exit(query.parse().unwrap_or(1)),
        _ => ("404 Not Found", "there is no such thing".to_owned()),
    };
    let length = body.len();
    // Whoever asked may have gone.
    drop(write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: text/plain\r\nx-version: {}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}",
        version()
    ));
}

/// What another Service says its version is.
fn ask(service: &str) -> io::Result<String> {
    let found = |what: &str| env::var(format!("{service}_SERVICE_{what}")).map_err(io::Error::other);
    let mut stream = TcpStream::connect(format!("{}:{}", found("HOST")?, found("PORT")?))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(stream, "GET /version HTTP/1.1\r\nhost: {service}\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    match answer.split_once("\r\n\r\n") {
        Some((head, version)) if head.starts_with("HTTP/1.1 200") => Ok(version.to_owned()),
        _ => Err(io::Error::other(format!("{service} answers {answer:?}"))),
    }
}
