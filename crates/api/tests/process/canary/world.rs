//! A register with secrets everywhere, those who call it, and all that is said to them.

use std::collections::BTreeSet;
use std::time::SystemTime;

use cadastre_domain::node::{ResultToken, SecretKey};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::Value;

use super::secrets::Secrets;
use super::table::dialing::{NEW_MULTI, NEW_NODE, NEW_TASK};
use super::table::nodes::NEW_VARIABLE;
use super::table::{NEW_REGION, Row, Shown};
use crate::certificates::Authority;
use crate::support::{Answer, Call, Ended, Place, Server, id_of, is_token};

/// Those who call: a token of each role, the first token of all, and strangers.
pub const CALLERS: [&str; 11] = [
    "first", "platform", "admin", "operator", "viewer", "team", "revoked", "expired", "rotated",
    "wrong", "nobody",
];

/// A served register.
pub struct World<'a> {
    place: &'a Place,
    call: Call,
    authority: Authority,
    names: Vec<(&'static str, String)>,
    unique: usize,
    /// What must not be seen.
    pub secrets: Secrets,
    /// All that was said, and where, without what was to be shown.
    pub said: Vec<(String, Vec<u8>)>,
    /// Which operations showed whom a secret where.
    pub shown: BTreeSet<(&'static str, &'static str, &'static str)>,
    /// What they showed.
    pub texts_shown: Vec<String>,
}

impl<'a> World<'a> {
    /// The register in this place, whose first token and database password are secrets, too.
    pub fn new(place: &'a Place, server: &Server, first: &str, password: Option<&str>) -> Self {
        let mut world = Self {
            place,
            call: Call::to(server.address),
            authority: Authority::new("ca"),
            names: Vec::new(),
            unique: 0,
            secrets: Secrets::new(),
            said: Vec::new(),
            shown: BTreeSet::new(),
            texts_shown: Vec::new(),
        };
        world.secrets.add("the first token", first);
        world.names.push(("first", first.to_owned()));
        if let Some(password) = password {
            world.secrets.add("the password of the database", password);
        }
        world.note_master_keys();
        world.fill_it();
        world
    }

    /// The keys that are in the key file now.
    pub fn note_master_keys(&mut self) {
        for line in self.place.master_keys() {
            self.secrets.add_master_key(&line);
        }
    }

    fn fill_it(&mut self) {
        let team = self.send("first", "POST", "/openapi/v1/teams", &[], r#"{"tenant_name": "t"}"#);
        self.names.push(("{team}", team.json()["tenant_id"].as_str().unwrap().to_owned()));
        let region = NEW_REGION.replace("r-{unique}", "one");
        let region = self.fill(&region);
        let region = self.send("first", "POST", "/openapi/v1/regions", &[], &region);
        assert_eq!(region.status, 201, "{region:?}");
        let region = region.json();
        for (name, field) in [("{region}", "region_id"), ("{enterprise}", "enterprise_id")] {
            self.names.push((name, region[field].as_str().unwrap().to_owned()));
        }
        self.fill_it_more();
        self.add_nodes_and_tasks();
        for role in ["platform", "admin", "operator", "viewer"] {
            self.add_token(role, &["--role", role]);
        }
        let team = self.fill("{team}");
        self.add_token("team", &["--role", "team", "--team", &team]);
        self.add_token("expired", &["--role", "admin", "--expires", "1ms"]);
        self.add_token("revoked", &["--role", "admin"]);
        let spare = self.add_token("spare", &["--role", "viewer"]);
        self.names.push(("{token}", spare));
        let id = self.add_token("rotated", &["--role", "admin"]);
        self.command_that_shows(&["token", "rotate", &id, "--overlap", "0s"]);
        let id = self.id_of("revoked");
        self.command(&["token", "revoke", &id]);
        let wrong = format!("cad_{}_{}", self.id_of("admin"), self.secrets.plant());
        self.names.push(("wrong", wrong));
    }

    /// A team and a user, and a window that starts and ends long after the test.
    fn fill_it_more(&mut self) {
        for (name, hours) in [("{soon}", 48), ("{later}", 49)] {
            let time = DateTime::<Utc>::from(SystemTime::now()) + TimeDelta::hours(hours);
            self.names.push((name, time.to_rfc3339_opts(SecondsFormat::Secs, true)));
        }
        let window = r#"{"region_id": "{region}", "starts_at": "{soon}", "ends_at": "{later}",
            "owner": "o", "reason": "r"}"#;
        for (name, path, body) in [
            ("{doomed}", "teams", r#"{"alias": "doomed"}"#),
            ("{user}", "users", r#"{"name": "someone"}"#),
            ("{window}", "maintenance", window),
            ("{webhook}", "webhooks", r#"{"name": "w", "url": "http://localhost:1/"}"#),
            ("{variable}", "dial-variables", NEW_VARIABLE),
        ] {
            let body = self.fill(body);
            let made = self.send("first", "POST", &format!("/cadastre/v1/{path}"), &[], &body);
            assert_eq!(made.status, 201, "{made:?}");
            let id = made.header("location").rsplit('/').next().unwrap().to_owned();
            self.names.push((name, id));
        }
    }

    /// A node and two tasks, and where results of tasks go.
    fn add_nodes_and_tasks(&mut self) {
        let mut key_of_node = None;
        for (name, path, body, pointer) in [
            ("{node}", "dialing_region/regist", NEW_NODE, "/content/regionInfo/uuid"),
            ("{spare-node}", "dialing_region/regist", NEW_NODE, "/content/regionInfo/uuid"),
            ("{task}", "dialing_task/add", NEW_TASK, "/content/uuid"),
            ("{multi-task}", "dialing_task/multi_task_add", NEW_MULTI, "/content/uuid"),
        ] {
            let body = self.fill(body);
            let made = self.send("first", "POST", &format!("/api/v1/{path}"), &[], &body);
            assert_eq!(made.status, 200, "{made:?}");
            let body = made.json();
            let text = |pointer| body.pointer(pointer).and_then(Value::as_str);
            self.names.push((name, text(pointer).unwrap().to_owned()));
            if let Some(secret) = text("/content/ak/sk") {
                self.secrets.add("the key of a node", secret);
            }
            let ids = [text("/content/regionInfo/uuid"), text("/content/ak/sk")];
            if let ("{node}", [Some(node), Some(key)]) = (name, ids) {
                key_of_node = Some((node.to_owned(), key.to_owned()));
            }
            if let (Some((node, key)), Some(task)) = (&key_of_node, text("/content/uuid")) {
                let workspace = text("/content/workspaceUUID").unwrap();
                let enterprise = workspace.trim_start_matches("wksp_").parse().unwrap();
                let key = SecretKey::try_from(key.clone()).unwrap();
                let (node, task) = (node.parse().unwrap(), task.parse().unwrap());
                let token = ResultToken::sign(&key, enterprise, &node, task).text();
                let (_, code) = token.reveal().split_at(token.reveal().len() - 32);
                self.secrets.add("the code of a result token", code);
            }
        }
    }

    /// Makes a token and answers its id.
    fn add_token(&mut self, caller: &'static str, options: &[&str]) -> String {
        let arguments = [&["token", "create", "--name", caller], options].concat();
        let token = self.command_that_shows(&arguments);
        self.names.push((caller, token));
        self.id_of(caller)
    }

    /// The id in the text of a caller's token.
    pub fn id_of(&self, caller: &str) -> String {
        id_of(self.token(caller)).to_owned()
    }

    fn token(&self, caller: &str) -> &str {
        let found = self.names.iter().find(|(name, _)| *name == caller);
        found.map_or_else(|| panic!("no {caller}"), |(_, token)| token)
    }

    /// Runs a command that shows no secret.
    pub fn command(&mut self, arguments: &[&str]) -> Ended {
        let ended = self.place.run(arguments);
        let said = format!("{}{}", ended.stdout, ended.stderr).into_bytes();
        self.said.push((arguments.join(" "), said));
        ended
    }

    /// Runs a command that shows a new token, and answers that.
    pub fn command_that_shows(&mut self, arguments: &[&str]) -> String {
        let ended = self.place.run(arguments);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let token = ended.stdout.trim_end().to_owned();
        assert!(is_token(&token), "{ended:?}");
        self.secrets.add("a token", &token);
        self.said.push((arguments.join(" "), ended.stderr.into_bytes()));
        token
    }

    /// The text with everything in its braces replaced.
    pub fn fill(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in self.names.iter().filter(|(name, _)| name.starts_with('{')) {
            text = text.replace(name, value);
        }
        while text.contains("{unique}") {
            self.unique += 1;
            text = text.replacen("{unique}", &self.unique.to_string(), 1);
        }
        for (place, names) in [
            ("{tls}", ["ssl_ca_cert", "cert_file", "key_file"]),
            ("{set}", ["ca", "certificate", "key"]),
        ] {
            if text.contains(place) {
                let client = self.authority.issue("client", &[]);
                self.secrets.add_private_key(&client.key);
                let values = [self.authority.pem(), client.pem, client.key];
                let fields: serde_json::Map<_, _> =
                    names.map(str::to_owned).into_iter().zip(values.map(Value::from)).collect();
                let fields = Value::Object(fields).to_string();
                text = text.replace(place, &fields[1..fields.len() - 1]);
            }
        }
        while text.contains("{secret}") {
            text = text.replacen("{secret}", &self.secrets.plant(), 1);
        }
        text
    }

    /// The header in which this caller says who he is.
    fn key(&self, caller: &str, path: &str) -> Option<(&'static str, String)> {
        if caller == "nobody" {
            return None;
        }
        let token = self.token(caller);
        Some(match path {
            path if path.starts_with("/api/v1/") => ("df-api-key", token.to_owned()),
            path if path.starts_with("/cadastre/") => ("authorization", format!("Bearer {token}")),
            _ => ("authorization", token.to_owned()),
        })
    }

    /// Asks something. A body is JSON unless the headers say otherwise.
    pub fn send(
        &self,
        caller: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let key = self.key(caller, path);
        let key = key.iter().map(|(name, value)| (*name, value.as_str()));
        let headers: Vec<_> = key.chain(headers.iter().copied()).collect();
        self.call.send_text(method, path, &headers, body).unwrap()
    }

    /// Keeps what was answered, without what the row says is shown, which must be there.
    pub fn judge(&mut self, row: &Row, caller: &'static str, asked: &str, answer: &Answer) {
        let at = format!("{} by {caller} ({asked})", row.operation);
        let mut text = answer.text.clone();
        if answer.status < 300 && row.to.contains(&caller) {
            let mut body = answer.json();
            for shown in row.shows {
                let place = body.pointer_mut(shown.pointer());
                let Some(Value::String(secret)) = place.map(Value::take) else {
                    panic!("{at}: {} is not shown", shown.pointer())
                };
                match shown {
                    Shown::New(_) => self.secrets.add(row.operation, &secret),
                    Shown::Planted(_) => assert!(self.secrets.knows(&secret), "{at}: {secret}"),
                }
                self.shown.insert((row.operation, caller, shown.pointer()));
                self.texts_shown.push(secret);
            }
            text = body.to_string();
        }
        self.said.push((at, format!("{}\n{text}", answer.head()).into_bytes()));
    }
}
