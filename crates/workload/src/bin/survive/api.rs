//! The register as its clients see it: over HTTP.

use std::net::SocketAddr;
use std::time::Duration;

use cadastre_testkit::server::TOKEN;
use serde_json::{Value, json};
use ureq::Agent;

use crate::ledger::{Node, Region, Team};
use crate::texts;

/// How long an answer may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// A client of the register.
pub struct Api {
    agent: Agent,
    base: String,
}

/// Why there is no good answer.
#[derive(Debug)]
pub enum Failure {
    /// None came, or not all of it.
    Broken(String),
    /// It is not the one that was to be expected.
    Unexpected(String),
}

type Answer<T> = Result<T, Failure>;

impl Api {
    /// A client of the server at this address.
    pub fn new(address: SocketAddr) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(ANSWER_LIMIT))
            .proxy(None);
        Self { agent: config.build().new_agent(), base: format!("http://{address}") }
    }

    /// Creates a region as it is after this edit.
    pub fn create_region(&self, name: &str, serial: u32) -> Answer<Region> {
        let mut body = texts::body(&texts::region(name, serial));
        body["region_name"] = name.into();
        let answer = self.send("POST", "/openapi/v1/regions", &body, 201)?;
        Ok(Region { id: text(&answer, "/region_id")?, name: name.to_owned(), serial })
    }

    /// Makes a region what it is after this edit.
    pub fn edit_region(&self, region: &Region, serial: u32) -> Answer<()> {
        let body = texts::body(&texts::region(&region.name, serial));
        let path = format!("/openapi/v2/manage/regions/{}", region.id);
        self.send("PUT", &path, &body, 200).map(drop)
    }

    /// Registers a node.
    pub fn register_node(&self, keycode: &str) -> Answer<Node> {
        let mut body = texts::body(&texts::node(keycode));
        body["internal"] = true.into();
        let answer = self.send("POST", "/api/v1/dialing_region/regist", &body, 200)?;
        Ok(Node {
            keycode: keycode.to_owned(),
            id: text(&answer, "/content/regionInfo/uuid")?,
            key_id: text(&answer, "/content/ak/ak")?,
            secret: text(&answer, "/content/ak/sk")?,
        })
    }

    /// Creates a team.
    pub fn create_team(&self, alias: &str) -> Answer<Team> {
        let answer = self.send("POST", "/openapi/v1/teams", &json!({"tenant_name": alias}), 201)?;
        Ok(Team { id: text(&answer, "/tenant_id")?, alias: alias.to_owned() })
    }

    /// Opens a region for a team.
    pub fn open_region(&self, team: &str, region_name: &str) -> Answer<()> {
        let path = format!("/openapi/v1/teams/{team}/regions");
        self.send("POST", &path, &json!({"region": region_name}), 201).map(drop)
    }

    /// The list of all regions.
    pub fn regions(&self) -> Answer<Vec<Value>> {
        match self.get("/openapi/v1/regions")? {
            Value::Array(regions) => Ok(regions),
            other => Err(Failure::Unexpected(format!("the list of regions is {other}"))),
        }
    }

    /// What people call the team.
    pub fn team_alias(&self, team: &str) -> Answer<String> {
        text(&self.get(&format!("/openapi/v1/teams/{team}"))?, "/tenant_alias")
    }

    fn get(&self, path: &str) -> Answer<Value> {
        let request = self.agent.get(format!("{}{path}", self.base));
        let request = request.header("Authorization", TOKEN);
        read(&format!("GET {path}"), request.call(), 200)
    }

    fn send(&self, method: &str, path: &str, body: &Value, expected: u16) -> Answer<Value> {
        let url = format!("{}{path}", self.base);
        let request = if method == "PUT" { self.agent.put(url) } else { self.agent.post(url) };
        let request = request
            .header("Authorization", TOKEN)
            .header("DF-API-KEY", TOKEN)
            .header("Content-Type", "application/json");
        read(&format!("{method} {path}"), request.send(body.to_string()), expected)
    }
}

/// Reads the whole answer; only then does it count.
fn read(
    what: &str,
    answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    expected: u16,
) -> Answer<Value> {
    let broken = |error: ureq::Error| Failure::Broken(format!("{what}: {error}"));
    let mut answer = answer.map_err(broken)?;
    let text = answer.body_mut().with_config().limit(u64::MAX).read_to_string().map_err(broken)?;
    let status = answer.status().as_u16();
    match serde_json::from_str(&text) {
        Ok(body) if status == expected => Ok(body),
        _ => Err(Failure::Unexpected(format!("{what}: {status} {text}"))),
    }
}

fn text(answer: &Value, pointer: &str) -> Answer<String> {
    let text = answer.pointer(pointer).and_then(Value::as_str).map(ToOwned::to_owned);
    text.ok_or_else(|| Failure::Unexpected(format!("there is no {pointer} in {answer}")))
}

impl From<Failure> for Box<dyn std::error::Error + Send + Sync> {
    fn from(failure: Failure) -> Self {
        let (Failure::Broken(text) | Failure::Unexpected(text)) = failure;
        text.into()
    }
}
