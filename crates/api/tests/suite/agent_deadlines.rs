//! Agents wait for answers without any limit of their own, so each comes within ten seconds. That the
//! limits are that short is checked where they stand; here, that one of them ends the wait.

use std::thread;
use std::time::{Duration, Instant};

use crate::agent_fixture::{Agent, Site, check_refused};
use crate::raw::Peer;
use crate::support::{Register, registers_with};

/// A request whose body does not come.
fn stalled(head: &str) -> String {
    format!("{head}Host: x\r\nContent-Length: 100\r\n\r\n[")
}

/// A request of this agent, signed, whose body does not come.
fn signed(register: &Register, agent: &Agent, method: &str, path: &str) -> String {
    let [md5, date, authorization] = agent.headers(register, method, b"");
    stalled(&format!(
        "{method} {path} HTTP/1.1\r\nContent-MD5: {md5}\r\nDate: {date}\r\n\
         Authorization: {authorization}\r\n"
    ))
}

/// The requests of an agent that have a body, or could have one.
fn requests(register: &Register) -> [String; 4] {
    let site = Site::new(register);
    let agent = site.node("one");
    site.task("first", &[&agent]);
    let (found, _) = agent.pull(register, 0);
    let url = found[0]["post_url"].as_str().unwrap();
    let (_, token) = url.split_once("token=").unwrap();
    let node = &agent.node;
    [
        signed(register, &agent, "GET", &format!("/v1/task/pull?region_id={node}")),
        signed(register, &agent, "GET", &format!("/v1/stream/watch?region_id={node}")),
        signed(register, &agent, "POST", &format!("/v1/variable/update/{node}")),
        stalled(&format!("POST /v1/write/logging?token={token} HTTP/1.1\r\n")),
    ]
}

#[test]
fn whose_body_does_not_come_is_told_so_by_the_limit_of_agents() {
    // No other limit ends the wait.
    let registers = registers_with(|o| {
        for setting in [&mut o.door.body_timeout, &mut o.door.keep_alive] {
            *setting = Some("3600".into());
        }
    });
    let registers: Vec<_> = registers.collect();
    thread::scope(|scope| {
        for register in &registers {
            for request in requests(register) {
                scope.spawn(move || {
                    let begun = Instant::now();
                    let mut peer = Peer::of(register);
                    peer.send(&request);
                    let answer = peer.answer().unwrap();
                    let taken = begun.elapsed();
                    check_refused(&answer, 408, "kodo.RequestTimeout", &request);
                    assert!(taken > Duration::from_secs(7), "{taken:?}: {request}");
                });
            }
        }
    });
}
