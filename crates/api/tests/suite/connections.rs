//! How many connections there may be at once.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::{LIMIT, Register, register_with};

/// A register with room for four connections, two for each of its two workers.
fn small(keep_alive: &str) -> Register {
    register_with(|o| {
        o.door.max_connections = Some("4".into());
        o.door.header_timeout = Some("1".into());
        o.door.keep_alive = Some(keep_alive.to_owned());
    })
}

fn connect(register: &Register) -> TcpStream {
    let stream = TcpStream::connect(register.address()).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream
}

/// Makes a request, on a connection that stays open.
fn ask(stream: &mut TcpStream) {
    stream.write_all(b"GET /livez HTTP/1.1\r\nHost: register\r\n\r\n").unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
}

#[test]
fn beyond_the_bound_one_waits_until_another_has_gone() {
    let register = small("3");
    let start = Instant::now();
    // Each asks at once: a head has only a second to come.
    let idle = (0..4).map(|_| {
        let mut stream = connect(&register);
        ask(&mut stream);
        stream
    });
    let _idle: Vec<_> = idle.collect();
    let mut waiting = connect(&register);
    ask(&mut waiting);
    // Nobody had gone before its time.
    assert!(start.elapsed() > Duration::from_secs(2), "{:?}", start.elapsed());
}

#[test]
fn connections_that_say_nothing_do_not_keep_others_out() {
    let register = small("1");
    let silent: Vec<_> = (0..16).map(|_| connect(&register)).collect();
    let mut begun: Vec<_> = (0..4).map(|_| connect(&register)).collect();
    for stream in &mut begun {
        stream.write_all(b"GET /livez HTTP/1.1\r\nX-Slow: ").unwrap();
    }
    for _ in 0..5 {
        ask(&mut connect(&register));
    }
    drop((silent, begun));
}
