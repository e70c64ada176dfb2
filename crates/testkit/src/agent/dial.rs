//! Dialling: each class as far as a test can.
//!
//! ICMP needs raw sockets, which a test does not have, so every such dial fails and says so.
//! `gRPC` and browsers are not dialled at all.

mod http;
mod multi;
mod ssl;
mod tcp;
mod websocket;

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;

use super::connection::Trust;
use super::line::Point;
use super::rules::{TimeRule, Times, Verdict};
use super::spec::{Delivered, duration};

/// What a dial found: a point with the tags and fields of its class, and how its conditions came
/// out.
pub(super) struct Found {
    pub(super) point: Point,
    pub(super) verdict: Verdict,
    /// What came back, for the variables that are computed from it.
    pub(super) answer: String,
}

impl Found {
    fn new(measurement: &str) -> Self {
        let point = Point { measurement: measurement.to_owned(), ..Point::default() };
        Self { point, verdict: Verdict::default(), answer: String::new() }
    }

    /// The dial as one that failed before there was anything to judge.
    fn failed(mut self, reason: impl Into<String>) -> Self {
        self.verdict = Verdict { reasons: vec![reason.into()], any_held: false };
        self
    }

    fn address(&mut self, address: SocketAddr) {
        self.point.tag("dest_ip", address.ip().to_string());
    }
}

/// Dials once.
pub(super) fn dial(task: &Delivered, trust: &Trust) -> Found {
    match task.class.as_str() {
        "HTTP" => http::dial(task, trust),
        "TCP" => tcp::dial(task),
        "WEBSOCKET" => websocket::dial(task, trust),
        "MULTI" => multi::dial(task, trust),
        "SSL" => ssl::dial(task, trust),
        _ => icmp(task),
    }
}

fn icmp(task: &Delivered) -> Found {
    let mut found = Found::new("icmp_dial_testing");
    found.point.tag("dest_host", task.spec.host.clone());
    found.point.tag("proto", "icmp");
    found.point.field("packet_loss_percent", 100.0);
    found.point.field("packets_sent", 3);
    found.point.field("packets_received", 0);
    found.failed("no raw sockets: every packet counts as lost")
}

/// Microseconds as results have them.
fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

/// Microseconds with the fraction that HTTP has.
fn fine_micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Judges how long a dial of TCP or WebSocket took.
fn judge_times(times: Option<&Times>, took: Duration, verdict: &mut Verdict) {
    let Some(Times::Rules(rules)) = times else { return };
    for TimeRule { target, .. } in rules {
        let limit = duration(target).unwrap_or_default();
        let reason = format!("response time is {took:?}, not below {target}");
        verdict.take((took >= limit).then_some(reason));
    }
}

/// The field `message` of a dial without anything to tell.
pub(super) fn message(reasons: &str, response: &str) -> String {
    let status = if reasons.is_empty() { "OK" } else { "FAIL" };
    let mut message = json!({"request_body": {}, "request_header": {}, "status": status});
    if !reasons.is_empty() {
        message["fail_reason"] = reasons.into();
        message["response_body"] = response.chars().take(1000).collect::<String>().into();
    }
    message.to_string()
}
