//! Requests to a server, and connections for those who do not behave like a client.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::{HeaderMap, Request};

use super::{LIMIT, Server};

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    headers: HeaderMap,
    /// The body as text.
    pub text: String,
}

impl Answer {
    /// The header, or the empty text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The status and all headers.
    pub fn head(&self) -> String {
        format!("{} {:?}", self.status, self.headers)
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
}

/// Makes calls; connections are kept for the next.
pub struct Call {
    agent: Agent,
    address: SocketAddr,
}

impl Call {
    /// Calls to this server.
    pub fn to(address: SocketAddr) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(LIMIT));
        Self { agent: config.build().into(), address }
    }

    /// The answer to a request, or why there is none.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer, ureq::Error> {
        let body = body.map_or_else(String::new, Value::to_string);
        self.send_text(method, path, headers, &body)
    }

    /// The same with any text as body, which is said to be JSON unless the headers say otherwise.
    pub fn send_text(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer, ureq::Error> {
        let url = format!("http://{}{path}", self.address);
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = if body.is_empty() {
            self.agent.run(request.body(()).unwrap())?
        } else {
            let typed = headers.iter().any(|(name, _)| *name == "content-type");
            let json = (!typed).then_some(("content-type", "application/json"));
            let request =
                json.into_iter().fold(request, |all, (name, value)| all.header(name, value));
            self.agent.run(request.body(body.to_owned()).unwrap())?
        };
        let text = response.body_mut().read_to_string()?;
        let (head, _) = response.into_parts();
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, text })
    }

    /// Adds a region; the status of the answer.
    pub fn add_region(&self, name: &str, key: &str) -> Result<u16, ureq::Error> {
        let headers = [("authorization", key)];
        let answer = self.send("POST", "/openapi/v1/regions", &headers, Some(&region(name)))?;
        Ok(answer.status)
    }
}

impl Server {
    /// The answer to a request on a connection of its own.
    pub fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        Call::to(self.address).send(method, path, headers, body).unwrap()
    }

    /// What is there for this token; without one, for everybody.
    pub fn get(&self, path: &str, key: &str) -> Answer {
        let headers: &[_] = if key.is_empty() { &[] } else { &[("authorization", key)] };
        self.call("GET", path, headers, None)
    }

    /// The answer to a request with a body.
    pub fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.call("POST", path, &[("authorization", key)], Some(body))
    }

    /// The answer of the native face to a request without a body, if that is null, or with one.
    pub fn native(&self, method: &str, path: &str, key: &str, body: &Value) -> Answer {
        let path = format!("/cadastre/v1{path}");
        let bearer = format!("Bearer {key}");
        let body = (!body.is_null()).then_some(body);
        self.call(method, &path, &[("authorization", &bearer)], body)
    }

    /// Adds a team, and answers its id.
    pub fn add_team(&self, name: &str, key: &str) -> String {
        let answer = self.post("/openapi/v1/teams", key, &json!({"tenant_name": name}));
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["tenant_id"].as_str().unwrap().to_owned()
    }

    /// Adds a region, which must be possible.
    pub fn add_region(&self, name: &str, key: &str) {
        let answer = self.post("/openapi/v1/regions", key, &region(name));
        assert_eq!(answer.status, 201, "{answer:?}");
    }

    /// The status that a caller with this token gets for the regions of his enterprise.
    pub fn list_status(&self, key: &str) -> u16 {
        self.get("/openapi/v1/regions", key).status
    }

    /// The names of the regions, sorted.
    pub fn region_names(&self, key: &str) -> Vec<String> {
        let answer = self.get("/openapi/v1/regions", key);
        assert_eq!(answer.status, 200, "{answer:?}");
        let rows = answer.json();
        let name = |row: &Value| row["region_name"].as_str().unwrap().to_owned();
        let mut names: Vec<_> = rows.as_array().unwrap().iter().map(name).collect();
        names.sort();
        names
    }

    /// The status of a change to a region that does not exist: 404 for platform tokens only.
    pub fn manage_status(&self, key: &str) -> u16 {
        let path = "/openapi/v2/manage/regions/00000000000000000000000000000000";
        let mut body = region("any");
        body["status"] = json!("0");
        self.call("PUT", path, &[("authorization", key)], Some(&body)).status
    }

    /// A connection on which nothing was said yet.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream
    }

    /// Sends these bytes and answers what comes until the server closes.
    pub fn exchange(&self, request: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(request).unwrap();
        let mut answer = Vec::new();
        // A server that does not like a request may close before it has read it all.
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// What is said about a region when it is added.
pub fn region(name: &str) -> Value {
    json!({
        "region_name": name, "region_alias": "a region", "url": "https://rbd-api-api:8443",
        "wsurl": "ws://rbd-api-websocket:6060", "httpdomain": "h.example.com",
        "tcpdomain": "192.0.2.10",
    })
}
