//! Agents of nodes and a server that is killed: nothing that was acknowledged is lost, and what agents
//! know stays true.

use std::time::SystemTime;

use cadastre_domain::node::{Authorization, SecretKey, SignedRequest, content_md5};
use cadastre_testkit::databases;
use cadastre_testkit::sample::text;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::support::{Answer, Place, Server, eventually};

const KEY: &str = "token-of-the-platform-for-tests";

/// What an agent is configured with.
struct Agent {
    node: String,
    ak: String,
    sk: String,
}

fn dialing(server: &Server, path: &str, body: &Value) -> Value {
    let path = format!("/api/v1{path}");
    let answer = server.call("POST", &path, &[("df-api-key", KEY)], Some(body));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

impl Agent {
    fn of(server: &Server) -> Self {
        let body = json!({"internal": true, "isp": "i", "country": "c", "keycode": "one"});
        let made = dialing(server, "/dialing_region/regist", &body);
        let text = |pointer: &str| made.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        Self {
            node: text("/content/regionInfo/uuid"),
            ak: text("/content/ak/ak"),
            sk: text("/content/ak/sk"),
        }
    }

    fn ask(&self, server: &Server, since: i64) -> Answer {
        let now = DateTime::<Utc>::from(SystemTime::now());
        let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let md5 = content_md5(b"");
        let request =
            SignedRequest { method: "GET", content_md5: &md5, content_type: "", date: &date };
        let signature = request.sign(&text::<SecretKey>(&self.sk));
        let signed = Authorization { key: text(&self.ak), signature }.to_string();
        let node = &self.node;
        let path = format!("/v1/task/pull?region_id={node}&since={since}&variable_since=0");
        let headers = [("content-md5", &*md5), ("date", &*date), ("authorization", &*signed)];
        server.call("GET", &path, &headers, None)
    }

    /// The names of the tasks behind this cursor, and the next cursor.
    fn pull(&self, server: &Server, since: i64) -> (Vec<String>, i64) {
        let answer = self.ask(server, since);
        assert_eq!(answer.status, 200, "{answer:?}");
        let body = answer.json();
        let tasks = body["content"]["HTTP"].as_array().cloned().unwrap_or_default();
        let tasks: Vec<Value> = tasks
            .iter()
            .map(|task| serde_json::from_str(task.as_str().unwrap()).unwrap())
            .collect();
        let times = tasks.iter().map(|task| task["update_time"].as_i64().unwrap());
        let next = times.max().unwrap_or(since);
        (tasks.iter().map(|task| task["name"].as_str().unwrap().to_owned()).collect(), next)
    }
}

fn add_task(server: &Server, agent: &Agent, name: &str) {
    let task = json!({
        "name": name, "frequency": "1m", "method": "GET", "url": "https://example.com",
        "success_when": [{"status_code": [{"is": "200"}]}],
    });
    let body = json!({"type": "http", "regions": [agent.node], "task": task});
    dialing(server, "/dialing_task/add", &body);
}

fn seen_at(server: &Server, agent: &Agent) -> Value {
    let shown = server.native("GET", &format!("/nodes/{}", agent.node), KEY, &Value::Null);
    shown.json()["liveness"]["seen_at"].clone()
}

#[test]
fn a_server_that_is_killed_loses_no_task_and_no_cursor() {
    for database in databases() {
        let place = Place::on(&database).with("CADASTRE_ADMIN_TOKEN", KEY);
        let server = place.ready();
        let agent = Agent::of(&server);
        let mut since = 0;
        let mut server = server;
        for round in 0..3 {
            let name = format!("task {round}");
            add_task(&server, &agent, &name);
            // What was acknowledged is there after the kill, and comes once.
            server.kill();
            server = place.ready();
            let (names, next) = agent.pull(&server, since);
            assert_eq!(names, [name], "{}", database.name());
            since = next;
            assert_eq!(agent.pull(&server, since), (Vec::new(), since));
        }
        server.kill();
    }
}

#[test]
fn pulls_are_remembered_when_a_server_stops_and_soon_after_when_it_is_killed() {
    for database in databases() {
        let place = Place::on(&database).with("CADASTRE_ADMIN_TOKEN", KEY);
        let server = place.ready();
        let agent = Agent::of(&server);
        agent.pull(&server, 0);
        let first = seen_at(&server, &agent);
        assert!(first.is_string());
        assert_eq!(server.stop().code, Some(0));
        let server = place.ready();
        assert_eq!(seen_at(&server, &agent), first, "{}", database.name());
        agent.pull(&server, 0);
        let second = seen_at(&server, &agent);
        assert_ne!(second, first);
        let beside = place.ready();
        eventually("the pull is written", || seen_at(&beside, &agent) == second);
        server.kill();
        beside.kill();
        let server = place.ready();
        assert_eq!(seen_at(&server, &agent), second, "{}", database.name());
        server.kill();
    }
}
