//! WebSocket: a real handshake, one message there and one back (RFC 6455).

use std::io::{self, BufReader, Read, Write as _};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::connection::{Connection, Trust};
use super::super::http::{Reply, Request, head};
use super::super::spec::Delivered;
use super::super::targets::accept_key;
use super::super::url::Url;
use super::{Found, judge_times, micros};

/// The text frame, unfragmented.
const TEXT: u8 = 0x81;

pub(super) fn dial(task: &Delivered, trust: &Trust) -> Found {
    let spec = &task.spec;
    let mut found = Found::new("websocket_dial_testing");
    found.point.tag("url", task.raw["url"].as_str().unwrap_or_default());
    found.point.tag("proto", "websocket");
    found.point.field("sent_message", spec.message.clone());
    let Some(url) = Url::parse(&spec.url) else { return found.failed("no URL") };
    let (took, reply) = match spoken(&url, trust, &spec.message) {
        Ok(answered) => answered,
        Err(error) => return found.failed(error.to_string()),
    };
    found.point.field("response_time", micros(took));
    found.point.field("response_time_with_dns", micros(took));
    found.answer = reply.text();
    found.point.field("response_message", reply.text());
    for rule in &spec.success_when {
        judge_times(rule.response_time.as_ref(), took, &mut found.verdict);
        for option in &rule.response_message {
            found.verdict.take(option.check("response message", &reply.text()));
        }
        for (name, options) in &rule.header {
            for option in options {
                let value = reply.header(&name.to_ascii_lowercase());
                found.verdict.take(option.check(&format!("header {name}"), value));
            }
        }
    }
    found
}

/// How long the handshake took, and its answer, with the message that came back as its body.
fn spoken(url: &Url, trust: &Trust, message: &str) -> io::Result<(Duration, Reply)> {
    let start = Instant::now();
    let mut connection = Connection::open(url, trust)?;
    let key = STANDARD.encode(xid::new().as_bytes());
    let key = STANDARD.encode(&key.as_bytes()[..16]);
    let headers = vec![
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", key.as_str()),
        ("Sec-WebSocket-Version", "13"),
        ("Upgrade", "websocket"),
    ];
    let request = Request { method: "GET", headers, body: b"" };
    connection.stream.write_all(&request.bytes(url))?;
    connection.stream.flush()?;
    let mut reader = BufReader::new(connection.stream);
    let mut reply = head(&mut reader)?;
    if reply.status != 101 || reply.header("sec-websocket-accept") != accept_key(&key) {
        return Err(io::Error::other(format!("bad handshake: {}", reply.status)));
    }
    let took = start.elapsed();
    let frame = masked(message.as_bytes());
    reader.get_mut().write_all(&frame)?;
    reader.get_mut().flush()?;
    reply.body = frame_body(&mut reader)?;
    Ok((took, reply))
}

/// A text frame of a client, which is always masked.
fn masked(message: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [7, 11, 13, 17];
    let mut frame = vec![TEXT];
    match u16::try_from(message.len()) {
        Ok(length @ 0..=125) => frame.push(0x80 | length.to_be_bytes()[1]),
        length => {
            frame.push(0x80 | 0x7e);
            frame.extend_from_slice(&length.unwrap_or(u16::MAX).to_be_bytes());
        }
    }
    frame.extend_from_slice(&MASK);
    frame.extend(message.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// What the next frame of a server says; servers never mask.
fn frame_body(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut start = [0; 2];
    reader.read_exact(&mut start)?;
    let length = match start[1] & 0x7f {
        126 => {
            let mut length = [0; 2];
            reader.read_exact(&mut length)?;
            usize::from(u16::from_be_bytes(length))
        }
        127 => return Err(io::Error::other("a frame that is too large")),
        length => usize::from(length),
    };
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(body)
}
