//! HTTP/1.1 by hand, so that exactly those bytes leave that an agent sends.

use std::fmt::Write as _;
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;

use super::connection::{Connection, Trust};
use super::url::Url;

/// More than any answer has.
const LARGEST_BODY: u64 = 64 * 1024 * 1024;

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The text behind the status.
    pub reason: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

impl Reply {
    /// The header, or the empty text.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// Whether it says that all went well.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..300)
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// How long the parts of an exchange took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Times {
    /// Until the connection stood.
    pub connect: Duration,
    /// The handshake of TLS.
    pub tls: Duration,
    /// From the last byte sent to the first received.
    pub first_byte: Duration,
    /// Until the last byte.
    pub download: Duration,
}

/// A request: a method, headers in the order in which they are sent, and a body.
#[derive(Debug, Clone, Default)]
pub struct Request<'a> {
    /// The method.
    pub method: &'a str,
    /// What stands behind `Host` and `User-Agent`.
    pub headers: Vec<(&'a str, &'a str)>,
    /// The body; no `Content-Length` is sent with a GET without one.
    pub body: &'a [u8],
}

impl Request<'_> {
    /// The bytes of the request as Go's client writes them.
    #[must_use]
    pub fn bytes(&self, url: &Url) -> Vec<u8> {
        let own = |name: &str| self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        let agent = own("user-agent").map_or("Go-http-client/1.1", |(_, value)| value);
        let host = own("host").map_or(url.authority.as_str(), |(_, value)| value);
        let mut head = format!(
            "{} {} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent}\r\n",
            self.method,
            url.target(),
        );
        if !self.body.is_empty() || !matches!(self.method, "GET" | "HEAD") {
            let _ = write!(head, "Content-Length: {}\r\n", self.body.len());
        }
        let others = self.headers.iter().filter(|(name, _)| {
            !name.eq_ignore_ascii_case("user-agent") && !name.eq_ignore_ascii_case("host")
        });
        for (name, value) in others {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head.push_str("\r\n");
        [head.as_bytes(), self.body].concat()
    }
}

/// Sends a request on a connection of its own, and reads the answer.
///
/// # Errors
/// When there is no connection, or no answer that is HTTP.
pub fn exchange(url: &Url, trust: &Trust, request: &Request<'_>) -> io::Result<Reply> {
    exchange_on(Connection::open(url, trust)?, url, request).map(|(reply, _)| reply)
}

/// The same on this connection, with what it took.
pub(super) fn exchange_on(
    mut connection: Connection,
    url: &Url,
    request: &Request<'_>,
) -> io::Result<(Reply, Times)> {
    connection.stream.write_all(&request.bytes(url))?;
    connection.stream.flush()?;
    let sent = Instant::now();
    let mut reader = BufReader::new(connection.stream);
    reader.fill_buf()?;
    let first_byte = sent.elapsed();
    let has_body = request.method != "HEAD";
    let reply = read(&mut reader, has_body)?;
    let download = sent.elapsed().saturating_sub(first_byte);
    Ok((reply, Times { connect: connection.connect, tls: connection.tls, first_byte, download }))
}

fn read(reader: &mut BufReader<impl Read>, has_body: bool) -> io::Result<Reply> {
    let mut reply = head(reader)?;
    while reply.status / 100 == 1 && reply.status != 101 {
        reply = head(reader)?;
    }
    let bodiless = matches!(reply.status, 101 | 204 | 304) || !has_body;
    let body = if bodiless { Vec::new() } else { body(reader, &reply)? };
    reply.body = if reply.header("content-encoding") == "gzip" {
        let mut plain = Vec::new();
        GzDecoder::new(&*body).take(LARGEST_BODY).read_to_end(&mut plain)?;
        plain
    } else {
        body
    };
    Ok(reply)
}

/// Status and headers of an answer.
pub(super) fn head(reader: &mut BufReader<impl Read>) -> io::Result<Reply> {
    let first = line(reader)?;
    let mut parts = first.splitn(3, ' ');
    let version = parts.next().filter(|version| version.starts_with("HTTP/1."));
    let status = parts.next().and_then(|status| status.parse().ok());
    let (Some(_), Some(status)) = (version, status) else {
        return Err(io::Error::other(format!("no HTTP: {first:?}")));
    };
    let reason = parts.next().unwrap_or_default().to_owned();
    Ok(Reply { status, reason, headers: headers(reader)?, body: Vec::new() })
}

fn headers(reader: &mut BufReader<impl Read>) -> io::Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    loop {
        let line = line(reader)?;
        let Some((name, value)) = line.split_once(':') else { return Ok(headers) };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
}

fn body(reader: &mut BufReader<impl Read>, reply: &Reply) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    if reply.header("transfer-encoding").eq_ignore_ascii_case("chunked") {
        while chunk(reader, &mut body)? {}
    } else if let Ok(length) = reply.header("content-length").parse::<u64>() {
        reader.take(length).read_to_end(&mut body)?;
        if body.len() as u64 != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    } else {
        reader.take(LARGEST_BODY).read_to_end(&mut body)?;
    }
    Ok(body)
}

/// Reads one chunk; whether another follows.
pub(super) fn chunk(reader: &mut BufReader<impl Read>, body: &mut Vec<u8>) -> io::Result<bool> {
    let size = line(reader)?;
    let size = u64::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16);
    let size = size.map_err(|_| io::Error::other("no size of a chunk"))?;
    let before = body.len() as u64;
    reader.take(size).read_to_end(body)?;
    if body.len() as u64 - before != size {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    line(reader)?;
    Ok(size > 0)
}

fn line(reader: &mut BufReader<impl Read>) -> io::Result<String> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    if !line.ends_with('\n') {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// The target of a request and its headers, for those who answer in tests.
pub(super) fn request_head(
    reader: &mut BufReader<impl Read>,
) -> io::Result<(String, Vec<(String, String)>)> {
    let first = line(reader)?;
    let target = first.split(' ').nth(1).unwrap_or_default().to_owned();
    Ok((target, headers(reader)?))
}
