//! Which tasks a region is to have, given its watch.

use serde_json::{Value, json};

use super::target::{of_authority, of_url, websocket};
use super::{Watch, WatchPart};
use crate::region::{Dialling, Region};
use crate::task::{DialTask, TaskClass, TaskRefusal, TaskStatus};

/// How long a dial may take until it counts as failed, as agents write it.
const PATIENCE: &str = "10s";

/// A task that a part is to have, or why it has none.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// The part.
    pub part: WatchPart,
    /// The task. An address that no agent can dial has none.
    pub dial: Result<DialTask, TaskRefusal>,
}

/// The tasks of a watched region, one for each part.
///
/// They run while the region is enabled or in maintenance, which they are marked with by the tag
/// `region_status`; else they are stopped (design, "dialled by nodes").
#[must_use]
pub fn plan(region: &Region, watch: &Watch) -> Vec<Planned> {
    let task = |part| Planned { part, dial: task(region, watch, part) };
    WatchPart::ALL.into_iter().map(task).collect()
}

fn task(region: &Region, watch: &Watch, part: WatchPart) -> Result<DialTask, TaskRefusal> {
    let addresses = &region.addresses;
    let (class, mut content) = match part {
        WatchPart::Api => tcp(of_url(addresses.api.as_ref())),
        WatchPart::Http => https(addresses.http_domain.as_ref(), watch.verifies_tls),
        WatchPart::Websocket => ws(addresses.websocket.as_ref()),
        WatchPart::Tcp => tcp(of_authority(addresses.tcp.as_ref())),
    };
    content["name"] = format!("{} {}", region.name.as_ref(), part.as_str()).into();
    content["frequency"] = watch.frequency.as_str().into();
    content["success_when_logic"] = "and".into();
    content["tags"] = json!({
        "region_id": region.id.to_string(),
        "region_name": region.name.as_ref(),
        "region_part": part.as_str(),
        "region_status": region.status.as_str(),
    });
    let status = match region.status.dialling() {
        Dialling::Off => TaskStatus::Stop,
        Dialling::On | Dialling::Muted => TaskStatus::Ok,
    };
    Ok(DialTask::parse(class, content)?.with_status(status))
}

/// By TCP; by ICMP where no port is told.
fn tcp(endpoint: Option<super::Endpoint>) -> (TaskClass, Value) {
    let (host, port) = endpoint.map_or((String::new(), None), |at| (at.host, at.port));
    let Some(port) = port else {
        let some = json!([{"op": "lt", "target": 100}]);
        let content = json!({
            "host": host,
            "packet_count": 3,
            "timeout": PATIENCE,
            "success_when": [{"packet_loss_percent": some}],
        });
        return (TaskClass::Icmp, content);
    };
    let fast = json!([{"is_contain_dns": true, "target": PATIENCE}]);
    let content = json!({
        "host": host,
        "port": port.to_string(),
        "timeout": PATIENCE,
        "success_when": [{"response_time": fast}],
    });
    (TaskClass::Tcp, content)
}

/// By HTTPS. What answers is there, whatever it says of its root, but for failures of its own.
fn https(domain: &str, verifies_tls: bool) -> (TaskClass, Value) {
    let content = json!({
        "url": format!("https://{domain}/"),
        "method": "GET",
        "advance_options": {
            "request_options": {"follow_redirect": false},
            "certificate": {"ignore_server_certificate_error": !verifies_tls},
            "request_timeout": PATIENCE,
        },
        "success_when": [{"status_code": [{"match_regex": "^[1-4][0-9][0-9]$"}]}],
    });
    (TaskClass::Http, content)
}

/// By WebSocket.
fn ws(url: &str) -> (TaskClass, Value) {
    let fast = json!([{"is_contain_dns": true, "target": PATIENCE}]);
    let content = json!({
        "url": websocket(url),
        "message": "ping",
        "success_when": [{"response_time": fast}],
    });
    (TaskClass::Websocket, content)
}
