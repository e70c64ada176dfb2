//! A read that begins after a write was acknowledged, by any server, sees that write: two servers on
//! one database, and a change on one of them before every read of the other.

use std::collections::HashMap;
use std::thread;

use cadastre_testkit::{TestDatabase, postgres, sqlite};
use serde_json::{Value, json};

use crate::support::{Answer, Call, Place, Server};

/// How many change and read at once, each a region of its own.
const WRITERS: usize = 4;
/// How many changes each makes, after every one of which everything is read.
const CHANGES: usize = 200;
/// How many regions each lets come and go.
const LIVES: usize = 25;

const KEY: &str = "token-of-the-platform-for-tests";

/// Two servers on one database, with a team and a token that belongs to it.
struct Pair {
    servers: [(Place, Server); 2],
    team: String,
    member: String,
}

impl Pair {
    fn on(database: &TestDatabase) -> Self {
        let start = || {
            let place = Place::on(database).with("CADASTRE_ADMIN_TOKEN", KEY);
            let server = place.ready();
            (place, server)
        };
        let servers = [start(), start()];
        let team = servers[0].1.add_team("members", KEY);
        let body = json!({"name": "member", "role": "team", "teams": [&team]});
        let member = servers[0].1.native("POST", "/tokens", KEY, &body);
        let member = member.json()["secret"].as_str().unwrap().to_owned();
        Self { servers, team, member }
    }

    fn calls(&self) -> [Call; 2] {
        [0, 1].map(|number| Call::to(self.servers[number].1.address))
    }
}

/// A region, the callers on both servers, and what was read last.
struct Watch<'a> {
    pair: &'a Pair,
    calls: [Call; 2],
    name: String,
    id: String,
    version: i64,
    tags: HashMap<(usize, String), String>,
}

fn ok(answer: Result<Answer, ureq::Error>, status: u16) -> Answer {
    let answer = answer.unwrap();
    assert_eq!(answer.status, status, "{answer:?}");
    answer
}

impl<'a> Watch<'a> {
    /// Registers a region that everybody sees, and opens it for the team.
    fn new(pair: &'a Pair, name: String, server: usize) -> Self {
        let calls = pair.calls();
        let body = json!({"name": name, "scope": "public", "status": "enabled", "addresses": {
            "api_url": "http://h", "websocket_url": "ws://h", "http_domain": "h",
            "tcp_address": "192.0.2.1",
        }});
        let key = [("authorization", KEY)];
        let made = ok(calls[server].send("POST", "/cadastre/v1/regions", &key, Some(&body)), 201);
        let id = made.json()["id"].as_str().unwrap().to_owned();
        let path = format!("/openapi/v1/teams/{}/regions", pair.team);
        ok(calls[server].send("POST", &path, &key, Some(&json!({"region": name}))), 201);
        Self { pair, calls, name, id, version: 1, tags: HashMap::new() }
    }

    /// Writes on one of the servers.
    fn write(&mut self, server: usize, method: &str, below: &str, body: &Value) {
        let tag = format!("\"{}\"", self.version);
        let path = format!("/cadastre/v1/regions/{}{below}", self.id);
        let headers = [("authorization", KEY), ("if-match", &*tag)];
        ok(self.calls[server].send(method, &path, &headers, Some(body)), 200);
        self.version += 1;
    }

    fn delete(&self, server: usize) {
        let path = format!("/cadastre/v1/regions/{}?force=true", self.id);
        let headers = [("authorization", KEY), ("if-match", "*")];
        ok(self.calls[server].send("DELETE", &path, &headers, None), 204);
    }

    fn ask(&self, server: usize, path: &str, key: &str, tag: &str) -> Answer {
        let mut headers = vec![("authorization", key)];
        if !tag.is_empty() {
            headers.push(("if-none-match", tag));
        }
        self.calls[server].send("GET", path, &headers, None).unwrap()
    }

    /// Every path on which the region is read, by whom, and where its rows stand if it is a list.
    fn paths(&self) -> Vec<(String, &'a str, Option<&'static str>)> {
        let (id, name, team) = (&self.id, &self.name, &self.pair.team);
        let member = &*self.pair.member;
        vec![
            (format!("/cadastre/v1/regions/{id}"), KEY, None),
            ("/cadastre/v1/regions".to_owned(), KEY, Some("/items")),
            (format!("/cadastre/v1/regions?total=true&q={name}"), KEY, Some("/items")),
            (format!("/cadastre/v1/regions/{id}"), member, None),
            ("/cadastre/v1/regions".to_owned(), member, Some("/items")),
            ("/openapi/v1/regions".to_owned(), KEY, Some("")),
            (format!("/openapi/v1/regions/{id}"), KEY, None),
            (format!("/openapi/v1/regions/{name}"), KEY, None),
            (format!("/openapi/v1/regions/{name}"), member, None),
            ("/openapi/v2/manage/regions".to_owned(), KEY, Some("/data")),
            (format!("/openapi/v2/manage/regions/{id}"), KEY, None),
            (format!("/openapi/v1/teams/{team}/regions"), KEY, Some("/regions")),
        ]
    }

    /// Reads everything on a server, where the region must be called so, or not be there at all;
    /// to members of the team it may be hidden.
    fn check(&mut self, server: usize, alias: Option<&str>, hidden: bool) {
        for (path, key, rows) in self.paths() {
            let expected = alias.filter(|_| !(hidden && key == self.pair.member));
            let place = (server, format!("{key}{path}"));
            // A copy from before the write is not good any more.
            let tag = self.tags.get(&place).cloned().unwrap_or_default();
            let answer = self.ask(server, &path, key, &tag);
            let found = called(&answer, rows, &self.id);
            assert_eq!(found.as_deref(), expected, "{path} on {server}: {} {tag}", answer.text);
            self.tags.insert(place, answer.header("etag").to_owned());
        }
    }
}

/// What a region is called in an answer; nothing when it is not there.
fn called(answer: &Answer, rows: Option<&str>, id: &str) -> Option<String> {
    if answer.status == 404 {
        return None;
    }
    assert_eq!(answer.status, 200, "{answer:?}");
    let body = answer.json();
    let is_it = |row: &&Value| row["id"] == id || row["region_id"] == id;
    let row = match rows {
        None => Some(&body),
        Some(place) => body.pointer(place).unwrap().as_array().unwrap().iter().find(is_it),
    };
    let alias = row.map(|row| row.get("alias").or_else(|| row.get("region_alias")));
    alias.map(|alias| alias.unwrap().as_str().unwrap().to_owned())
}

/// Changes a region again and again, once here and once there.
fn change(pair: &Pair, writer: usize) {
    let mut watch = Watch::new(pair, format!("changing-{writer}"), 0);
    for change in 0..CHANGES {
        let (here, there) = (change % 2, 1 - change % 2);
        let alias = format!("change {change}");
        watch.write(here, "PATCH", "", &json!({"alias": alias}));
        watch.check(there, Some(&alias), false);
    }
}

/// Registers, hides and deletes regions of the same name.
fn come_and_go(pair: &Pair, writer: usize) {
    for life in 0..LIVES {
        let (here, there) = (life % 2, 1 - life % 2);
        let name = format!("coming-{writer}");
        let mut watch = Watch::new(pair, name.clone(), here);
        watch.check(there, Some(&name), false);
        watch.write(here, "POST", "/status", &json!({"status": "disabled"}));
        watch.check(there, Some(&name), true);
        watch.write(there, "POST", "/status", &json!({"status": "enabled"}));
        watch.check(here, Some(&name), false);
        watch.write(here, "POST", "/status", &json!({"status": "disabled"}));
        watch.delete(here);
        watch.check(there, None, false);
    }
}

#[test]
fn what_one_server_acknowledged_every_read_of_the_other_sees() {
    for database in [postgres(), sqlite()] {
        println!("on {}", database.name());
        let pair = Pair::on(&database);
        thread::scope(|scope| {
            for writer in 0..WRITERS {
                let pair = &pair;
                scope.spawn(move || change(pair, writer));
                scope.spawn(move || come_and_go(pair, writer));
            }
        });
    }
}
