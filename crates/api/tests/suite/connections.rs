//! How many connections there may be at once, and which of them makes room for others.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Instant;

use cadastre_domain::role::Role;
use rustix::net::{AddressFamily, SocketAddrAny, SocketType};

use crate::agent_fixture::Site as AgentSite;
use crate::agent_stream::Stream;
use crate::faces::{Face, Site, sites};
use crate::raw::Peer;
use crate::support::{LIMIT, Register, register_with};

const ALIVE: &str = "GET /livez HTTP/1.1\r\nHost: register\r\n\r\n";

/// A register with room for so many connections, which waits for clients very long.
fn small(connections: usize) -> Register {
    bounded(connections, 0)
}

/// The same, with a bound for each address.
fn bounded(connections: usize, of_address: usize) -> Register {
    register_with(|o| {
        o.door.max_connections = Some(connections.to_string());
        o.door.max_connections_per_address = Some(of_address.to_string());
        for patience in
            [&mut o.door.header_timeout, &mut o.door.body_timeout, &mut o.door.keep_alive]
        {
            *patience = Some("3600".to_owned());
        }
    })
}

fn connect(register: &Register) -> TcpStream {
    let stream = TcpStream::connect(register.address()).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream
}

/// A connection that comes from this address of this machine.
fn connect_from(register: &Register, from: [u8; 4]) -> TcpStream {
    let socket = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    let from = std::net::SocketAddr::from((from, 0));
    rustix::net::bind(&socket, &SocketAddrAny::from(from)).unwrap();
    let to: std::net::SocketAddr = register.address().parse().unwrap();
    rustix::net::connect(&socket, &SocketAddrAny::from(to)).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream
}

/// Makes a request, on a connection that stays open.
fn ask(stream: &mut TcpStream) {
    stream.write_all(ALIVE.as_bytes()).unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    // The rest of it.
    let mut rest = Vec::new();
    while !rest.ends_with(b"alive\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        rest.push(byte[0]);
    }
}

/// Waits until the server has closed it.
fn wait_for_end(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
}

/// A request whose handler waits for the last byte of its body.
struct Busy {
    peer: Peer,
    last: String,
}

impl Busy {
    fn begin(site: &Site, name: &str) -> Self {
        let mut peer = Peer::of(site.register);
        let body = site.face.body(name).to_string();
        let (first, last) = body.split_at(body.len() - 1);
        let length = body.len();
        peer.send(site.head(&format!(
            "Content-Type: application/json\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n"
        )));
        // It says so when its handler works.
        peer.go_on();
        peer.send(first);
        Self { peer, last: last.to_owned() }
    }

    fn finish(mut self, site: &Site) {
        self.peer.send(&self.last);
        assert_eq!(self.peer.answer().unwrap().status(), site.face.created());
    }
}

#[test]
fn beyond_the_bound_the_connection_that_is_idle_longest_makes_room() {
    let register = small(8);
    let mut idle: Vec<_> = (0..8).map(|_| connect(&register)).collect();
    idle.iter_mut().for_each(ask);
    // The first one was used since.
    ask(&mut idle[0]);
    let mut ninth = connect(&register);
    ask(&mut ninth);
    wait_for_end(&mut idle[1]);
    let mut tenth = connect(&register);
    ask(&mut tenth);
    wait_for_end(&mut idle[2]);
    for stream in [0, 3, 4, 5, 6, 7] {
        ask(&mut idle[stream]);
    }
    ask(&mut ninth);
    ask(&mut tenth);
}

#[test]
fn however_many_idle_connections_there_are_others_are_served_at_once() {
    let register = small(64);
    let mut idle = Vec::new();
    for number in 0..300 {
        let mut stream = connect(&register);
        // Some ask something, some begin to, some are silent.
        match number % 3 {
            0 => ask(&mut stream),
            1 => stream.write_all(b"GET /livez HTTP/1.1\r\nX-Slow: ").unwrap(),
            _ => {}
        }
        idle.push(stream);
        if number % 10 == 0 {
            ask(&mut connect(&register));
            // Not only probes: of these connections, none is busy.
            let mut peer = Peer::of(&register);
            peer.send("GET /openapi/v1/regions HTTP/1.1\r\nHost: x\r\n\r\n");
            assert_eq!(peer.answer().unwrap().status(), 401, "{number}");
        }
    }
}

#[test]
fn busy_connections_never_make_room_and_probes_get_through() {
    let register = small(2);
    let [rainbond, dialing] = sites(&register);
    let busy = [Busy::begin(&rainbond, "one"), Busy::begin(&dialing, "two")];
    for _ in 0..100 {
        for path in ["/livez", "/readyz"] {
            let mut peer = Peer::of(&register);
            peer.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"));
            let answer = peer.answer().unwrap();
            assert_eq!(answer.status(), 200, "{answer:?}");
            assert_eq!(answer.header("connection"), "close", "{answer:?}");
            assert!(peer.answer().is_none());
        }
    }
    for site in [&rainbond, &dialing] {
        let mut peer = Peer::of(&register);
        peer.send(format!("{}{{}}", site.head("Content-Length: 2\r\n")));
        let answer = peer.answer().unwrap();
        assert_eq!(answer.status(), 503, "{answer:?}");
        assert_eq!(answer.header("retry-after"), "1", "{answer:?}");
        assert_eq!(answer.header("connection"), "close", "{answer:?}");
        site.face.check_refusal(&answer, "too many connections");
        assert!(peer.answer().is_none());
    }
    let [one, two] = busy;
    one.finish(&rainbond);
    // Its connection is idle now, and makes room.
    assert_eq!(dialing.create("three").status(), 200);
    two.finish(&dialing);
}

#[test]
fn a_stream_never_makes_room() {
    let register = small(1);
    let site = AgentSite::new(&register);
    let agent = site.node("one");
    let mut stream = Stream::open(&register, &agent);
    for _ in 0..20 {
        ask(&mut connect(&register));
    }
    register.app.streams.close();
    assert_eq!(stream.event(), None);
}

#[test]
fn an_answer_that_is_not_taken_yet_keeps_its_connection() {
    let register = small(1);
    let mut slow = connect(&register);
    // More than the system keeps for a client that does not read.
    let request = "GET /openapi/native.json HTTP/1.1\r\nHost: x\r\n\r\n";
    slow.write_all(request.repeat(16).as_bytes()).unwrap();
    let refused = |register: &Register| {
        let mut peer = Peer::of(register);
        peer.send("GET /openapi/v1/regions HTTP/1.1\r\nHost: x\r\n\r\n");
        peer.answer().unwrap().status() == 503
    };
    let start = Instant::now();
    let mut kept = 0;
    while kept < 20 {
        assert!(start.elapsed() < LIMIT, "it makes room");
        kept = if refused(&register) { kept + 1 } else { 0 };
    }
    // A status line may come in two parts, so the end of a part is kept for the next.
    let status = b"HTTP/1.1 200 OK";
    let (mut answers, mut buffer, mut unread) = (0, vec![0; 65_536], Vec::new());
    while answers < 16 {
        let length = slow.read(&mut buffer).unwrap();
        assert!(length > 0, "it is closed after {answers} answers");
        unread.extend_from_slice(&buffer[..length]);
        answers += unread.windows(status.len()).filter(|window| window == status).count();
        let end = unread.len().saturating_sub(status.len() - 1);
        unread.drain(..end);
    }
    // It has all of it soon, and its connection makes room as any idle one does.
    slow.set_nonblocking(true).unwrap();
    while refused(&register) {
        assert!(start.elapsed() < LIMIT, "it never makes room");
        let _ = slow.read(&mut buffer);
    }
}

#[test]
fn an_address_makes_room_for_itself_and_not_for_others() {
    let register = bounded(100, 4);
    let mut other = connect_from(&register, [127, 0, 0, 2]);
    ask(&mut other);
    let mut own: Vec<_> = (0..4).map(|_| connect_from(&register, [127, 0, 0, 3])).collect();
    own.iter_mut().for_each(ask);
    let mut fifth = connect_from(&register, [127, 0, 0, 3]);
    ask(&mut fifth);
    wait_for_end(&mut own[0]);
    own.iter_mut().skip(1).for_each(ask);
    ask(&mut other);
    ask(&mut fifth);
}

#[test]
fn at_its_bound_an_address_with_busy_connections_is_served_probes_and_others_all() {
    let register = bounded(100, 2);
    let [rainbond, dialing] = sites(&register);
    let busy = [Busy::begin(&rainbond, "one"), Busy::begin(&dialing, "two")];
    let list = "GET /openapi/v1/regions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let status = |mut stream: TcpStream, request: &str| {
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer[9..12].to_owned()
    };
    assert_eq!(status(connect(&register), list), "503");
    ask(&mut connect(&register));
    assert_eq!(status(connect_from(&register, [127, 0, 0, 2]), list), "401");
    drop(busy);
}

#[test]
fn behind_a_trusted_proxy_there_is_no_bound_for_its_address() {
    let register = register_with(|o| {
        o.door.max_connections_per_address = Some("2".to_owned());
        o.door.trusted_proxies = Some("127.0.0.1".to_owned());
    });
    let mut many: Vec<_> = (0..10).map(|_| connect(&register)).collect();
    many.iter_mut().for_each(ask);
    many.iter_mut().for_each(ask);
}

#[test]
fn connections_that_say_nothing_do_not_keep_others_out() {
    let register = small(4);
    let silent: Vec<_> = (0..16).map(|_| connect(&register)).collect();
    let mut begun: Vec<_> = (0..4).map(|_| connect(&register)).collect();
    for stream in &mut begun {
        let _ = stream.write_all(b"GET /livez HTTP/1.1\r\nX-Slow: ");
    }
    for _ in 0..5 {
        ask(&mut connect(&register));
    }
    drop((silent, begun));
}

#[test]
fn a_connection_that_waits_for_a_body_is_busy_however_many_others_come() {
    let register = small(1);
    let key = register.token(Role::Admin, register.enterprise, &[]);
    let site = Site { register: &register, face: Face::Rainbond, key };
    let busy = Busy::begin(&site, "one");
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..20).for_each(|_| ask_probe(&register)));
        }
    });
    busy.finish(&site);
}

/// Asks a probe, which may be told to come again where many do at once.
fn ask_probe(register: &Register) {
    let start = Instant::now();
    loop {
        let mut stream = connect(register);
        let _ = stream.write_all(ALIVE.as_bytes());
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        if answer.starts_with("HTTP/1.1 200 ") {
            return;
        }
        assert!(start.elapsed() < LIMIT, "no answer: {answer}");
    }
}
