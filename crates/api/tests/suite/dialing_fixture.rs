//! A workspace to test the dialing face against: its keys, and shorter words for its calls.

use cadastre_api::error::Error;
use cadastre_domain::node::{NodeContact, Pulls};
use cadastre_domain::role::Role;
use cadastre_domain::token::id_in;
use cadastre_storage::{AuditFilter, AuditRecord, Tx};
use cadastre_testkit::sample::text;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::dialing_cases::REGISTER;
use crate::support::{Answer, Register, registers};

/// Where dial tasks are.
pub const TASKS: &str = "/api/v1/dialing_task";

/// A register with a workspace and another one.
pub struct Desk {
    /// The register.
    pub register: Register,
    /// A key of an admin of the workspace.
    pub admin: String,
    /// A key of an operator of the workspace.
    pub operator: String,
    /// A key of a viewer of the workspace.
    pub viewer: String,
    /// A key of an admin of the other one.
    pub stranger: String,
}

/// One on each database.
pub fn desks() -> impl Iterator<Item = Desk> {
    registers().map(|register| {
        let token = |role| register.token(role, register.enterprise, &[]);
        let (admin, operator) = (token(Role::Admin), token(Role::Operator));
        let viewer = token(Role::Viewer);
        let stranger = register.token(Role::Admin, register.add_enterprise("other"), &[]);
        Desk { register, admin, operator, viewer, stranger }
    })
}

impl Desk {
    /// Asks for something; a null body is none.
    pub fn ask(&self, key: &str, request: &str, body: &Value) -> Answer {
        let (method, path) = request.split_once(' ').unwrap();
        let call = self.register.request(method, path).api_key(key);
        if body.is_null() { call.send() } else { call.json(body).send() }
    }

    /// Asks for something as an admin, who gets it; the content of the answer.
    pub fn done(&self, request: &str, body: &Value) -> Value {
        let answer = self.ask(&self.admin, request, body);
        assert_eq!(answer.status(), 200, "{} {request}: {answer:?}", self.register.name);
        answer.json()["content"].clone()
    }

    /// Checks that a request is refused.
    pub fn refused(&self, key: &str, request: &str, body: &Value, expected: (u16, &str, &str)) {
        let answer = self.ask(key, request, body);
        let (status, code, message) = expected;
        let whole = json!({
            "code": status, "content": {}, "errorCode": code, "message": message,
            "success": false, "traceId": answer.json()["traceId"],
        });
        let at = format!("{} {request} {body}", self.register.name);
        assert_eq!((answer.status(), answer.text.as_str()), (status, &*whole.to_string()), "{at}");
    }

    /// Registers a node with this keycode, for the owner of a key; its identifier.
    pub fn node_of(&self, key: &str, keycode: &str) -> String {
        let body = json!({"internal": true, "isp": "i", "country": "c", "keycode": keycode});
        let answer = self.ask(key, &format!("POST {REGISTER}"), &body);
        assert_eq!(answer.status(), 200, "{answer:?}");
        answer.json()["content"]["regionInfo"]["uuid"].as_str().unwrap().to_owned()
    }

    /// Registers a node with this keycode; its identifier.
    pub fn node(&self, keycode: &str) -> String {
        self.node_of(&self.admin, keycode)
    }

    /// Adds a task on these nodes; its identifier.
    pub fn task(&self, name: &str, nodes: &[&str]) -> String {
        let added = self.done(&format!("POST {TASKS}/add"), &http(name, nodes));
        added["uuid"].as_str().unwrap().to_owned()
    }

    /// A task as its row shows it to an admin.
    pub fn row(&self, task: &str) -> Value {
        self.done(&format!("GET {TASKS}/{task}/get"), &Value::Null)
    }

    /// A node pulled so long ago.
    pub fn pulled(&self, node: &str, ago: TimeDelta) {
        let accepted_at = Some(self.register.app.clock.now() - ago);
        let pulls = Pulls { accepted_at, ..Pulls::default() };
        let contact = NodeContact { node_id: text(node), pulls, date: None };
        self.write(move |tx| Ok(tx.note_contacts(std::slice::from_ref(&contact))?));
    }

    /// What the database answers.
    pub fn read<T>(&self, work: impl Fn(&mut dyn Tx) -> Result<T, Error>) -> T {
        self.register.app.store.read(work).unwrap()
    }

    /// Changes the database without the register.
    pub fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    ) -> T {
        self.register.app.store.write(work).unwrap()
    }

    /// What a node would be told from the beginning: the identifiers of tasks, whether they are
    /// tombstones, and when they changed for it.
    pub fn told(&self, node: &str) -> Vec<(String, bool, i64)> {
        let found = self.read(|tx| Ok(tx.deliveries(&text(node), 0, 100)?)).into_iter();
        found.map(|d| (d.task.to_string(), d.is_tombstone, d.update_time)).collect()
    }

    /// The entries of an operation, the latest first.
    pub fn entries(&self, operation: &str) -> Vec<AuditRecord> {
        let operation = Some(operation.to_owned());
        let filter =
            AuditFilter { operation, outcome: Some("done".to_owned()), ..AuditFilter::default() };
        self.read(|tx| Ok(tx.list_audit(&filter, 1000)?))
    }

    /// The owner of a key as this face names him: half of the enterprise, and his number.
    pub fn account(&self, key: &str) -> String {
        let token = id_in(key).unwrap();
        let user = self.read(|tx| Ok(tx.find_token(token)?)).unwrap().caller.user_id;
        format!("acnt_{}{:016x}", &self.register.enterprise.to_string()[..16], user.0)
    }

    /// The time of the register.
    pub fn now(&self) -> DateTime<Utc> {
        self.register.app.clock.now()
    }
}

/// A body that adds a task of the class HTTP.
pub fn http(name: &str, nodes: &[&str]) -> Value {
    json!({"type": "http", "regions": nodes, "task": {
        "name": name, "frequency": "1m", "method": "GET", "url": "https://example.com",
        "success_when": [{"status_code": [{"is": "200"}]}],
    }})
}
