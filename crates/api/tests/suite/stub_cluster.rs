//! A cluster's API that notes what it is asked and answers as it is told.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use cadastre_api::config::ServeOptions;
use cadastre_testkit::server_config;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

use crate::certificates::Authority;
use crate::support::LIMIT;

/// A URL at which nobody listens: the port belongs to a service that nobody runs.
pub const NOWHERE: &str = "http://127.0.0.1:1";

/// Has clusters called, on loopback too, where those of tests are.
pub fn call_loopback(options: &mut ServeOptions) {
    options.cluster_calls = Some("on".into());
    options.cluster_allow = Some("127.0.0.0/8".into());
}

/// A request to the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The first line, without the version.
    pub line: String,
    /// The `Authorization` header, or the empty text.
    pub authorization: String,
    /// The body, or null.
    pub body: Value,
    /// The client's certificate, if it showed one.
    pub certificate: Option<Vec<u8>>,
}

/// What it was asked, and what it answers.
struct State {
    seen: Vec<Seen>,
    answer: (u16, Value),
    /// The only request that is not answered with success, if it is only one.
    only: Option<&'static str>,
    /// What happens before the next answer.
    meanwhile: Option<Box<dyn FnOnce() + Send>>,
}

/// A running cluster.
pub struct StubCluster {
    /// Where it listens.
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl StubCluster {
    /// A cluster without TLS that says yes to everything.
    pub fn start() -> Self {
        Self::listen("http", |stream, state| drop(exchange(stream, state, |_| None)))
    }

    /// The same with TLS and a certificate of this authority, for any client.
    pub fn signed_by(authority: &Authority) -> Self {
        let own = authority.issue("cluster", &["127.0.0.1"]);
        Self::with_tls(server_config(&own.pem, &own.key, None))
    }

    /// The same with TLS.
    pub fn with_tls(config: Arc<ServerConfig>) -> Self {
        Self::listen("https", move |stream, state| {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let certificate = |stream: &StreamOwned<ServerConnection, TcpStream>| {
                stream.conn.peer_certificates().map(|shown| shown[0].to_vec())
            };
            drop(exchange(StreamOwned::new(connection, stream), state, certificate));
        })
    }

    fn listen(scheme: &str, serve: impl Fn(TcpStream, &Mutex<State>) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let answer = (200, json!({}));
        let state = State { seen: Vec::new(), answer, only: None, meanwhile: None };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                stream.set_read_timeout(Some(LIMIT)).unwrap();
                serve(stream, &shared);
            }
        });
        Self { url, state }
    }

    /// Answers so from now on.
    pub fn answer(&self, status: u16, body: &Value) {
        let mut state = self.state.lock().unwrap();
        (state.answer, state.only) = ((status, body.clone()), None);
    }

    /// Answers so from now on to this request, and says yes to others.
    pub fn answer_on(&self, request: &'static str, status: u16, body: &Value) {
        let mut state = self.state.lock().unwrap();
        (state.answer, state.only) = ((status, body.clone()), Some(request));
    }

    /// Does this before the next answer.
    pub fn meanwhile(&self, work: impl FnOnce() + Send + 'static) {
        self.state.lock().unwrap().meanwhile = Some(Box::new(work));
    }

    /// What it was asked.
    pub fn seen(&self) -> Vec<Seen> {
        self.state.lock().unwrap().seen.clone()
    }

    /// Forgets what it was asked.
    pub fn forget(&self) {
        self.state.lock().unwrap().seen.clear();
    }
}

/// Reads one request and answers it. A client that does not get that far is not noted.
fn exchange<S: Read + Write>(
    mut stream: S,
    state: &Mutex<State>,
    certificate: impl Fn(&S) -> Option<Vec<u8>>,
) -> std::io::Result<()> {
    let mut seen = read(&mut stream)?;
    seen.certificate = certificate(&stream);
    let meanwhile = state.lock().unwrap().meanwhile.take();
    if let Some(work) = meanwhile {
        work();
    }
    let (status, answer) = {
        let mut state = state.lock().unwrap();
        let meant = state.only.is_none_or(|only| only == seen.line);
        state.seen.push(seen);
        if meant { state.answer.clone() } else { (200, json!({})) }
    };
    let answer = answer.to_string();
    write!(
        stream,
        "HTTP/1.1 {status} Stub\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{answer}",
        answer.len()
    )?;
    stream.flush()
}

fn read(stream: &mut impl Read) -> std::io::Result<Seen> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let header = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value).to_owned()
    };
    let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
    stream.read_exact(&mut body)?;
    Ok(Seen {
        line: head.lines().next().unwrap().trim_end_matches(" HTTP/1.1").to_owned(),
        authorization: header("authorization"),
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        certificate: None,
    })
}
