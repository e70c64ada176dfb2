//! The fixture of the rainbond tests: two enterprises, five keys, six regions and a team.
//!
//! Tests call its things by names in braces, as `{KA}` or `{r1}`, which [`Fixture::fill`] replaces.

use std::fmt::Debug;
use std::str::FromStr;

use cadastre_api::error::Error;
use cadastre_domain::region::RegionDetail;
use cadastre_domain::role::Role;
use cadastre_storage::{AuditFilter, AuditRecord, Tx};
use serde_json::{Value, json};

use crate::material::MATERIAL;
use crate::support::{Answer, Call, Register, registers};

/// The path of the regions.
pub const REGIONS: &str = "/openapi/v1/regions";

/// Where the regions of the fixture seem to be; nobody looks unless clusters are called.
pub const SOMEWHERE: &str = "https://127.0.0.1:18080";

/// A register and what is in it.
pub struct Fixture {
    /// The register.
    pub register: Register,
    names: Vec<(String, String)>,
}

/// The whole fixture on each database.
pub fn fixtures() -> impl Iterator<Item = Fixture> {
    registers().map(|register| Fixture::new(register, SOMEWHERE))
}

/// The keys alone, without any region, on each database.
pub fn bare_fixtures() -> impl Iterator<Item = Fixture> {
    registers().map(|register| Fixture::bare(register, SOMEWHERE))
}

impl Fixture {
    /// The enterprises `{E1}` (the default one) and `{E2}`, and the keys: `{KA}` an admin's, `{KP}`
    /// of a team token without a team, `{KX}` an admin's that has expired, `{KO}` an admin's of
    /// `{E2}`, `{MK}` of the platform.
    pub fn bare(register: Register, url: &str) -> Self {
        let (own, other) = (register.enterprise, register.add_enterprise("other"));
        let names = vec![
            ("{E1}".to_owned(), own.to_string()),
            ("{E2}".to_owned(), other.to_string()),
            ("{KA}".to_owned(), register.token(Role::Admin, own, &[])),
            ("{KP}".to_owned(), register.token(Role::Team, own, &[])),
            ("{KX}".to_owned(), register.expired_token(Role::Admin)),
            ("{KO}".to_owned(), register.token(Role::Admin, other, &[])),
            ("{MK}".to_owned(), register.token(Role::Platform, own, &[])),
            ("{url}".to_owned(), url.to_owned()),
        ];
        Self { register, names }
    }

    /// All of it: `{r0}` to `{r3}`, each in the status of its number, `{pub}`, which is public, and
    /// `{foreign}` of the other enterprise; and the team `{T}`, by its name `{T-name}`.
    pub fn new(register: Register, url: &str) -> Self {
        let mut fixture = Self::bare(register, url);
        for (name, status) in [("r0", 0), ("r1", 1), ("r2", 2), ("r3", 3)] {
            fixture.add_region("{KA}", name, &json!({"status": status}));
        }
        fixture.add_region("{KA}", "pub", &json!({"scope": "public"}));
        fixture.add_region("{KO}", "foreign", &json!({"enterprise_id": "{E2}"}));
        fixture.add_team("{KA}", "T");
        fixture
    }

    /// Adds a region of this name, called the same in braces, with these changes to [`full`].
    pub fn add_region(&mut self, key: &str, name: &str, changes: &Value) {
        let body = with(with(full(), &json!({"region_name": name})), changes);
        let added = self.send(key, &format!("POST {REGIONS}"), &body);
        assert_eq!(added.status(), 201, "{}: {added:?}", self.register.name);
        self.call_it(name, &added.json()["region_id"]);
    }

    /// Creates a team with the alias `myteam`, called `name` in braces.
    pub fn add_team(&mut self, key: &str, name: &str) {
        let made = self.send(key, "POST /openapi/v1/teams", &json!({"tenant_name": "myteam"}));
        assert_eq!(made.status(), 201, "{}: {made:?}", self.register.name);
        self.call_it(name, &made.json()["tenant_id"]);
        self.call_it(&format!("{name}-name"), &made.json()["tenant_name"]);
    }

    /// Makes a token of an enterprise and its teams, called `name` in braces.
    pub fn add_token(&mut self, name: &str, role: Role, enterprise: &str, teams: &[&str]) {
        let teams = teams.iter().map(|team| self.id(team)).collect::<Vec<_>>();
        let text = self.register.token(role, self.id(enterprise), &teams);
        self.call_it(name, &text.into());
    }

    /// Forgets what is called so, and answers it.
    pub fn forget(&mut self, name: &str) -> String {
        let name = format!("{{{name}}}");
        let place = self.names.iter().position(|(known, _)| *known == name).unwrap();
        self.names.remove(place).1
    }

    /// Calls a value `name` in braces from now on.
    pub fn call_it(&mut self, name: &str, value: &Value) {
        self.names.push((format!("{{{name}}}"), value.as_str().unwrap().to_owned()));
    }

    /// The text with all names replaced.
    pub fn fill(&self, text: &str) -> String {
        let replaced = |text: String, (name, value): &(String, String)| text.replace(name, value);
        self.names.iter().fold(text.to_owned(), replaced)
    }

    /// The identifier that is called so.
    pub fn id<T: FromStr<Err: Debug>>(&self, name: &str) -> T {
        self.fill(name).parse().unwrap()
    }

    /// The beginning of a call with this key; no header for an empty one.
    pub fn call(&self, key: &str, request: &str) -> Call {
        let request = self.fill(request);
        let (method, path) = request.split_once(' ').unwrap();
        let call = self.register.request(method, path);
        if key.is_empty() { call } else { call.key(&self.fill(key)) }
    }

    /// Calls without a body.
    pub fn get(&self, key: &str, request: &str) -> Answer {
        self.call(key, request).send()
    }

    /// Calls with a JSON body, whose names are replaced.
    pub fn send(&self, key: &str, request: &str, body: &Value) -> Answer {
        let body = self.fill(&body.to_string());
        self.call(key, request).body("application/json", body).send()
    }

    /// What the database answers.
    pub fn read<T>(&self, work: impl Fn(&mut dyn Tx) -> Result<T, Error>) -> T {
        self.register.app.store.read(work).unwrap()
    }

    /// A region as it is stored.
    pub fn stored(&self, region: &str) -> RegionDetail {
        let id = self.id(region);
        self.read(|tx| Ok(tx.find_region_detail(id)?)).unwrap()
    }

    /// Whether a region is open for a team.
    pub fn is_open(&self, team: &str, region: &str) -> bool {
        let (team, region) = (self.id(team), self.id(region));
        self.read(|tx| Ok(tx.is_open(team, region)?))
    }

    /// What the audit tells of an operation, the latest first.
    pub fn entries(&self, operation: &str) -> Vec<AuditRecord> {
        let operation = Some(operation.to_owned());
        let filter = AuditFilter { operation, ..AuditFilter::default() };
        self.read(|tx| Ok(tx.list_audit(&filter, 100)?))
    }

    /// What was done in an operation, as the audit tells it: kind and identifier of each thing, the
    /// first first.
    pub fn done(&self, operation: &str) -> Vec<(String, String)> {
        let filter = AuditFilter {
            operation: Some(operation.to_owned()),
            outcome: Some("done".to_owned()),
            ..AuditFilter::default()
        };
        let entries = self.read(|tx| Ok(tx.list_audit(&filter, 100)?));
        let things = entries.into_iter().rev();
        things.map(|entry| (entry.object_kind.unwrap(), entry.object_id.unwrap())).collect()
    }

    /// The names of the regions that a key lists.
    pub fn listed(&self, key: &str) -> Vec<String> {
        let listed = self.get(key, &format!("GET {REGIONS}"));
        assert_eq!(listed.status(), 200, "{}: {listed:?}", self.register.name);
        let name = |row: &Value| row["region_name"].as_str().unwrap().to_owned();
        listed.json().as_array().unwrap().iter().map(name).collect()
    }
}

/// A body that adds a region, with every field.
pub fn full() -> Value {
    json!({
        "region_id": "x", "region_name": "new1", "region_alias": "a", "url": "{url}",
        "wsurl": "ws://127.0.0.1:6060", "httpdomain": "h.example.com", "tcpdomain": "1.2.3.4",
        "scope": "private", "status": 1, "desc": "d", "ssl_ca_cert": "", "cert_file": "",
        "key_file": "", "enterprise_id": "{E1}",
    })
}

/// A body that changes a region, with every field; the status is that of `{r1}`.
pub fn change() -> Value {
    let change = json!({
        "region_alias": "New", "url": "https://new.example.com", "token": "tk",
        "wsurl": "ws://1.1.1.1", "httpdomain": "n.x", "tcpdomain": "9.9.9.9", "scope": "public",
        "ssl_ca_cert": null, "cert_file": null, "key_file": null, "status": "1", "desc": "newd",
    });
    with(change, &MATERIAL)
}

/// `body`, with these fields instead or besides.
pub fn with(mut body: Value, changes: &Value) -> Value {
    for (field, value) in changes.as_object().unwrap() {
        body[field] = value.clone();
    }
    body
}

/// `body`, without these fields.
pub fn without(mut body: Value, fields: &[&str]) -> Value {
    body.as_object_mut().unwrap().retain(|field, _| !fields.contains(&field.as_str()));
    body
}

/// `body` without the fields that may be left out of a change.
pub fn required(body: Value) -> Value {
    let optional = ["token", "scope", "ssl_ca_cert", "cert_file", "key_file", "desc"];
    without(body, &optional)
}

/// The text of a refusal of shape A: wrong fields.
pub fn wrong(fields: &Value) -> String {
    let body = json!({
        "detail": "参数错误", "err": fields, "code": 20400, "error_type": "ValidationError",
    });
    body.to_string()
}

/// The text of a refusal of shape C: a code, and what is said in English and in Chinese.
pub fn refusal((code, msg, msg_show): (i64, &str, &str)) -> String {
    let data = json!({"bean": {}, "list": []});
    json!({"code": code, "msg": msg, "msg_show": msg_show, "data": data}).to_string()
}

/// The fields that an answer calls wrong, in its order; none when it is no such answer.
pub fn wrong_fields(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let fields = body["err"].as_object().map(|fields| fields.keys().cloned().collect());
    fields.unwrap_or_default()
}

/// The keys of an object, in its order.
pub fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}
