//! That the agent does what the contract says of the real one, against a server of canned answers.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::targets::Target;
use super::{Agent, Settings};

/// A server that answers pulls with what a test puts there, and refuses or takes the rest.
struct Server {
    target: Target,
    says: Arc<Mutex<Says>>,
}

#[derive(Clone)]
struct Says {
    pull: (u16, String),
    check: (u16, String),
    post: u16,
    asked: Vec<String>,
}

impl Server {
    fn new() -> Self {
        let good = || (200, "{}".to_owned());
        let says = Says { pull: good(), check: good(), post: 200, asked: Vec::new() };
        let says = Arc::new(Mutex::new(says));
        let shared = Arc::clone(&says);
        let target = Target::http(move |path| {
            let mut says = shared.lock().expect("says");
            says.asked.push(path.to_owned());
            match path.split(['?', '/']).nth(2) {
                Some("task") => says.pull.clone(),
                Some("check") => says.check.clone(),
                Some("ok") => (200, "fine".to_owned()),
                _ => (says.post, String::new()),
            }
        });
        Self { target, says }
    }

    fn says(&self, change: impl FnOnce(&mut Says)) {
        change(&mut self.says.lock().expect("says"));
    }

    fn content(&self, content: &Value) {
        let pull = (200, json!({ "content": content }).to_string());
        self.says(|says| says.pull = pull);
    }

    fn agent(&self) -> Agent {
        let server = format!("http://{}/some/path?x=y", self.target.address());
        Agent::new(Settings::new(&server, "reg_cg2britepb7e977fpm8g", "ak", "sk"))
    }

    fn task(&self, name: &str, update_time: i64) -> Value {
        json!({
            "external_id": name, "access_key": "ak_1", "name": name, "frequency": "60s",
            "status": "ok", "update_time": update_time, "method": "GET",
            "url": format!("http://{}/x/ok", self.target.address()),
            "post_url": format!("http://{}/pre?token=tkn_1", self.target.address()),
            "success_when": [{"status_code": [{"is": "200"}]}], "tags": null,
        })
    }

    /// How often something below this path was asked for.
    fn count(&self, path: &str) -> usize {
        let says = self.says.lock().expect("says");
        says.asked.iter().filter(|asked| asked.starts_with(path)).count()
    }
}

fn now() -> DateTime<Utc> {
    crate::sample::time()
}

#[test]
fn what_the_agent_cannot_read_is_dropped() {
    let server = Server::new();
    let with = |name: &str, value: Value| {
        let mut task = server.task("bad", 9);
        task[name] = value;
        task.to_string()
    };
    server.content(&json!({
        "region": {"name": "n", "internal": false, "count": 1},
        "HTTP": [
            {"external_id": "an object"},
            "{",
            with("success_when", json!({"status_code": []})),
            with("success_when", json!([{"status_code": {"is": "200"}}])),
            with("success_when", json!([])),
            with("success_when", json!([{"response_time": "soon"}])),
            with("success_when", json!([{"body": [{"match_regex": "(["}]}])),
            with("frequency", json!("often")),
            with("post_url", json!("http://127.0.0.1/")),
            server.task("good", 7).to_string(),
        ],
        "DNS": ["{}"],
        "GRPC": [server.task("newer", 9).to_string()],
    }));
    let mut agent = server.agent();
    let pulled = agent.pull(now());
    assert_eq!(pulled.started, ["good"]);
    assert_eq!(pulled.dropped.len(), 10, "{pulled:?}");
    // Those that had the right shape moved the cursor, others did not.
    assert_eq!(agent.cursor(), 9);
    agent.pull(now());
    let asked = server.says.lock().expect("says").asked.clone();
    let path = "/v1/task/pull?region_id=reg_cg2britepb7e977fpm8g";
    assert_eq!(asked[0], format!("{path}&since=0&variable_since=0"), "the path of server is gone");
    assert_eq!(asked[1], format!("{path}&since=9&variable_since=0"));
}

#[test]
fn a_null_panics_the_pull_loop_of_agents_that_are_not_newer() {
    let server = Server::new();
    for content in
        [json!({"HTTP": null}), json!({"region": {"name": null}}), json!({"TCP": [null]})]
    {
        server.content(&content);
        let pull = |is_newer| {
            let mut agent = server.agent();
            agent.settings.is_newer = is_newer;
            std::panic::catch_unwind(move || agent.pull(now()).status)
        };
        assert!(pull(false).is_err(), "{content}");
        assert!(pull(true).is_ok(), "{content}");
    }
    for answer in ["{}", r#"{"content": null}"#, r#"{"content": {}}"#, "no JSON"] {
        server.says(|says| says.pull = (200, answer.to_owned()));
        assert_eq!(server.agent().pull(now()).status, 200, "{answer}");
    }
}

#[test]
fn tasks_start_change_and_stop_by_their_identity() {
    let server = Server::new();
    let mut agent = server.agent();
    let mut turn = |task: &Value, after: i64| {
        server.content(&json!({"HTTP": [task.to_string()]}));
        let (pulled, runs) = agent.turn(now() + TimeDelta::seconds(after));
        let lists = [pulled.started, pulled.changed, pulled.stopped].map(|list| list.len());
        (lists, runs.len(), agent.running().len())
    };
    assert_eq!(turn(&server.task("a", 1), 0), ([1, 0, 0], 1, 1));
    assert_eq!(turn(&server.task("a", 2), 1), ([0, 1, 0], 1, 1), "a change runs at once");
    let mut other = server.task("a", 3);
    other["access_key"] = "ak_2".into();
    assert_eq!(turn(&other, 2), ([1, 0, 0], 1, 2), "another key is another task");
    other["status"] = "STOP".into();
    assert_eq!(turn(&other, 3), ([0, 0, 1], 0, 1));
    assert_eq!(turn(&other, 4), ([0, 0, 0], 0, 1), "what does not run cannot stop");
    assert_eq!(server.count("/v1/check/token/tkn_1"), 2, "once at the start of each");
}

#[test]
fn only_one_text_stops_everything() {
    let server = Server::new();
    let mut agent = server.agent();
    server.content(&json!({"HTTP": [server.task("a", 1).to_string()]}));
    agent.pull(now());
    let stop = r#"{"error_code": "kodo.RegionNotFoundOrDisabled"}"#;
    for (status, text, running) in
        [(500, "x", 1), (403, "{}", 1), (200, stop, 1), (404, "kodo.x", 1), (403, stop, 0)]
    {
        server.says(|says| says.pull = (status, text.to_owned()));
        agent.pull(now());
        assert_eq!(agent.running().len(), running, "{status} {text}");
    }
}

#[test]
fn a_refused_token_ends_a_task_until_it_is_delivered_anew() {
    let server = Server::new();
    let mut agent = server.agent();
    server.content(&json!({"HTTP": [server.task("a", 1).to_string()]}));
    let refusal = r#"{"code": 403, "errorCode": "kodo.InvalidToken"}"#;
    server.says(|says| says.check = (403, refusal.to_owned()));
    let (pulled, runs) = agent.turn(now());
    assert_eq!((pulled.started.len(), runs.len(), agent.running().len()), (1, 0, 0));
    server.says(|says| says.check = (404, "no such page".to_owned()));
    assert_eq!(agent.turn(now()).1.len(), 1, "plain text is no refusal");
    assert_eq!(server.count("/pre/v1/write/logging?token=tkn_1"), 1);
}

#[test]
fn a_task_pauses_behind_the_eighteenth_failed_post() {
    let server = Server::new();
    let mut agent = server.agent();
    server.content(&json!({"HTTP": [server.task("a", 1).to_string()]}));
    server.says(|says| says.post = 500);
    agent.pull(now());
    let mut at = now();
    let mut run = |after: TimeDelta| {
        at += after;
        agent.run_due(at).len()
    };
    assert_eq!(run(TimeDelta::zero()), 1);
    assert!((2..=18).all(|_| run(TimeDelta::seconds(60)) == 1));
    assert_eq!(run(TimeDelta::minutes(30) - TimeDelta::seconds(1)), 0);
    server.says(|says| says.post = 204);
    assert_eq!(run(TimeDelta::seconds(1)), 1);
    assert_eq!(run(TimeDelta::seconds(60)), 1);
    assert_eq!(agent.post_failures("a"), 0);
}
