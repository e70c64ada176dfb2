//! A receiver of webhooks: a real listener on loopback that keeps what it is sent and answers as it
//! is told.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::LIMIT;

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The first line.
    pub line: String,
    headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Heard {
    /// A header, or the empty text.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub enum Reply {
    /// This status, and nothing else.
    Status(u16),
    /// That what is asked for is there.
    Redirect(String),
    /// A success with a body that never ends.
    Endless,
    /// Nothing, and the connection stays open.
    Silence,
    /// This status, but not before a test says so.
    Held(u16),
}

struct State {
    heard: Vec<Heard>,
    usual: Reply,
    next: VecDeque<Reply>,
    is_held: bool,
}

/// A running receiver.
#[derive(Clone)]
pub struct Hook {
    /// Where it listens, as `127.0.0.1:port`.
    pub address: String,
    state: Arc<Mutex<State>>,
}

impl Hook {
    /// A receiver that takes everything.
    pub fn start() -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    fn listen(listener: TcpListener) -> Self {
        let address = listener.local_addr().unwrap().to_string();
        let (usual, next) = (Reply::Status(204), VecDeque::new());
        let state = State { heard: Vec::new(), usual, next, is_held: true };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                // A client that goes away is none of our business.
                thread::spawn(move || drop(exchange(stream, &shared)));
            }
        });
        Self { address, state }
    }

    /// Its URL with this path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers so from now on.
    pub fn answer(&self, reply: Reply) {
        self.state.lock().unwrap().usual = reply;
    }

    /// Answers so to the next request, before all that was said so far.
    pub fn answer_next(&self, reply: Reply) {
        self.state.lock().unwrap().next.push_back(reply);
    }

    /// Whether what is held stays so.
    pub fn hold(&self, is_held: bool) {
        self.state.lock().unwrap().is_held = is_held;
    }

    /// What it was sent.
    pub fn heard(&self) -> Vec<Heard> {
        self.state.lock().unwrap().heard.clone()
    }

    /// What it was sent, once that are so many.
    pub fn wait_for(&self, count: usize) -> Vec<Heard> {
        let start = Instant::now();
        loop {
            let heard = self.heard();
            if heard.len() >= count {
                return heard;
            }
            assert!(start.elapsed() < LIMIT, "only {heard:?}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The states of alarms that it was told, with their event ids.
    pub fn told(&self) -> Vec<(String, String)> {
        let told = |heard: &Heard| {
            let body = heard.json();
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            (text(&body["alarm"]["state"]), text(&body["event_id"]))
        };
        self.heard().iter().map(told).collect()
    }
}

fn exchange(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(LIMIT))?;
    let heard = read(&mut stream)?;
    let reply = {
        let mut state = state.lock().unwrap();
        state.heard.push(heard);
        let usual = state.usual.clone();
        state.next.pop_front().unwrap_or(usual)
    };
    match reply {
        Reply::Status(status) => answer(&mut stream, status),
        Reply::Redirect(to) => write!(
            stream,
            "HTTP/1.1 307 Hook\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        ),
        Reply::Endless => {
            write!(stream, "HTTP/1.1 200 Hook\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            loop {
                write!(stream, "400\r\n{}\r\n", "x".repeat(1024))?;
            }
        }
        Reply::Silence => stream.read(&mut [0]).map(drop),
        Reply::Held(status) => {
            while state.lock().unwrap().is_held {
                thread::sleep(Duration::from_millis(5));
            }
            answer(&mut stream, status)
        }
    }
}

fn answer(stream: &mut TcpStream, status: u16) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 {status} Hook\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

fn read(stream: &mut impl Read) -> std::io::Result<Heard> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.lines();
    let line = lines.next().unwrap().to_owned();
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers: Vec<_> = headers.map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    let mut request = Heard { line, headers, body: Vec::new() };
    request.body = vec![0; request.header("content-length").parse().unwrap_or(0)];
    stream.read_exact(&mut request.body)?;
    Ok(request)
}
