//! A register that its own nodes can reach: agents of them, and shorter words for what is asked.

use cadastre_domain::role::Role;
use cadastre_testkit::agent::{Agent, Pulled, Run, Settings};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::rainbond_fixture::with;
use crate::support::{Answer, ITSELF, Register, registers_with};

/// A register, and an admin of its enterprise.
pub struct World {
    pub register: Register,
    pub admin: String,
}

/// One on each database.
pub fn worlds() -> impl Iterator<Item = World> {
    let reachable = registers_with(|options| options.public_url = Some(ITSELF.to_owned()));
    reachable.map(|register| {
        let admin = register.token(Role::Admin, register.enterprise, &[]);
        World { register, admin }
    })
}

impl World {
    /// What the register takes for now.
    pub fn now(&self) -> DateTime<Utc> {
        self.register.app.clock.now()
    }

    /// So much later.
    pub fn pass(&self, seconds: i64) {
        self.register.pass(TimeDelta::seconds(seconds));
    }

    /// Registers a node; what its agents are configured with, as the answer says.
    pub fn node(&self, keycode: &str) -> Settings {
        let made = self.dialing(
            "POST dialing_region/regist",
            &json!({
                "internal": false, "isp": "telecom", "country": "Afghanistan", "city": "Shahrak",
                "keycode": keycode, "name": "test",
            }),
        );
        let text = |pointer: &str| made.pointer(pointer).unwrap().as_str().unwrap();
        let key = (text("/ak/ak"), text("/ak/sk"));
        Settings::new(text("/server"), text("/regionInfo/uuid"), key.0, key.1)
    }

    /// An agent of a node of its own.
    pub fn agent(&self, keycode: &str) -> Agent {
        Agent::new(self.node(keycode))
    }

    /// Calls the dialing face as an admin, who gets what he asks for.
    pub fn dialing(&self, request: &str, body: &Value) -> Value {
        let (method, path) = request.split_once(' ').unwrap();
        let call = self.register.request(method, &format!("/api/v1/{path}")).api_key(&self.admin);
        let answer = if body.is_null() { call.send() } else { call.json(body).send() };
        assert_eq!(answer.status(), 200, "{} {request}: {answer:?}", self.register.name);
        answer.json()["content"].clone()
    }

    /// Calls the native face as an admin.
    pub fn native(&self, request: &str, body: &Value) -> Answer {
        let (method, path) = request.split_once(' ').unwrap();
        let call = self.register.request(method, &format!("/cadastre/v1/{path}")).key(&self.admin);
        let call = if method == "PATCH" { call.header("if-match", "*") } else { call };
        let answer = if body.is_null() { call.send() } else { call.json(body).send() };
        let at = format!("{} {request}: {answer:?}", self.register.name);
        assert!((200..300).contains(&answer.status()), "{at}");
        answer
    }

    /// Adds a task on these nodes; its identifier.
    pub fn task(&self, kind: &str, nodes: &[&Agent], task: &Value) -> String {
        let nodes: Vec<_> = nodes.iter().map(|agent| &agent.settings.region_id).collect();
        let usual = json!({"name": "a task", "frequency": "1m", "status": "ok"});
        let body = json!({"type": kind, "regions": nodes, "task": with(usual, task)});
        let added = self.dialing("POST dialing_task/add", &body);
        added["uuid"].as_str().unwrap().to_owned()
    }

    /// Changes the task, on these nodes.
    pub fn change(&self, task: &str, nodes: &[&Agent], content: &Value) {
        let nodes: Vec<_> = nodes.iter().map(|agent| &agent.settings.region_id).collect();
        let usual = json!({"name": "a task", "frequency": "1m", "status": "ok"});
        let body = json!({"regions": nodes, "task": with(usual, content)});
        self.dialing(&format!("POST dialing_task/{task}/modify"), &body);
    }

    /// What was found, the latest first, as this query asks.
    pub fn results(&self, query: &str) -> Vec<Value> {
        let answer = self.native(&format!("GET results?limit=1000&{query}"), &Value::Null);
        answer.json()["items"].as_array().unwrap().clone()
    }

    /// The nodes that are alive, as the dialing face lists them.
    pub fn alive(&self) -> Vec<String> {
        let listed = self.dialing("GET dialing_region/list?isAlive=true", &Value::Null);
        let uuid = |row: &Value| row["uuid"].as_str().unwrap().to_owned();
        listed.as_array().unwrap().iter().map(uuid).collect()
    }

    /// A turn of an agent, in which all posts were taken.
    pub fn turn(&self, agent: &mut Agent) -> (Pulled, Vec<Run>) {
        let (pulled, runs) = agent.turn(self.now());
        assert_eq!(pulled.status, 200, "{}: {pulled:?}", self.register.name);
        assert_eq!(pulled.dropped, [""; 0], "{}", self.register.name);
        for run in &runs {
            assert_eq!(run.status, Some(204), "{}: {run:?}", self.register.name);
        }
        (pulled, runs)
    }
}

/// A task of HTTP that succeeds when 200 is answered at this address.
pub fn http_task(address: &str) -> Value {
    json!({
        "url": format!("http://{address}/ok"), "method": "GET",
        "success_when": [{"status_code": [{"is": "200"}]}],
    })
}
