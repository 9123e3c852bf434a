//! A link that is long: everything that goes through it arrives later, in both directions, however much it is.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// Takes connections to a server in, on a port of loopback, until the program ends.
pub(crate) fn link(server: SocketAddr, round_trip: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback can be listened on");
    let port = listener.local_addr().expect("a listener has an address").port();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // A server that is gone is what the client is told.
            if let Ok(server) = TcpStream::connect(server) {
                connect(&client, &server, round_trip);
            }
        }
    });
    port
}

fn connect(client: &TcpStream, server: &TcpStream, round_trip: Duration) {
    let one_way = round_trip / 2;
    // The kernel has taken the connection in at once; over a long link that takes a round trip before anything is said.
    let opened = Instant::now() + round_trip;
    let again = |stream: &TcpStream| stream.try_clone().expect("a socket has another handle");
    for stream in [client, server] {
        stream.set_nodelay(true).expect("a socket can be set");
    }
    carry(again(client), again(server), opened, one_way);
    carry(again(server), again(client), Instant::now(), one_way);
}

fn carry(mut from: TcpStream, mut to: TcpStream, opened: Instant, one_way: Duration) {
    let (sender, under_way) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            let arrives = Instant::now().max(opened) + one_way;
            if sender.send((arrives, buffer[..read].to_vec())).is_err() {
                break;
            }
        }
    });
    thread::spawn(move || {
        for (arrives, bytes) in under_way {
            thread::sleep(arrives.saturating_duration_since(Instant::now()));
            if to.write_all(&bytes).is_err() {
                break;
            }
        }
        // The other side may have gone already.
        let _ = to.shutdown(Shutdown::Write);
    });
}
