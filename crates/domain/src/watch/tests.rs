use serde_json::json;

use super::*;
use crate::region::{Addresses, Region, Scope, Status};
use crate::sample::{self, NOW, OWN, REGION, text};
use crate::task::{DialTask, TaskClass, TaskStatus};

fn watch() -> Watch {
    Watch {
        id: WatchId::from_bytes([7; 16]),
        region_id: REGION,
        enterprise_id: OWN,
        nodes: vec![text("reg_cg2britepb7e977fpm8g")],
        frequency: Frequency::M5,
        down_from: 1,
        verifies_tls: true,
        created_at: NOW,
        updated_at: NOW,
        version: 1,
    }
}

fn region(api: &str, websocket: &str, http: &str, tcp: &str) -> Region {
    let addresses = Addresses {
        api: text(api),
        websocket: text(websocket),
        http_domain: text(http),
        tcp: text(tcp),
    };
    Region { addresses, ..sample::region(OWN, Scope::Private, Status::Enabled) }
}

fn dialled(region: &Region, watch: &Watch) -> Vec<DialTask> {
    plan(region, watch).into_iter().map(|planned| planned.dial.expect("a task")).collect()
}

#[test]
fn each_part_is_dialled_where_the_region_says() {
    let region = region(
        "https://api.example.com:8443/console",
        "http://ws.example.com:6060/up",
        "apps.example.com",
        "192.0.2.7:30000",
    );
    let tasks = dialled(&region, &watch());
    let classes: Vec<_> = tasks.iter().map(DialTask::class).collect();
    assert_eq!(classes, [TaskClass::Tcp, TaskClass::Http, TaskClass::Websocket, TaskClass::Tcp]);
    let [api, http, websocket, tcp] = &tasks[..] else { panic!("four parts") };
    assert_eq!(
        (&api.content()["host"], &api.content()["port"]),
        (&json!("api.example.com"), &json!("8443"))
    );
    assert_eq!(http.content()["url"], "https://apps.example.com/");
    assert_eq!(websocket.content()["url"], "ws://ws.example.com:6060/up");
    assert_eq!(
        (&tcp.content()["host"], &tcp.content()["port"]),
        (&json!("192.0.2.7"), &json!("30000"))
    );
    for (task, part) in tasks.iter().zip(WatchPart::ALL) {
        assert_eq!(task.name().as_ref(), format!("r {}", part.as_str()));
        assert_eq!(task.content()["frequency"], "5m");
        assert_eq!(task.content()["tags"]["region_part"], part.as_str());
        assert_eq!(task.content()["tags"]["region_id"], REGION.to_string());
    }
}

#[test]
fn ports_that_are_not_told_are_those_of_the_scheme() {
    let port = |api: &str| {
        let tasks = dialled(&region(api, "wss://w/x", "a", "a.b"), &watch());
        tasks[0].content()["port"].clone()
    };
    assert_eq!(port("https://a"), "443");
    assert_eq!(port("HTTP://a/b?c"), "80");
    assert_eq!(port("https://[2001:db8::1]:6443"), "6443");
}

#[test]
fn an_address_of_tcp_without_a_port_is_dialled_by_icmp() {
    for (address, host) in [
        ("a.b", "a.b"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("10.0.0.1", "10.0.0.1"),
    ] {
        let tasks = dialled(&region("http://a", "ws://a", "a", address), &watch());
        assert_eq!(tasks[3].class(), TaskClass::Icmp, "{address}");
        assert_eq!(tasks[3].content()["host"], host);
    }
    let tasks = dialled(&region("http://a", "ws://a", "a", "[2001:db8::1]:53"), &watch());
    assert_eq!(
        (tasks[3].class(), &tasks[3].content()["host"]),
        (TaskClass::Tcp, &json!("2001:db8::1"))
    );
}

#[test]
fn it_is_dialled_as_its_status_says() {
    let expected = [
        (Status::Editing, TaskStatus::Stop),
        (Status::Enabled, TaskStatus::Ok),
        (Status::Disabled, TaskStatus::Stop),
        (Status::Maintenance, TaskStatus::Ok),
    ];
    for (status, wanted) in expected {
        let region = Region { status, ..region("http://a", "ws://a", "a", "a.b") };
        for task in dialled(&region, &watch()) {
            assert_eq!(task.status(), wanted, "{status:?}");
            assert_eq!(task.content()["tags"]["region_status"], status.as_str());
        }
    }
}

#[test]
fn a_certificate_that_does_not_verify_counts_unless_that_is_not_wanted() {
    let region = region("http://a", "ws://a", "a", "a.b");
    for verifies_tls in [true, false] {
        let tasks = dialled(&region, &Watch { verifies_tls, ..watch() });
        let options = &tasks[1].content()["advance_options"]["certificate"];
        assert_eq!(options["ignore_server_certificate_error"], !verifies_tls);
    }
}

#[test]
fn what_cannot_be_dialled_says_why_and_the_rest_is() {
    let planned = plan(&region("http://a", "ws://a", "not a domain", "a.b"), &watch());
    let bad: Vec<_> = planned.iter().filter(|planned| planned.dial.is_err()).collect();
    assert_eq!(bad.len(), 1);
    assert_eq!(bad[0].part, WatchPart::Http);
    assert!(bad[0].dial.as_ref().expect_err("no task").to_string().contains("task.url"));
}

#[test]
fn identifiers_of_tasks_follow_from_that_of_the_watch() {
    let (one, other) = (watch(), Watch { id: WatchId::from_bytes([8; 16]), ..watch() });
    let mut seen = std::collections::HashSet::new();
    for (part, class, id) in one.slots() {
        assert_eq!((one.task_id(part, class), one.part_of(id)), (Some(id), Some(part)));
        assert_eq!(other.part_of(id), None);
        assert!(seen.insert(id) && seen.insert(other.task_id(part, class).expect("a slot")));
    }
    assert_eq!(one.task_id(WatchPart::Api, TaskClass::Icmp), None);
    for part in WatchPart::ALL {
        assert_eq!(part.as_str().parse(), Ok(part));
    }
    assert_eq!("dns".parse::<WatchPart>(), Err(WatchPartError));
}

#[test]
fn whatever_is_planned_has_a_slot() {
    for tcp in ["a.b", "a.b:1"] {
        for planned in plan(&region("http://a", "ws://a", "a", tcp), &watch()) {
            let class = planned.dial.expect("a task").class();
            assert!(watch().task_id(planned.part, class).is_some());
        }
    }
}
