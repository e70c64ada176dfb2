//! Tasks of the classes TCP, ICMP, WebSocket and SSL.

use super::field::{Faults, Field, Object};
use super::{TaskClass, condition, target};

pub(super) const TCP_KEYS: &[&str] = &[
    "host",
    "port",
    "message",
    "timeout",
    "enable_traceroute",
    "traceroute_config",
    "success_when",
    "success_when_logic",
];

pub(super) const ICMP_KEYS: &[&str] = &[
    "host",
    "packet_count",
    "timeout",
    "enable_traceroute",
    "traceroute_config",
    "success_when",
    "success_when_logic",
];

pub(super) const WEBSOCKET_KEYS: &[&str] =
    &["url", "message", "success_when", "success_when_logic", "advance_options"];

pub(super) const SSL_KEYS: &[&str] =
    &["host", "port", "server_name", "timeout", "success_when", "success_when_logic"];

pub(super) fn check_tcp(task: &Object<'_>, faults: &mut Faults) {
    target::host(&task.field("host"), faults);
    target::port(&task.field("port"), faults);
    task.field("message").text(faults);
    task.field("timeout").duration(faults);
    traceroute(task, faults);
    condition::check(task, TaskClass::Tcp, false, faults);
}

pub(super) fn check_icmp(task: &Object<'_>, faults: &mut Faults) {
    target::host(&task.field("host"), faults);
    // The agent sends 3 when none are asked for; each takes up to 3 seconds.
    task.field("packet_count").integer(0, 1_000, faults);
    task.field("timeout").duration(faults);
    traceroute(task, faults);
    condition::check(task, TaskClass::Icmp, false, faults);
}

pub(super) fn check_websocket(task: &Object<'_>, faults: &mut Faults) {
    target::url(&task.field("url"), &["ws://", "wss://"], faults);
    let message = task.field("message");
    message.required(faults);
    message.text(faults);
    condition::check(task, TaskClass::Websocket, false, faults);
    let options = task.field("advance_options");
    let Some(options) = options.object(&["request_options", "auth"], faults) else { return };
    target::login(&options.field("auth"), faults);
    let request: Field<'_> = options.field("request_options");
    let Some(request) = request.object(&["timeout", "headers"], faults) else { return };
    request.field("timeout").duration(faults);
    request.field("headers").texts(faults);
}

pub(super) fn check_ssl(task: &Object<'_>, faults: &mut Faults) {
    target::host(&task.field("host"), faults);
    target::port(&task.field("port"), faults);
    task.field("server_name").text(faults);
    task.field("timeout").duration(faults);
    condition::check(task, TaskClass::Ssl, false, faults);
}

fn traceroute(task: &Object<'_>, faults: &mut Faults) {
    task.field("enable_traceroute").boolean(faults);
    let config = task.field("traceroute_config");
    let Some(config) = config.object(&["hops", "retry", "timeout"], faults) else { return };
    config.field("hops").integer(0, 255, faults);
    config.field("retry").integer(0, 255, faults);
    config.field("timeout").duration(faults);
}
