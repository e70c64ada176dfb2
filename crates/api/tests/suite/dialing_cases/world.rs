//! The workspace in which a case takes place: what was done before, and the names of what is there.

use std::collections::{HashMap, HashSet};
use std::time::UNIX_EPOCH;

use cadastre_domain::audit::Entry;
use cadastre_domain::enterprise::Enterprise;
use cadastre_domain::id::EnterpriseId;
use cadastre_domain::node::{AccessKey, Node, NodeProfile};
use cadastre_domain::role::Role;
use cadastre_storage::StorageError;
use cadastre_testkit::sample::text;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::checks::check;
use super::{REGISTER, case};
use crate::support::{Answer, Register, actor};

/// The node of the published examples, and its keys.
pub const NODE: &str = "reg_cg2britepb7e977fpm8g";
pub const AK: &str = "4jwIcxedYwSdTsn9rZ0f";
const SK: &str = "utiGZCqZkEe6ZzKyW30xczv96joMrmvGAfxuJ7Fr";
const WORKSPACE: &str = "ed134a6485c8484dbd0e58ce9a9c6115";
const PARENT: &str = "ak_c1imts73q2c335d71cn0";

pub struct World<'a> {
    pub register: &'a Register,
    /// When the case began, in seconds of the system.
    pub started: u64,
    names: HashMap<String, String>,
    done: HashSet<String>,
}

impl<'a> World<'a> {
    /// A workspace for a case: a new one, or that of the published signatures if the case has one of
    /// them.
    pub fn new(register: &'a Register, of: &Value) -> Self {
        let id = of["id"].as_str().unwrap();
        let is_signed = super::requests::resolved(of).to_string().contains(AK);
        let home = if is_signed { published(register) } else { register.add_enterprise(id) };
        let other = register.add_enterprise(&format!("other {id}"));
        let started = UNIX_EPOCH.elapsed().unwrap().as_secs();
        let mut world = Self { register, started, names: HashMap::new(), done: HashSet::new() };
        world.call_it("workspace", &format!("wksp_{home}"));
        world.call_it("key_a", &register.token(Role::Admin, home, &[]));
        world.call_it("key_b", &register.token(Role::Admin, other, &[]));
        if is_signed {
            for (name, text) in [("uuid", NODE), ("ak", AK), ("sk", SK)] {
                world.call_it(name, text);
            }
            world.done.insert("S01".to_owned());
        }
        world
    }

    fn call_it(&mut self, name: &str, text: &str) {
        self.names.insert(name.to_owned(), text.to_owned());
    }

    /// What this name stands for; what it takes is done before.
    pub fn named(&mut self, name: &str) -> String {
        if !self.names.contains_key(name) {
            match name {
                "uuid" | "ak" | "sk" => self.prepare("S01"),
                "task" | "token" => self.prepare("B20"),
                "other_uuid" => self.register_another(),
                "last_since" => self.call_it("last_since", "0"),
                _ => panic!("nothing is called {name}"),
            }
        }
        self.names[name].clone()
    }

    /// The text with what its names in double braces stand for. The published node is that of the
    /// workspace.
    pub fn fill(&mut self, text: &str) -> String {
        let mut filled = text.to_owned();
        if self.names.get("uuid").is_none_or(|uuid| uuid != NODE) {
            filled = filled.replace(NODE, "{{uuid}}");
        }
        while let Some((before, rest)) = filled.split_once("{{") {
            let (name, behind) = rest.split_once("}}").unwrap();
            filled = format!("{before}{}{behind}", self.named(name));
        }
        filled
    }

    fn register_another(&mut self) {
        let key = self.named("key_a");
        let body = json!({"internal": true, "isp": "i", "country": "c", "keycode": "another"});
        let answer = self.register.request("POST", REGISTER).api_key(&key).json(&body).send();
        let uuid = answer.json()["content"]["regionInfo"]["uuid"].as_str().unwrap().to_owned();
        self.call_it("other_uuid", &uuid);
    }

    /// Does what a case needs before, each thing once.
    fn prepare(&mut self, step: &str) {
        if !self.done.insert(step.to_owned()) {
            return;
        }
        match step {
            "advance clock 301 s" => self.register.pass(TimeDelta::seconds(301)),
            "modify regions to another node" => {
                let mut request = case("B32")["request"].clone();
                request["json"]["regions"] = json!(["{{other_uuid}}"]);
                let answer = self.send(&request);
                assert_eq!(answer.status(), 200, "{answer:?}");
            }
            id if id.starts_with(['S', 'B', 'A']) => {
                let of = case(id);
                self.prepare_all(&of);
                let answer = self.send(&super::requests::resolved(&of));
                self.note(&answer);
                let expected = of["expect"]["status"].as_u64();
                assert_eq!(Some(u64::from(answer.status())), expected, "{id}: {answer:?}");
            }
            other => panic!("say here how to {other}"),
        }
    }

    fn prepare_all(&mut self, of: &Value) {
        for step in of["setup"].as_array().into_iter().flatten() {
            self.prepare(step.as_str().unwrap());
        }
    }

    /// Remembers what an answer tells of a node, a task, or the cursor of a node.
    pub fn note(&mut self, answer: &Answer) {
        let Ok(body) = serde_json::from_str::<Value>(&answer.text) else { return };
        for (name, pointer) in [
            ("uuid", "/content/regionInfo/uuid"),
            ("ak", "/content/ak/ak"),
            ("sk", "/content/ak/sk"),
            ("task", "/content/task/external_id"),
        ] {
            if let Some(text) = body.pointer(pointer).and_then(Value::as_str) {
                self.call_it(name, text);
            }
        }
        // What the agent of the node is told, which has the keys of the fixture.
        if let Some(task) = body.pointer("/content/task/external_id").and_then(Value::as_str)
            && let Some(node) = body.pointer("/content/regions/0").and_then(Value::as_str)
        {
            let token = self.register.result_token(node, task);
            self.call_it("token", &token);
        }
        let classes = body["content"].as_object().into_iter().flat_map(|map| map.values());
        let texts = classes.filter_map(Value::as_array).flatten().filter_map(Value::as_str);
        let tasks = texts.filter_map(|text| serde_json::from_str::<Value>(text).ok());
        if let Some(last) = tasks.filter_map(|task| task["update_time"].as_i64()).max() {
            self.call_it("last_since", &last.to_string());
        }
    }

    /// Does what a case asks for, with all that comes before it, and checks what comes of it.
    pub fn run(mut self, of: &Value) {
        let (request, expected) = (super::requests::resolved(of), &of["expect"]);
        self.prepare_all(of);
        // What a case expects may name things that its own answer makes anew.
        let filled = self.fill(&expected["body"].to_string());
        let times = request["repeat"].as_u64().unwrap_or(1);
        let answers: Vec<_> = (0..times).map(|_| self.send(&request)).collect();
        let at = format!("{} on {}", of["id"], self.register.name);
        for answer in &answers {
            super::checks::check_status(answer, expected, &at);
            check(&mut self, answer, &serde_json::from_str(&filled).unwrap(), &at);
            self.check_hidden(answer, expected, &at);
        }
        if let Some(pointer) = expected["unique_across_calls"].as_str() {
            let again = self.send(&request).json();
            assert_ne!(answers[0].json().pointer(pointer), again.pointer(pointer), "{at}");
        }
        for answer in &answers {
            self.note(answer);
        }
        self.check_then(&request, expected, &at);
    }

    fn check_hidden(&mut self, answer: &Answer, expected: &Value, at: &str) {
        for text in expected["body_not_contains"].as_array().into_iter().flatten() {
            let text = self.fill(text.as_str().unwrap());
            assert!(!answer.text.contains(&text), "{at}: {text} is in {answer:?}");
        }
    }

    fn check_then(&mut self, request: &Value, expected: &Value, at: &str) {
        let pull = json!({
            "method": "GET", "sign": true,
            "path": "/v1/task/pull?region_id={{uuid}}&since=0&variable_since=0",
        });
        let get = json!({"method": "GET", "path": "/api/v1/dialing_task/{{task}}/get"});
        for (request, checks) in [
            (&get, &expected["then"]["get_task"]),
            (&pull, &expected["then"]["pull"]),
            (request, &expected["then_repeat_with_new_since"]),
        ] {
            if !checks.is_null() {
                let answer = self.send(request);
                let checks = self.fill(&checks.to_string());
                check(self, &answer, &serde_json::from_str(&checks).unwrap(), at);
            }
        }
        for hidden in ["stored", "side_effect", "check"] {
            assert!(expected[hidden].is_null(), "{at}: say here how to look at {hidden}");
        }
    }
}

/// The workspace and the node to which the published signatures belong.
fn published(register: &Register) -> EnterpriseId {
    let now = register.app.clock.now();
    let id: EnterpriseId = text(WORKSPACE);
    let enterprise = Enterprise::new(id, text("published"), text(PARENT), now);
    let profile = NodeProfile {
        internal: false,
        isp: text("telecom"),
        country: text("Afghanistan"),
        province: text(""),
        city: text("Shahrak"),
        name: text("test"),
        company: text(""),
        keycode: text("Afghanistan-Shahrak-telecom"),
    };
    let node = Node::new(text(NODE), id, profile, now);
    let done: Result<_, StorageError> = register.app.store.write(move |tx| {
        if tx.find_enterprise(id)?.is_none() {
            tx.insert_enterprise(&enterprise)?;
            let pair = AccessKey { id: text(AK), secret: text(SK) };
            tx.insert_node(&node, &pair)?;
            // By entries servers learn of nodes.
            tx.record(Entry::done(&actor(), now, None, Some(&node)));
        }
        Ok(())
    });
    done.unwrap();
    id
}
