//! Clients that take their time: each is given up, and meanwhile others are served.
//!
//! What is measured is only that the end comes at all, within a time that is long enough for any
//! machine. Without the bound that is tested, it would not come.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use cadastre_domain::role::Role;

use crate::faces::Face;
use crate::support::{LIMIT, Register, register_with};

const GOOD: &str = "GET /livez HTTP/1.1\r\nHost: register\r\n\r\n";

/// A register whose patience is one second everywhere.
fn impatient() -> Register {
    register_with(|o| {
        for setting in
            [&mut o.door.header_timeout, &mut o.door.body_timeout, &mut o.door.keep_alive]
        {
            *setting = Some("1".into());
        }
    })
}

/// A connection on which this was sent, and what comes on it until it is closed.
fn begin(register: &Register, sent: &str) -> (TcpStream, Receiver<String>) {
    let mut stream = TcpStream::connect(register.address()).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.write_all(sent.as_bytes()).unwrap();
    let mut reading = stream.try_clone().unwrap();
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut answer = Vec::new();
        // A reset is an end, too.
        let _ = reading.read_to_end(&mut answer);
        let _ = sender.send(String::from_utf8_lossy(&answer).into_owned());
    });
    (stream, receiver)
}

/// What was answered until the server hung up, while `drip` was sent again and again, and another
/// client was served.
fn drip(register: &Register, sent: &str, drip: &str) -> String {
    let (mut stream, end) = begin(register, sent);
    let start = Instant::now();
    loop {
        if let Ok(answer) = end.recv_timeout(Duration::from_millis(20)) {
            return answer;
        }
        assert!(start.elapsed() < LIMIT, "{sent:?} is waited for");
        let _ = stream.write_all(drip.as_bytes());
        assert_eq!(register.request("GET", "/livez").send().status(), 200);
    }
}

/// The beginning of a request with this key and a body in chunks.
fn chunked(face: Face, key: &str) -> String {
    format!(
        "POST {} HTTP/1.1\r\nHost: register\r\n{}: {key}\r\nContent-Type: application/json\r\n\
         Transfer-Encoding: chunked\r\n\r\n1\r\n{{\r\n",
        face.path(),
        face.key_header()
    )
}

#[test]
fn a_head_that_comes_a_byte_at_a_time_is_cut_off() {
    let register = impatient();
    let answer = drip(&register, "GET /livez HTTP/1.1\r\nX-Slow: ", "a");
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    // A header a time is no better.
    let answer = drip(&register, "GET /livez HTTP/1.1\r\n", "X: a\r\n");
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
}

#[test]
fn a_connection_on_which_nothing_is_ever_said_is_closed() {
    let answer = drip(&impatient(), "", "");
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[test]
fn the_head_of_a_later_request_is_cut_off_too() {
    let register = impatient();
    let answer = drip(&register, &format!("{GOOD}GET /livez HTTP/1.1\r\nX-Slow: "), "a");
    assert_eq!(answer.matches("HTTP/1.1 200 ").count(), 1, "{answer}");
    // Also when it does not begin at once.
    let (mut stream, end) = begin(&register, GOOD);
    thread::sleep(Duration::from_millis(200));
    let start = Instant::now();
    while end.try_recv().is_err() {
        assert!(start.elapsed() < LIMIT, "it is waited for");
        let _ = stream.write_all(b"G");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_idle_connection_is_closed_but_not_before_its_time() {
    let register = register_with(|o| {
        o.door.header_timeout = Some("1".into());
        o.door.keep_alive = Some("3".into());
    });
    let start = Instant::now();
    let (_stream, end) = begin(&register, GOOD);
    let answer = end.recv_timeout(LIMIT).expect("it is closed");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    // The time for a head does not count for one that has not begun.
    assert!(start.elapsed() > Duration::from_secs(2), "{:?}", start.elapsed());
}

#[test]
fn a_body_that_drips_is_told_so() {
    let register = impatient();
    let key = register.token(Role::Admin, register.enterprise, &[]);
    for face in Face::ALL {
        let answer = drip(&register, &chunked(face, &key), "1\r\n \r\n");
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        let told = if face == Face::Dialing { "ft.RequestTimeout" } else { "error_type" };
        assert!(answer.contains(told), "{answer}");
    }
}

#[test]
fn a_body_may_take_longer_than_a_head() {
    let register = register_with(|o| {
        o.door.header_timeout = Some("1".into());
        o.door.keep_alive = Some("1".into());
    });
    let key = register.token(Role::Admin, register.enterprise, &[]);
    let face = Face::Dialing;
    let body = face.body("slow").to_string();
    let head = chunked(face, &key).replace("1\r\n{\r\n", "");
    let (mut stream, end) = begin(&register, &head);
    for part in body.as_bytes().chunks(body.len() / 8 + 1) {
        thread::sleep(Duration::from_millis(400));
        let part = std::str::from_utf8(part).unwrap();
        stream.write_all(format!("{:x}\r\n{part}\r\n", part.len()).as_bytes()).unwrap();
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    let answer = end.recv_timeout(LIMIT).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[test]
fn a_body_that_nobody_reads_is_not_waited_for() {
    let register = impatient();
    for face in Face::ALL {
        for rest in ["", "1\r\n \r\n"] {
            let answer = drip(&register, &chunked(face, "wrong"), rest);
            assert!(answer.starts_with("HTTP/1.1 40"), "{answer}");
        }
    }
}

/// Sends this request again and again, takes no answer, and says why it ended: the server hung up,
/// or it has read nothing for so long.
fn ask_and_take_nothing(register: &Register, request: &str, stall: Duration) -> ErrorKind {
    let mut stream = TcpStream::connect(register.address()).unwrap();
    stream.set_write_timeout(Some(stall)).unwrap();
    let (many, start) = (request.repeat(1000), Instant::now());
    loop {
        assert!(start.elapsed() < 3 * LIMIT, "it is read on and on");
        if let Err(error) = stream.write_all(many.as_bytes()) {
            assert_eq!(register.request("GET", "/livez").send().status(), 200);
            return error.kind();
        }
    }
}

#[test]
fn a_client_that_asks_and_asks_and_takes_no_answer_is_given_up() {
    let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    let end = ask_and_take_nothing(&impatient(), request, LIMIT);
    assert_ne!(end, ErrorKind::WouldBlock, "it is waited for");
}

#[test]
fn a_client_that_takes_no_answer_is_not_read_from() {
    // The answer has no body; the server library would collect any number of these.
    let register = register_with(|o| o.door.cors_origins = Some("https://a.example".into()));
    let preflight = "OPTIONS / HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\n\
                     Access-Control-Request-Method: GET\r\n\r\n";
    let end = ask_and_take_nothing(&register, preflight, Duration::from_secs(2));
    assert_eq!(end, ErrorKind::WouldBlock);
}
