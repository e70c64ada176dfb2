//! HTTP written by hand, for what no client library sends.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};

use ureq::http::Response;

use crate::support::{Answer, LIMIT, Register};

/// A connection to a register.
pub struct Peer {
    stream: BufReader<TcpStream>,
}

impl Peer {
    /// Connects.
    pub fn of(register: &Register) -> Self {
        let stream = TcpStream::connect(register.address()).unwrap();
        // Beyond that the server counts as hung.
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream.set_write_timeout(Some(LIMIT)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream) }
    }

    /// Sends bytes. A server that has hung up may have answered before, so that is no failure.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.get_mut().write_all(bytes.as_ref());
    }

    /// Sends nothing more.
    pub fn finish(&mut self) {
        let _ = self.stream.get_mut().shutdown(Shutdown::Write);
    }

    /// Waits for `100 Continue`.
    pub fn go_on(&mut self) {
        assert_eq!(self.line().as_deref(), Some("HTTP/1.1 100 Continue"));
        assert_eq!(self.line().as_deref(), Some(""));
    }

    /// The next answer, or `None` when the server hung up without one.
    pub fn answer(&mut self) -> Option<Answer> {
        self.read(true)
    }

    /// The next answer, before which the client is not told to go on.
    pub fn answer_at_once(&mut self) -> Option<Answer> {
        let next = self.stream.fill_buf().unwrap();
        assert!(!next.starts_with(b"HTTP/1.1 100"), "{:?}", String::from_utf8_lossy(next));
        self.read(true)
    }

    /// The next answer, which has no body because it is one to `HEAD`.
    pub fn head(&mut self) -> Option<Answer> {
        self.read(false)
    }

    fn read(&mut self, with_body: bool) -> Option<Answer> {
        let start = self.line()?;
        let status = start.split(' ').nth(1).unwrap().parse::<u16>().unwrap();
        let mut response = Response::builder().status(status);
        loop {
            let line = self.line().unwrap();
            let Some((name, value)) = line.split_once(": ") else { break };
            response = response.header(name, value);
        }
        if status == 100 {
            return self.read(with_body);
        }
        let response = response.body(()).unwrap();
        let length = response.headers().get("content-length");
        let length = length.map_or(0, |value| value.to_str().unwrap().parse().unwrap());
        let mut body = vec![0; if with_body { length } else { 0 }];
        self.stream.read_exact(&mut body).unwrap();
        Some(Answer::new(response, String::from_utf8(body).unwrap()))
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.stream.read_line(&mut line) {
            Ok(0) => None,
            Ok(_) => Some(line.trim_end().to_owned()),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => None,
            Err(error) => panic!("the server hangs: {error}"),
        }
    }
}
