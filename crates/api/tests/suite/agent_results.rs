//! What agents post: `POST …/v1/write/logging`, and what becomes of it.

mod bodies;
mod bounds;
mod cases;
mod course;
mod lists;
mod owners;
mod shares;
mod tokens;

use actix_web::rt::System;
use cadastre_api::config::{ResultsOptions, ServeOptions};
use cadastre_api::error::Error;
use cadastre_api::service::results;
use cadastre_domain::id::{EnterpriseId, TaskId};
use cadastre_domain::node::{AccessKey, Node};
use cadastre_domain::role::Role;
use cadastre_domain::task::Task;
use cadastre_testkit::sample::{self, hex, text};
use serde_json::Value;

use crate::support::{Answer, Call, Register, registers_with};

/// A register with a node that dials a task.
pub struct World {
    /// The register.
    pub register: Register,
    /// The token that all nodes of the default enterprise shared before each delivery had its own.
    pub token: String,
    /// The key of somebody who reads.
    viewer: String,
}

/// The node.
pub const NODE: &str = "reg_cg2britepb7e977fpm8g";
/// A node of another enterprise.
const FOREIGN_NODE: &str = "reg_cg2britepb7e977fpm90";

/// The task of the node.
pub fn task() -> TaskId {
    hex(70).into()
}

/// The task of [`FOREIGN_NODE`].
fn foreign_task() -> TaskId {
    hex(71).into()
}

fn add(register: &Register, enterprise: EnterpriseId, node: &str, task: TaskId) {
    let node = Node { id: text(node), enterprise_id: enterprise, ..sample::node() };
    insert(register, node, "a", task);
}

/// Adds a node of the default enterprise with this letter in its key, and a task of it.
fn add_with(register: &Register, node: &str, letter: &str, task: TaskId) {
    let mut node = Node { id: text(node), enterprise_id: register.enterprise, ..sample::node() };
    node.profile.keycode = text(letter);
    insert(register, node, letter, task);
}

fn insert(register: &Register, node: Node, letter: &str, task: TaskId) {
    let enterprise = node.enterprise_id;
    let task = Task {
        id: task,
        enterprise_id: enterprise,
        nodes: vec![node.id.clone()],
        ..sample::task()
    };
    let key = if node.id == sample::node().id { sample::access_key() } else { another_key(letter) };
    let added: Result<_, Error> = register.app.store.write(move |tx| {
        tx.insert_node(&node, &key)?;
        tx.insert_task(&task)?;
        Ok(())
    });
    added.unwrap();
}

/// A key pair of this letter.
fn another_key(letter: &str) -> AccessKey {
    AccessKey { id: text(&letter.repeat(20)), secret: text(&letter.repeat(40)) }
}

/// One world on each database.
pub fn worlds() -> impl Iterator<Item = World> {
    worlds_with(|_| {})
}

/// One world on each database, which keeps points for two hours, with other settings of results.
fn worlds_with(settings: impl Fn(&mut ResultsOptions)) -> impl Iterator<Item = World> {
    let settings = move |options: &mut ServeOptions| {
        options.results.results_keep = Some("2h".to_owned());
        settings(&mut options.results);
    };
    registers_with(settings).map(World::new)
}

impl World {
    fn new(register: Register) -> Self {
        add(&register, register.enterprise, NODE, task());
        let foreign = register.add_enterprise("Foreign");
        add(&register, foreign, FOREIGN_NODE, foreign_task());
        let token = register.shared_result_token(register.enterprise);
        let viewer = register.token(Role::Viewer, register.enterprise, &[]);
        Self { register, token, viewer }
    }

    /// The path under which the node posts.
    pub fn path(&self) -> String {
        let (task, token) = (task(), self.register.result_token(NODE, &task().to_string()));
        format!("/dial/{NODE}/{task}/v1/write/logging?token={token}")
    }

    /// The path under which a node posted before each delivery had a token of its own.
    fn path_of(&self, node: &str, task: TaskId) -> String {
        format!("/dial/{node}/{task}/v1/write/logging?token={}", self.token)
    }

    fn call(&self, path: &str, body: impl Into<Vec<u8>>) -> Call {
        self.register.request("POST", path).body("application/line-protocol", body)
    }

    /// Posts a body by the path of the node, which must be taken.
    pub fn post(&self, body: &str) {
        let answer = self.call(&self.path(), body).send();
        assert_eq!((answer.status(), answer.text.as_str()), (204, ""), "{answer:?}");
    }

    /// Asks as somebody who may only read.
    fn get(&self, path: &str) -> Answer {
        self.register.request("GET", path).key(&self.viewer).send()
    }

    /// All results that there are.
    pub fn results(&self, query: &str) -> Vec<Value> {
        let answer = self.get(&format!("/cadastre/v1/results?{query}"));
        assert_eq!(answer.status(), 200, "{} {answer:?}", self.register.name);
        answer.json()["items"].as_array().unwrap().clone()
    }

    fn rollups(&self, query: &str) -> Vec<Value> {
        let answer = self.get(&format!("/cadastre/v1/results/rollups?{query}"));
        assert_eq!(answer.status(), 200, "{} {answer:?}", self.register.name);
        answer.json()["items"].as_array().unwrap().clone()
    }

    /// Rolls everything up; how much that was.
    fn roll_up(&self) -> usize {
        let app = self.register.app.clone();
        let now = app.clock.now();
        System::new().block_on(async move { results::roll_up_all(&app, now).await }).unwrap()
    }

    /// Forgets what need not be kept; how much that was.
    fn forget(&self) -> usize {
        let app = self.register.app.clone();
        let now = app.clock.now();
        System::new().block_on(async move { results::forget(&app, now).await }).unwrap().count
    }
}

/// The line of an HTTP dial of this outcome and time in microseconds, so many seconds after the
/// tests take place.
fn line(second: i64, status: &str, micros: i64) -> String {
    let at = 1_795_334_815_298_602_000_i64 + second * 1_000_000_000;
    format!("http_dial_testing,name=a,status={status} response_time={micros}i {at}\n")
}

/// Only these fields of each.
fn of(items: &[Value], fields: &[&str]) -> Value {
    let cut = |item: &Value| fields.iter().map(|field| item[field].clone()).collect::<Value>();
    items.iter().map(cut).collect::<Vec<_>>().into()
}
