//! A server with something in it, and requests to it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use cadastre_testkit::TestDatabase;
use cadastre_testkit::agent;
use serde_json::{Value, json};

use crate::results::result_token;
use crate::support::{LIMIT, Server, now, region};

/// The status that a region has, or may take.
const OFFLINE: &str = r#"{"status": "OFFLINE"}"#;

/// A request with a body.
pub struct Request {
    pub method: &'static str,
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// What there is, and who asks.
pub struct World {
    address: SocketAddr,
    key: String,
    results: String,
    pub node: String,
    agent: agent::Agent,
    pub task: String,
    pub region: String,
}

impl World {
    /// A region, a node with an agent, a task that it dials.
    pub fn make(server: &Server, key: &str, database: &TestDatabase) -> Self {
        server.add_region("first", key);
        let list = server.native("GET", "/regions", key, &Value::Null).json();
        let mut world = Self {
            address: server.address,
            key: key.to_owned(),
            results: result_token(database),
            node: String::new(),
            agent: agent::Agent::new(agent::Settings::new("http://127.0.0.1", "x", "x", "x")),
            task: String::new(),
            region: list["items"][0]["id"].as_str().unwrap().to_owned(),
        };
        let ask = |path: &str, body: &Value| {
            let path = format!("/api/v1/{path}");
            let answer = server.call("POST", &path, &[("df-api-key", key)], Some(body));
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
            answer.json()["content"].clone()
        };
        let node = ask(
            "dialing_region/regist",
            &json!({
                "internal": false, "isp": "telecom", "country": "Afghanistan", "keycode": "one",
            }),
        );
        let text = |pointer: &str| node.pointer(pointer).unwrap().as_str().unwrap();
        let (ak, sk) = (text("/ak/ak"), text("/ak/sk"));
        text("/regionInfo/uuid").clone_into(&mut world.node);
        let settings = agent::Settings::new("http://127.0.0.1", &world.node, ak, sk);
        world.agent = agent::Agent::new(settings);
        let task = ask("dialing_task/add", &world.task(&json!({})));
        task["uuid"].as_str().unwrap().clone_into(&mut world.task);
        world
    }

    /// The body of an addition of a task with these members.
    pub fn task(&self, members: &Value) -> Value {
        let mut task = json!({
            "name": "a task", "frequency": "1m", "method": "GET", "url": "https://example.com",
            "success_when": [{"status_code": [{"is": "200"}]}],
        });
        for (name, member) in members.as_object().unwrap() {
            task[name] = member.clone();
        }
        json!({"type": "http", "regions": [self.node], "task": task})
    }

    /// Requests as they come every day, one for each API.
    pub fn usual(&self) -> Vec<Request> {
        let point = b"http_dial_testing,status=OK response_time=1i 1\n";
        vec![
            self.rainbond("PUT", &format!("/openapi/v1/regions/{}/status", self.region), OFFLINE),
            self.dialing(&format!("{}/modify", self.task), &self.task(&json!({})).to_string()),
            self.native("PATCH", &format!("/regions/{}", self.region), r#"{"labels": {"a": "b"}}"#),
            self.points(point, &[]),
            self.variables("[]"),
        ]
    }

    pub fn rainbond(&self, method: &'static str, path: &str, body: &str) -> Request {
        let headers = vec![("Authorization", self.key.clone()), json_type()];
        Request { method, path: path.to_owned(), headers, body: body.as_bytes().to_vec() }
    }

    /// The addition of a region with another type of body.
    pub fn form(&self, kind: &str, body: &[u8]) -> Request {
        let headers = vec![("Authorization", self.key.clone()), ("Content-Type", kind.to_owned())];
        let path = "/openapi/v1/regions".to_owned();
        Request { method: "POST", path, headers, body: body.to_vec() }
    }

    pub fn native(&self, method: &'static str, path: &str, body: &str) -> Request {
        let headers = vec![
            ("Authorization", format!("Bearer {}", self.key)),
            ("If-Match", "*".to_owned()),
            json_type(),
        ];
        let path = format!("/cadastre/v1{path}");
        Request { method, path, headers, body: body.as_bytes().to_vec() }
    }

    pub fn dialing(&self, path: &str, body: &str) -> Request {
        let headers = vec![("DF-API-KEY", self.key.clone()), json_type()];
        let path = format!("/api/v1/dialing_task/{path}");
        Request { method: "POST", path, headers, body: body.as_bytes().to_vec() }
    }

    pub fn variables(&self, body: &str) -> Request {
        let signed = self.agent.signed("POST", body.as_bytes(), now());
        let headers = vec![
            ("Authorization", signed.authorization),
            ("Content-MD5", signed.content_md5),
            ("Date", signed.date),
        ];
        let path = format!("/v1/variable/update/{}", self.node);
        Request { method: "POST", path, headers, body: body.as_bytes().to_vec() }
    }

    pub fn points(&self, body: &[u8], headers: &[(&'static str, &str)]) -> Request {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let path = format!("/v1/write/logging?token={}", self.results);
        Request { method: "POST", path, headers, body: body.to_vec() }
    }

    /// Status and length of the answer.
    pub fn send(&self, request: &Request) -> (u16, usize) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        let Request { method, path, headers, body } = request;
        let headers = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n{}\r\n",
            body.len(),
            headers.collect::<String>(),
        );
        stream.write_all(head.as_bytes()).unwrap();
        // A server that refuses a request by its head may close before it has read the rest.
        let _ = stream.write_all(body);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let status =
            answer.get(9..12).and_then(|code| std::str::from_utf8(code).ok()?.parse().ok());
        (status.unwrap_or_else(|| panic!("no answer to {request:?}")), answer.len())
    }
}

fn json_type() -> (&'static str, String) {
    ("Content-Type", "application/json".to_owned())
}

/// A region as a caller of the Rainbond API adds it, with these members.
pub fn new_region(members: &Value) -> String {
    let mut body = region("second");
    for (name, member) in members.as_object().unwrap() {
        body[name] = member.clone();
    }
    body.to_string()
}
