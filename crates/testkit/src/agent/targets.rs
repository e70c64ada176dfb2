//! What agents dial in tests: small listeners on loopback that can die and come back.

use std::io::{self, BufReader, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

use super::http::request_head;
use crate::own_loopback;

/// How long a listener waits for somebody who says nothing.
const PATIENCE: Duration = Duration::from_mins(1);

/// What answers on a connection.
type Talk = Arc<dyn Fn(TcpStream) -> io::Result<()> + Send + Sync>;

/// A listener on a port of its own.
pub struct Target {
    address: SocketAddr,
    talk: Talk,
    served: Arc<AtomicUsize>,
    life: Option<(Arc<AtomicBool>, JoinHandle<()>)>,
}

impl Target {
    /// HTTP that answers every request with what `answer` makes of its path: a status and a body.
    pub fn http(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Self {
        Self::new(move |stream| {
            let mut reader = BufReader::new(stream);
            let (path, _) = request_head(&mut reader)?;
            let (status, body) = answer(&path);
            let length = body.len();
            write!(
                reader.get_mut(),
                "HTTP/1.1 {status} Said\r\nContent-Length: {length}\r\nX-Target: here\r\n\
                 Connection: close\r\n\r\n{body}"
            )
        })
    }

    /// TCP that says `pong` to whoever says something.
    #[must_use]
    pub fn tcp() -> Self {
        Self::new(|mut stream| {
            let mut said = [0; 256];
            if stream.read(&mut said)? > 0 { stream.write_all(b"pong") } else { Ok(()) }
        })
    }

    /// WebSocket that answers the first message with itself.
    #[must_use]
    pub fn websocket() -> Self {
        Self::new(|stream| {
            let mut reader = BufReader::new(stream);
            let (_, headers) = request_head(&mut reader)?;
            let key = headers.iter().find(|(name, _)| name == "sec-websocket-key");
            let accept = accept_key(key.map_or("", |(_, value)| value));
            write!(
                reader.get_mut(),
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
                 Connection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
            )?;
            let message = message(&mut reader)?;
            let length = u8::try_from(message.len()).map_err(io::Error::other)?;
            reader.get_mut().write_all(&[&[0x81, length], &*message].concat())
        })
    }

    fn new(talk: impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((own_loopback(), 0)).expect("a free port");
        let address = listener.local_addr().expect("a bound port");
        let served = Arc::new(AtomicUsize::new(0));
        let mut target = Self { address, talk: Arc::new(talk), served, life: None };
        target.live(listener);
        target
    }

    /// Where it listens, as `127.0.0.1:port`, but with an address of its own.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Its address.
    #[must_use]
    pub fn ip(&self) -> IpAddr {
        self.address.ip()
    }

    /// How many connections it has taken. A client that has an answer is among them.
    #[must_use]
    pub fn served(&self) -> usize {
        self.served.load(Ordering::SeqCst)
    }

    /// Refuses connections from now on.
    ///
    /// # Panics
    /// When its thread did.
    pub fn die(&mut self) {
        if let Some((ended, thread)) = self.life.take() {
            ended.store(true, Ordering::SeqCst);
            // It may have been waiting for one.
            drop(TcpStream::connect(self.address));
            thread.join().expect("a listener that ends");
        }
    }

    /// Listens on the same port again.
    ///
    /// # Panics
    /// When somebody else has taken the port.
    pub fn come_back(&mut self) {
        self.die();
        self.live(TcpListener::bind(self.address).expect("the same port"));
    }

    fn live(&mut self, listener: TcpListener) {
        let ended = Arc::new(AtomicBool::new(false));
        let (flag, talk, served) =
            (Arc::clone(&ended), Arc::clone(&self.talk), Arc::clone(&self.served));
        let thread = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if flag.load(Ordering::SeqCst) {
                    return;
                }
                let talk = Arc::clone(&talk);
                served.fetch_add(1, Ordering::SeqCst);
                thread::spawn(move || {
                    let _ = stream.set_read_timeout(Some(PATIENCE));
                    // Who hangs up early does not matter to it.
                    let _ = talk(stream);
                });
            }
        });
        self.life = Some((ended, thread));
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        self.die();
    }
}

/// What a server answers to the key of a handshake (RFC 6455, section 4.2.2).
#[must_use]
pub(super) fn accept_key(key: &str) -> String {
    STANDARD.encode(Sha1::digest(format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11")))
}

/// The text of a short masked frame.
fn message(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut start = [0; 6];
    reader.read_exact(&mut start)?;
    let mut message = vec![0; usize::from(start[1] & 0x7f)];
    reader.read_exact(&mut message)?;
    for (byte, mask) in message.iter_mut().zip(start[2..].iter().cycle()) {
        *byte ^= mask;
    }
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_accepted_as_the_rfc_shows() {
        assert_eq!(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
