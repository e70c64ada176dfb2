//! Many nodes at once, and agents that send what no agent sends: a bounded answer, and nothing lost
//! that was acknowledged.

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use cadastre_testkit::agent::http::{Reply, Request, exchange};
use cadastre_testkit::agent::targets::Target;
use cadastre_testkit::agent::url::Url;
use cadastre_testkit::agent::{Agent, Settings, Trust};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::node_world::{World, http_task, worlds};

/// How many nodes start at once.
const NODES: usize = 300;
/// How many of them are heard at the same time.
const AT_ONCE: usize = 24;

/// Sends these headers to a path, whatever is wrong with them.
fn send(world: &World, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<Reply> {
    let url = Url::parse(&format!("http://{}{path}", world.register.address())).unwrap();
    let method = if body.is_empty() { "GET" } else { "POST" };
    exchange(&url, &Trust::Anybody, &Request { method, headers: headers.to_vec(), body }).ok()
}

fn pull_path(settings: &Settings, since: &str) -> String {
    format!("/v1/task/pull?region_id={}&since={since}&variable_since=0", settings.region_id)
}

#[test]
fn many_nodes_that_start_in_the_same_second_are_all_served() {
    for world in worlds() {
        let target = Target::http(|_| (200, "ok".to_owned()));
        let agents: Vec<_> = (0..NODES).map(|n| world.agent(&format!("n{n}"))).collect();
        let all: Vec<_> = agents.iter().collect();
        let task = world.task("http", &all, &http_task(&target.address()));
        let (next, now, at) = (AtomicUsize::new(0), world.now(), world.register.name);
        thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    while let Some(agent) = agents.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let mut agent = Agent::new(agent.settings.clone());
                        let (pulled, runs) = agent.turn(now);
                        assert_eq!(pulled.started, std::slice::from_ref(&task), "{at}: {pulled:?}");
                        assert_eq!(runs[0].status, Some(204), "{at}: {runs:?}");
                    }
                });
            }
        });
        assert_eq!(world.results("fields=at").len(), NODES, "{at}");
        assert_eq!(world.alive().len(), NODES, "{at}");
    }
}

#[test]
fn a_pull_can_be_repeated_and_does_no_harm() {
    for world in worlds() {
        let agent = world.agent("k");
        world.task("http", &[&agent], &http_task("127.0.0.1:9"));
        let signed = agent.signed("GET", b"", world.now());
        let headers = [
            ("Authorization", signed.authorization.as_str()),
            ("Content-MD5", signed.content_md5.as_str()),
            ("Date", signed.date.as_str()),
        ];
        let path = pull_path(&agent.settings, "0");
        let first = send(&world, &path, &headers, b"").unwrap();
        world.pass(24 * 3600);
        for _ in 0..20 {
            let again = send(&world, &path, &headers, b"").unwrap();
            assert_eq!((again.status, again.body.as_slice()), (200, first.body.as_slice()));
        }
        // It tells nothing of another node, and is no other request.
        let other = world.node("other");
        let reply = send(&world, &pull_path(&other, "0"), &headers, b"").unwrap();
        assert_eq!(reply.status, 403, "{}", reply.text());
        let update = format!("/v1/variable/update/{}", agent.settings.region_id);
        let reply = send(&world, &update, &headers, b"[]").unwrap();
        assert_eq!(reply.status, 401, "{}", reply.text());
        // Nor does it outlive the node's being enabled.
        let node = &agent.settings.region_id;
        world.native(&format!("POST nodes/{node}/disable"), &Value::Null);
        assert_eq!(send(&world, &path, &headers, b"").unwrap().status, 403);
    }
}

#[test]
fn what_is_not_signed_rightly_is_refused_whatever_it_is() {
    for world in worlds() {
        let agent = world.agent("k");
        let stranger = world.agent("stranger");
        let path = pull_path(&agent.settings, "0");
        let right = agent.signed("GET", b"", world.now());
        let foreign = stranger.signed("GET", b"", world.now());
        let posted = agent.signed("POST", b"", world.now());
        let long = format!("DIAL_TESTING {}:{}", agent.settings.ak, "A".repeat(6000));
        let (scheme, rest) = right.authorization.split_once(' ').unwrap();
        let changed = right.authorization.replace('=', "A");
        let lower = format!("{} {rest}", scheme.to_lowercase());
        let two = format!("{scheme}  {rest}");
        let colon = format!("{}:x", right.authorization);
        let ours = format!("DIAL_TESTING {}:", agent.settings.ak);
        for (authorization, status) in [
            ("", 401),
            ("DIAL_TESTING", 401),
            ("Bearer x", 401),
            (&*changed, 401),
            (&*lower, 401),
            (&*two, 401),
            (&*colon, 401),
            (&*ours, 401),
            (&*long, 401),
            (&*posted.authorization, 401),
            (&*foreign.authorization, 403),
            (&*right.authorization, 200),
        ] {
            let headers = [
                ("Authorization", authorization),
                ("Content-MD5", &*right.content_md5),
                ("Date", &*right.date),
            ];
            let reply = send(&world, &path, &headers, b"").unwrap();
            assert_eq!(reply.status, status, "{authorization}: {}", reply.text());
            assert!(!reply.text().contains("RegionNotFoundOrDisabled"), "{authorization}");
        }
        for (md5, date, status) in [
            ("", &*right.date, 401),
            (&*right.content_md5.to_uppercase(), &*right.date, 401),
            (&*right.content_md5, "", 401),
            (&*right.content_md5, "Sun, 05 Mar 2023 16:05:31 GMT", 401),
        ] {
            let headers =
                [("Authorization", &*right.authorization), ("Content-MD5", md5), ("Date", date)];
            let reply = send(&world, &path, &headers, b"").unwrap();
            assert_eq!(reply.status, status, "{md5} {date}: {}", reply.text());
        }
    }
}

#[test]
fn an_agent_with_a_cursor_in_the_future_hears_of_what_comes_later() {
    for world in worlds() {
        let mut agent = world.agent("k");
        world.task("http", &[&agent], &http_task("127.0.0.1:9"));
        agent.set_cursor(i64::MAX);
        assert!(agent.pull(world.now()).is_empty(), "{}", world.register.name);
        let node = &agent.settings.region_id;
        let shown = world.native(&format!("GET nodes/{node}"), &Value::Null).json();
        assert_eq!(shown["cursor"]["ahead"], true, "{shown}");
        for since in ["-1", "", "x", "1.5", "9223372036854775808", "0x10", "+", "NaN"] {
            let signed = agent.signed("GET", b"", world.now());
            let headers = [
                ("Authorization", signed.authorization.as_str()),
                ("Content-MD5", signed.content_md5.as_str()),
                ("Date", signed.date.as_str()),
            ];
            let reply = send(&world, &pull_path(&agent.settings, since), &headers, b"").unwrap();
            // Some of these are read as none at all, which is the beginning; none is a fault.
            assert!(matches!(reply.status, 200 | 400), "{since}: {}", reply.text());
        }
        // Started anew, it gets everything.
        let mut anew = Agent::new(agent.settings.clone());
        assert_eq!(anew.pull(world.now()).started.len(), 1, "{}", world.register.name);
    }
}

#[test]
fn huge_bodies_are_refused_and_the_next_agent_is_served() {
    for world in worlds() {
        let target = Target::http(|_| (200, "ok".to_owned()));
        let mut agent = world.agent("k");
        let task = world.task("http", &[&agent], &http_task(&target.address()));
        world.turn(&mut agent);
        let huge = vec![b'x'; 8 * 1024 * 1024];
        let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
        for _ in 0..16 {
            bomb.write_all(&huge).unwrap();
        }
        let bomb = bomb.finish().unwrap();
        let node = agent.settings.region_id.clone();
        let token = world.register.result_token(&node, &task);
        let logging = format!("/dial/{node}/{task}/v1/write/logging?token={token}");
        let update = format!("/v1/variable/update/{node}");
        let signed = agent.signed("POST", &huge, world.now());
        let signature = [
            ("Authorization", signed.authorization.as_str()),
            ("Content-MD5", signed.content_md5.as_str()),
            ("Date", signed.date.as_str()),
        ];
        let reply = send(&world, &logging, &[("Content-Encoding", "gzip")], &bomb).unwrap();
        assert_eq!(reply.status, 413, "{} of {}: {}", bomb.len(), huge.len() * 16, reply.text());
        for (path, headers) in [(&logging, &[][..]), (&update, &signature[..])] {
            // Who does not stop sending may be hung up on before he has read the answer.
            if let Some(reply) = send(&world, path, headers, &huge) {
                assert_eq!(reply.status, 413, "{path}: {}", reply.text());
            }
        }
        world.pass(60);
        assert_eq!(world.turn(&mut agent).1.len(), 1);
        assert_eq!(world.results("").len(), 2, "{}", world.register.name);
    }
}

#[test]
fn a_line_of_an_agent_cut_anywhere_is_taken_or_refused_and_never_half() {
    for world in worlds() {
        let target = Target::http(|_| (200, "ok".to_owned()));
        let mut agent = world.agent("k");
        let task = world.task("http", &[&agent], &http_task(&target.address()));
        let line = world.turn(&mut agent).1.remove(0).line;
        let token = world.register.result_token(&agent.settings.region_id, &task);
        let path = format!("/v1/write/logging?token={token}");
        let mut points = 1;
        // The second half is the interesting one: tags, fields and the time.
        for end in (1..line.len()).rev().step_by(7) {
            let reply = send(&world, &path, &[], &line.as_bytes()[..end]).unwrap();
            match reply.status {
                204 => points += 1,
                status => assert_eq!(status, 400, "{end}: {}", reply.text()),
            }
        }
        assert_eq!(world.results("fields=at").len(), points, "{}", world.register.name);
        assert!(points > 1, "one without its end of line, or with a shorter time, is a point");
    }
}

#[test]
fn points_years_off_are_kept_where_their_clock_put_them() {
    for world in worlds() {
        let target = Target::http(|_| (200, "ok".to_owned()));
        let settings = world.node("k");
        let task = {
            let agent = Agent::new(settings.clone());
            world.task("http", &[&agent], &http_task(&target.address()))
        };
        for years in [-30, 30] {
            let mut settings = settings.clone();
            settings.clock_error = chrono::TimeDelta::days(365 * years);
            assert_eq!(world.turn(&mut Agent::new(settings)).1.len(), 1, "{years}");
        }
        let found = world.results(&format!("task={task}"));
        let years = found.iter().map(|point| point["at"].as_str().unwrap()[..4].to_owned());
        let years: Vec<_> = years.collect();
        assert_eq!(years, ["2056", "1996"], "{}", world.register.name);
        let here = world.results("since=2026-01-01T00:00:00Z&until=2027-01-01T00:00:00Z");
        assert_eq!(json!(here), json!([]), "{}", world.register.name);
    }
}
