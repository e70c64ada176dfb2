//! Stopping: what was asked is answered, what was answered is kept, and the end comes soon.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cadastre_testkit::{databases, own_loopback};
use rustix::process::Signal;

use crate::support::{Call, LIMIT, Place, Server, eventually, region};

/// Shorter than what a request may delay the end, which is half a minute.
const SOON: Duration = Duration::from_secs(25);

/// More regions than a writer adds before the server is gone.
const MOST: usize = 50_000;

/// A request whose handler waits for the other half of its body.
struct SlowRequest {
    stream: TcpStream,
    rest: String,
}

impl SlowRequest {
    fn begin(server: &Server, key: &str, name: &str) -> Self {
        let body = region(name).to_string();
        let (half, rest) = body.split_at(body.len() / 2);
        let mut stream = server.connect();
        let length = body.len();
        write!(
            stream,
            "POST /openapi/v1/regions HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\
             Expect: 100-continue\r\n\r\n"
        )
        .unwrap();
        // The server says so once its handler reads the body.
        let mut answer = [0; 25];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(half.as_bytes()).unwrap();
        Self { stream, rest: rest.to_owned() }
    }

    /// Sends the rest and answers what comes until the server closes.
    fn finish(mut self) -> String {
        self.stream.write_all(self.rest.as_bytes()).unwrap();
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

/// Adds regions from several threads until the server is gone. Answers the names of those that it
/// said it had added, once `end` was called, which happens when there are some.
fn write_until_gone(server: &Server, key: &str, end: impl FnOnce()) -> Vec<String> {
    let (written, address) = (AtomicUsize::new(0), server.address);
    let write = |writer: usize| {
        let call = Call::to(address);
        let mut names = Vec::new();
        for number in 0..MOST {
            let name = format!("region-{writer}-{number}");
            let Ok(status) = call.add_region(&name, key) else { break };
            assert_eq!(status, 201);
            names.push(name);
            written.fetch_add(1, Ordering::Relaxed);
        }
        names
    };
    thread::scope(|scope| {
        let writers: Vec<_> = (0..6).map(|n| scope.spawn(move || write(n))).collect();
        eventually("some regions", || written.load(Ordering::Relaxed) >= 60);
        end();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    })
}

/// Whether all of these regions, of which there are some, are in the register when it is served
/// again.
fn assert_kept(place: &Place, key: &str, names: &[String]) {
    assert!(names.len() >= 60, "{}", names.len());
    let kept = place.ready().region_names(key);
    for name in names {
        assert!(kept.binary_search(name).is_ok(), "{name} is lost");
    }
}

fn refuses_connections(server: &Server) -> bool {
    TcpStream::connect(server.address).is_err()
}

#[test]
fn a_request_in_flight_gets_its_answer_and_no_other_is_let_in() {
    for database in databases() {
        let place = Place::on(&database);
        for signal in [Signal::TERM, Signal::INT] {
            let server = place.ready();
            let (key, name) = (place.first_token(), format!("region-{}", signal.as_raw()));
            let request = SlowRequest::begin(&server, &key, &name);
            server.signal(signal);
            eventually("new connections are refused", || refuses_connections(&server));
            let answer = request.finish();
            assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
            assert!(answer.to_lowercase().contains("\r\nconnection: close\r\n"), "{answer}");
            assert!(answer.ends_with('}') && answer.contains(&name), "{answer}");
            let ended = server.wait(LIMIT);
            assert_eq!(ended.code, Some(0), "{ended:?}");
            assert!(place.ready().region_names(&key).contains(&name));
        }
    }
}

#[test]
fn connections_on_which_nothing_happens_do_not_delay_the_end() {
    for database in databases() {
        // Nothing but the stop ends them.
        let place = Place::on(&database)
            .with("CADASTRE_HEADER_TIMEOUT", "3600")
            .with("CADASTRE_KEEP_ALIVE", "3600");
        let server = place.ready();
        let mut used = server.connect();
        used.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut answer = [0; 12];
        used.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        let silent = server.connect();
        let mut begun = server.connect();
        begun.write_all(b"GET /livez HTTP/1.1\r\nHost: ").unwrap();
        let start = Instant::now();
        server.signal(Signal::TERM);
        let ended = server.wait(SOON);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        println!("ended after {:?}", start.elapsed());
        drop((used, silent, begun));
    }
}

#[test]
fn what_writers_were_told_is_written_outlasts_a_stop() {
    for database in databases() {
        println!("on {}", database.name());
        let place = Place::on(&database);
        let server = place.ready();
        let key = place.first_token();
        let names = write_until_gone(&server, &key, || server.signal(Signal::TERM));
        let ended = server.wait(LIMIT);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_kept(&place, &key, &names);
    }
}

#[test]
fn what_writers_were_told_is_written_outlasts_a_kill() {
    for database in databases() {
        println!("on {}", database.name());
        let place = Place::on(&database);
        let server = place.ready();
        let key = place.first_token();
        let names = write_until_gone(&server, &key, || server.signal(Signal::KILL));
        assert_eq!(server.wait(LIMIT).code, None);
        assert_kept(&place, &key, &names);
    }
}

#[test]
fn a_second_signal_ends_the_server_at_once() {
    let place = Place::empty();
    for [first, second] in
        [[Signal::TERM, Signal::TERM], [Signal::INT, Signal::INT], [Signal::TERM, Signal::INT]]
    {
        let server = place.ready();
        let request = SlowRequest::begin(&server, &place.first_token(), "never");
        server.signal(first);
        eventually("new connections are refused", || refuses_connections(&server));
        server.signal(second);
        let ended = server.wait(LIMIT);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        drop(request);
    }
    assert!(place.ready().region_names(&place.first_token()).is_empty());
}

#[test]
fn a_server_that_was_stopped_can_be_started_again_on_its_port() {
    // Nobody else takes the port in between.
    let place = Place::empty().with("CADASTRE_LISTEN", &format!("{}:0", own_loopback()));
    let server = place.ready();
    let address = server.address.to_string();
    // The server closes this connection, which keeps its end of it for a while.
    assert_eq!(server.list_status(&place.first_token()), 200);
    let idle = server.connect();
    server.stop();
    drop(idle);
    let place = place.with("CADASTRE_LISTEN", &address);
    assert_eq!(place.ready().list_status(&place.first_token()), 200);
}
