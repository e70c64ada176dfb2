//! TCP.

use std::io::{self, Read as _, Write as _};
use std::time::{Duration, Instant};

use super::super::connection::Connection;
use super::super::spec::{Delivered, Spec, duration};
use super::{Found, judge_times, micros};

/// How long a dial may take when the task does not say.
const USUAL_LIMIT: Duration = Duration::from_secs(30);

pub(super) fn dial(task: &Delivered) -> Found {
    let spec = &task.spec;
    let mut found = Found::new("tcp_dial_testing");
    found.point.tag("dest_host", spec.host.clone());
    found.point.tag("dest_port", spec.port.clone());
    found.point.tag("proto", "tcp");
    let (took, message) = match connected(spec, &mut found) {
        Ok(answered) => answered,
        Err(error) => return found.failed(error.to_string()),
    };
    found.point.field("response_time", micros(took));
    found.point.field("response_time_with_dns", micros(took));
    if !message.is_empty() {
        found.point.field("response_message", message.clone());
    }
    for rule in &spec.success_when {
        judge_times(rule.response_time.as_ref(), took, &mut found.verdict);
        for option in &rule.response_message {
            found.verdict.take(option.check("response message", &message));
        }
        for option in &rule.hops {
            found.verdict.take(option.check("hops", 0.0));
        }
    }
    found.answer = message;
    found
}

/// How long the connection took, and what came back when the task has something to say.
fn connected(spec: &Spec, found: &mut Found) -> io::Result<(Duration, String)> {
    let limit = duration(&spec.timeout).unwrap_or(USUAL_LIMIT);
    let port = spec.port.parse().map_err(io::Error::other)?;
    let start = Instant::now();
    let (mut stream, dialled) = Connection::plain(&spec.host, port, limit)?;
    found.address(dialled.peer);
    if spec.message.is_empty() {
        return Ok((dialled.connect, String::new()));
    }
    stream.set_read_timeout(Some(limit))?;
    stream.write_all(spec.message.as_bytes())?;
    let mut answer = [0; 1024];
    let length = stream.read(&mut answer)?;
    Ok((start.elapsed(), String::from_utf8_lossy(&answer[..length]).into_owned()))
}
