//! Nodes with their agents: they sign as an agent does, and keep a cursor.

use std::fmt::Write as _;

use cadastre_domain::node::{Authorization, SecretKey, SignedRequest, content_md5};
use cadastre_domain::role::Role;
use cadastre_testkit::sample::text;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Answer, Call, Register};

/// The text that makes an agent stop everything.
pub const STOP: &str = "kodo.RegionNotFoundOrDisabled";

/// An enterprise with nodes, seen by one of its admins.
pub struct Site<'a> {
    pub register: &'a Register,
    pub admin: String,
}

/// What an agent is configured with.
#[derive(Debug, Clone)]
pub struct Agent {
    pub node: String,
    pub ak: String,
    pub sk: String,
}

impl<'a> Site<'a> {
    pub fn new(register: &'a Register) -> Self {
        let admin = register.token(Role::Admin, register.enterprise, &[]);
        Self { register, admin }
    }

    /// Registers a node.
    pub fn node(&self, keycode: &str) -> Agent {
        let body = json!({
            "internal": false, "isp": "telecom", "country": "Afghanistan", "city": "Shahrak",
            "keycode": keycode, "name": "test",
        });
        let made = self.dialing("POST", "/dialing_region/regist", &body);
        let text = |pointer: &str| made.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        Agent {
            node: text("/content/regionInfo/uuid"),
            ak: text("/content/ak/ak"),
            sk: text("/content/ak/sk"),
        }
    }

    /// Calls the dialing face, which must agree.
    pub fn dialing(&self, method: &str, path: &str, body: &Value) -> Value {
        let call = self.register.request(method, &format!("/api/v1{path}"));
        let call = call.api_key(&self.admin);
        let answer = if body.is_null() { call.send() } else { call.json(body).send() };
        assert_eq!(answer.status(), 200, "{method} {path}: {answer:?}");
        answer.json()
    }

    /// Calls the native face.
    pub fn native(&self, method: &str, path: &str, body: &Value) -> Answer {
        let call = self.register.request(method, &format!("/cadastre/v1{path}"));
        let call = call.key(&self.admin);
        if body.is_null() { call.send() } else { call.json(body).send() }
    }

    /// What the native face shows of a node.
    pub fn shown(&self, agent: &Agent) -> Value {
        let shown = self.native("GET", &format!("/nodes/{}", agent.node), &Value::Null);
        assert_eq!(shown.status(), 200, "{shown:?}");
        shown.json()
    }

    /// Adds a task for these nodes.
    pub fn task(&self, name: &str, nodes: &[&Agent]) -> String {
        let added = self.dialing("POST", "/dialing_task/add", &task(name, nodes));
        added["content"]["uuid"].as_str().unwrap().to_owned()
    }
}

/// The body of a request for a task.
pub fn task(name: &str, nodes: &[&Agent]) -> Value {
    let nodes: Vec<_> = nodes.iter().map(|agent| &agent.node).collect();
    json!({
        "type": "http", "regions": nodes,
        "task": {
            "name": name, "url": "https://example.com", "method": "GET", "frequency": "1m",
            "status": "ok", "success_when": [{"status_code": [{"is": "200"}]}],
            "success_when_logic": "and",
        },
    })
}

impl Agent {
    /// The same node with another key.
    pub fn with_key(&self, made: &Value) -> Self {
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        Self { ak: text("ak"), sk: text("sk"), ..self.clone() }
    }

    /// The headers of a request of this agent with this body.
    pub fn headers(&self, register: &Register, method: &str, body: &[u8]) -> [String; 3] {
        let now = register.app.clock.now();
        let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let md5 = content_md5(body);
        let request = SignedRequest { method, content_md5: &md5, content_type: "", date: &date };
        let signature = request.sign(&text::<SecretKey>(&self.sk));
        let authorization = Authorization { key: text(&self.ak), signature };
        [md5, date, authorization.to_string()]
    }

    /// The request, signed.
    pub fn signed(&self, register: &Register, method: &str, path: &str, body: &[u8]) -> Call {
        let [md5, date, authorization] = self.headers(register, method, body);
        let mut call = register.request(method, path);
        if !body.is_empty() {
            call = call.plain_body(body);
        }
        call.header("content-md5", &md5)
            .header("date", &date)
            .header("authorization", &authorization)
    }

    /// What the register answers to a pull with this cursor.
    #[expect(clippy::needless_pass_by_value, reason = "numbers and texts are told alike")]
    pub fn ask(&self, register: &Register, since: impl ToString) -> Answer {
        let (node, since) = (&self.node, since.to_string());
        let path = format!("/v1/task/pull?region_id={node}&since={since}&variable_since=0");
        self.signed(register, "GET", &path, b"").send()
    }

    /// What is new behind this cursor: the tasks, parsed, and the next cursor.
    pub fn pull(&self, register: &Register, since: i64) -> (Vec<Value>, i64) {
        let answer = self.ask(register, since);
        assert_eq!(answer.status(), 200, "{answer:?}");
        assert_eq!(answer.header("content-type"), "application/json");
        assert!(!answer.text.contains("null"), "{answer:?}");
        let tasks = tasks(&answer.json());
        let times = tasks.iter().map(|task| task["update_time"].as_i64().unwrap());
        let next = times.max().unwrap_or(since);
        (tasks, next)
    }

    /// Of the tasks behind this cursor, name and status.
    pub fn names(&self, register: &Register, since: i64) -> Vec<String> {
        let mut names: Vec<_> = self.pull(register, since).0.iter().map(name_and_status).collect();
        names.sort();
        names
    }
}

/// The tasks in the answer to a pull, as the agent reads them.
pub fn tasks(answer: &Value) -> Vec<Value> {
    let content = answer["content"].as_object().unwrap();
    let classes = content.iter().filter(|(key, _)| key.chars().all(char::is_uppercase));
    let texts = classes.flat_map(|(_, tasks)| tasks.as_array().unwrap());
    texts.map(|text| serde_json::from_str(text.as_str().unwrap()).unwrap()).collect()
}

pub fn name_and_status(task: &Value) -> String {
    let mut told = String::new();
    for field in ["name", "status"] {
        write!(told, "{} ", task[field].as_str().unwrap()).unwrap();
    }
    told.trim_end().to_owned()
}

/// Checks a refusal whole, but for the text for people.
pub fn check_refused(answer: &Answer, status: u16, code: &str, at: &str) {
    assert_eq!(answer.status(), status, "{at}: {answer:?}");
    let body = answer.json();
    let message = body["message"].as_str().unwrap();
    assert!(!message.is_empty(), "{at}");
    let expected =
        json!({"code": status, "error_code": code, "errorCode": code, "message": message});
    assert_eq!(body, expected, "{at}");
    assert_eq!(answer.text.contains(STOP), code == STOP, "{at}");
}

/// A moment later.
pub fn pass(register: &Register, seconds: i64) {
    register.pass(TimeDelta::seconds(seconds));
}
