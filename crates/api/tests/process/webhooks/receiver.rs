//! A receiver of webhooks on loopback that notes which events it was told of.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

use crate::support::LIMIT;

/// A running receiver.
pub struct Receiver {
    port: u16,
    events: Arc<Mutex<Vec<String>>>,
    silent: Arc<AtomicBool>,
}

impl Receiver {
    /// A receiver that takes everything, with or without TLS.
    pub fn start(tls: Option<Arc<ServerConfig>>) -> Self {
        Self::at("127.0.0.1", tls)
    }

    /// One at this address.
    pub fn at(address: &str, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind((address, 0)).unwrap();
        let receiver = Self {
            port: listener.local_addr().unwrap().port(),
            events: Arc::default(),
            silent: Arc::default(),
        };
        let (events, silent) = (Arc::clone(&receiver.events), Arc::clone(&receiver.silent));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (events, silent, tls) = (Arc::clone(&events), Arc::clone(&silent), tls.clone());
                // A client that goes away is none of our business.
                thread::spawn(move || drop(serve(stream, tls, &events, &silent)));
            }
        });
        receiver
    }

    /// Its URL by this name.
    pub fn url(&self, scheme: &str, host: &str) -> String {
        format!("{scheme}://{host}:{}/hook", self.port)
    }

    /// Whether it answers nothing from now on.
    pub fn stay_silent(&self, silent: bool) {
        self.silent.store(silent, Ordering::Relaxed);
    }

    /// The events that it was told of, as often as it was.
    pub fn events(&self) -> Vec<String> {
        self.events.lock().unwrap().clone()
    }
}

fn serve(
    stream: TcpStream,
    tls: Option<Arc<ServerConfig>>,
    events: &Mutex<Vec<String>>,
    silent: &AtomicBool,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(LIMIT))?;
    match tls {
        None => exchange(stream, events, silent),
        Some(config) => {
            let connection = ServerConnection::new(config).unwrap();
            exchange(StreamOwned::new(connection, stream), events, silent)
        }
    }
}

fn exchange<S: Read + Write>(
    mut stream: S,
    events: &Mutex<Vec<String>>,
    silent: &AtomicBool,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.unwrap().parse().unwrap()];
    stream.read_exact(&mut body)?;
    let body: Value = serde_json::from_slice(&body).unwrap();
    events.lock().unwrap().push(body["event_id"].as_str().unwrap().to_owned());
    if silent.load(Ordering::Relaxed) {
        return stream.read(&mut [0]).map(drop);
    }
    write!(stream, "HTTP/1.1 204 Hook\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
    stream.flush()
}
