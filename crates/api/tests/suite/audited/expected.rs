//! What is told of each change that stands in the table of rights.

pub mod fields;
mod nodes;

use serde_json::Value;

use crate::rainbond_fixture::Fixture;
use crate::rights::table::{Row, Whose};
use crate::support::Answer;
use fields::{
    CHANGED, DELETED_NODE, NODE, OPENING, REGION, REVERTED, TASK, TASK_OF_WATCH, TEAM, TOKEN,
    WATCH, WEBHOOK, WINDOW,
};

/// What an entry tells of a change.
#[derive(Clone)]
pub struct Told {
    /// The kind of thing.
    pub kind: &'static str,
    /// Its identifier.
    pub id: String,
    /// The enterprise to which it belongs.
    pub enterprise: String,
    /// The names of the fields that changed.
    pub fields: Vec<&'static str>,
    /// The names of the secrets that the caller was shown, separated by commas.
    pub revealed: &'static str,
    /// Whether it is told only when it happens for the first time.
    pub once: bool,
}

impl Told {
    /// Told only when it happens for the first time: then all is as it was asked for.
    fn once(self) -> Self {
        Self { once: true, ..self }
    }

    fn revealing(self, revealed: &'static str) -> Self {
        Self { revealed, ..self }
    }
}

/// A request that was answered.
struct Asked<'a> {
    fixture: &'a Fixture,
    row: &'a Row,
    path: String,
    body: Value,
    answer: &'a Answer,
}

/// The entries that a change leaves which was asked for as in this row and was made.
pub fn told(fixture: &Fixture, caller: &str, row: &Row, answer: &Answer) -> Vec<Told> {
    let fill = |text: &str| fixture.fill(&text.replace("{caller}", caller));
    let body = serde_json::from_str(&fill(row.body)).unwrap_or_default();
    let asked = Asked { fixture, row, path: fill(row.request), body, answer };
    if row.what == "dry run" {
        return Vec::new();
    }
    let found = asked.of_regions().or_else(|| asked.of_history()).or_else(|| asked.of_teams());
    let found = found.or_else(|| asked.of_watches()).or_else(|| asked.of_nodes());
    let found = found.or_else(|| asked.of_native_nodes());
    let found = found.or_else(|| asked.of_tokens_and_others()).or_else(|| asked.of_webhooks());
    found.unwrap_or_else(|| panic!("say here what {} leaves", row.operation))
}

impl Asked<'_> {
    fn of_regions(&self) -> Option<Vec<Told>> {
        Some(match self.row.operation {
            "create_region" | "create_managed_region" => {
                vec![self.about("region", self.made("/region_id"), &REGION)]
            }
            "register_region" => vec![self.about("region", self.made("/id"), &REGION)],
            "update_region" => vec![self.about("region", self.part(5), &CHANGED)],
            "edit_region" => vec![self.about("region", self.part(4), &["description"])],
            "readdress_region" => {
                let region = self.named("region_name").unwrap();
                vec![self.about("region", region, &["http_domain"])]
            }
            "delete_managed_region" => vec![self.about("region", self.part(5), &REGION)],
            // Those of the table are enabled already; and they are not deleted, as they are.
            "switch_region" | "change_region_status" => Vec::new(),
            _ => return None,
        })
    }

    fn of_history(&self) -> Option<Vec<Told>> {
        Some(match self.row.operation {
            "change_region_credentials" => vec![self.about("region", self.part(4), &["token"])],
            "revert_region" => vec![self.about("region", self.part(4), &REVERTED).once()],
            "plan_maintenance_window" => {
                vec![self.about("maintenance_window", self.made("/id"), &WINDOW)]
            }
            "change_maintenance_window" => {
                vec![self.about("maintenance_window", self.part(4), &["ends_at"]).once()]
            }
            "cancel_maintenance_window" => {
                vec![self.about("maintenance_window", self.part(4), &["state"])]
            }
            _ => return None,
        })
    }

    fn of_teams(&self) -> Option<Vec<Told>> {
        Some(match self.row.operation {
            "create_team" => {
                let team = self.made("/tenant_id");
                let opening = self.named("region").map(|region| self.opening(&team, &region));
                [self.about("team", team, &TEAM)].into_iter().chain(opening).collect()
            }
            "add_team" => vec![self.about("team", self.made("/id"), &TEAM)],
            "update_team" | "edit_team" => vec![self.about("team", self.part(4), &["alias"])],
            "delete_team" | "remove_team" => vec![self.about("team", self.part(4), &TEAM)],
            "open_region" => {
                let region = self.named("region").unwrap();
                vec![self.opening(&self.part(4), &region).once()]
            }
            "close_region" => {
                let region = self.fixture.fill(&format!("{{{}}}", self.part(6)));
                vec![self.opening(&self.part(4), &region)]
            }
            "create_opening" => {
                let region = self.body["region_id"].as_str().unwrap();
                vec![self.opening(&self.part(4), region).once()]
            }
            "change_opening" => {
                let opening = self.opening(&self.part(4), &self.part(6));
                vec![Told { fields: vec!["quota_memory_mb"], ..opening }.once()]
            }
            "close_opening" => vec![self.opening(&self.part(4), &self.part(6))],
            _ => return None,
        })
    }

    fn of_watches(&self) -> Option<Vec<Told>> {
        let watch = |fields| vec![self.about("region_watch", self.part(4), fields)];
        Some(match self.row.operation {
            "watch_region" | "unwatch_region" => {
                [watch(&WATCH), self.tasks_of_watch(&TASK_OF_WATCH)].concat()
            }
            "change_watch" => {
                let all = [watch(&["frequency"]), self.tasks_of_watch(&["schedule", "content"])];
                all.concat().into_iter().map(Told::once).collect()
            }
            _ => return None,
        })
    }

    /// What is told of the tasks of a watch, be it there or gone.
    fn tasks_of_watch(&self, fields: &[&'static str]) -> Vec<Told> {
        let register = &self.fixture.register;
        let own = format!("region_id = '{}' ORDER BY number", self.part(4));
        let sql = format!("SELECT id AS value FROM dial_tasks WHERE {own}");
        let own = cadastre_testkit::raw::column(&register.database, &sql).into_iter();
        own.map(|task| self.about("dial_task", task, fields)).collect()
    }

    fn of_nodes(&self) -> Option<Vec<Told>> {
        // Tokens of results are told to nodes alone. Who is shown no other mask is shown passwords.
        let text = self.answer.text.replace("tkn_***", "");
        let listed = || self.body["taskUUIDs"][0].as_str().unwrap().to_owned();
        Some(match self.row.operation {
            "register_node" => {
                let node = self.about("node", self.made("/content/regionInfo/uuid"), &NODE);
                vec![node.revealing("sk")]
            }
            "get_dialing_node" => {
                let is_shown = !self.made("/content/ak/sk").is_empty();
                let told = || self.about("node", self.part(4), &[]).revealing("sk");
                is_shown.then(told).into_iter().collect()
            }
            "modify_dialing_node" => vec![self.about("node", self.part(4), &["name"])],
            "delete_dialing_node" | "delete_dialing_node_by_get" => {
                vec![self.about("node", self.part(4), &DELETED_NODE)]
            }
            "add_dial_task" | "add_multi_dial_task" => {
                vec![self.about("dial_task", self.made("/content/uuid"), &TASK)]
            }
            "get_dial_task" => {
                let told = || self.about("dial_task", self.part(4), &[]);
                let is_shown = !text.contains("***");
                is_shown.then(|| told().revealing("content")).into_iter().collect()
            }
            "modify_dial_task" | "modify_multi_dial_task" => {
                vec![self.about("dial_task", self.part(4), &["name", "content"])]
            }
            "disable_dial_tasks" => {
                vec![self.about("dial_task", listed(), &["status", "content"]).once()]
            }
            "delete_dial_tasks" => vec![self.about("dial_task", listed(), &TASK)],
            _ => return None,
        })
    }

    fn of_tokens_and_others(&self) -> Option<Vec<Told>> {
        Some(match self.row.operation {
            "create_enterprise" => {
                let id = self.made("/id");
                let enterprise = self.about("enterprise", id.clone(), &["name"]);
                vec![Told { enterprise: id, ..enterprise }]
            }
            "rename_enterprise" => vec![self.about("enterprise", self.part(4), &["name"])],
            "create_user" => vec![self.about("user", self.made("/id"), &["name"])],
            "rename_user" => vec![self.about("user", self.part(4), &["name"])],
            "create_token" => {
                vec![self.about("token", self.made("/id"), &TOKEN).revealing("secret")]
            }
            "rotate_token" => {
                let token = self.about("token", self.part(4), &["overlap_ends_at", "secret"]);
                vec![token.revealing("secret")]
            }
            "revoke_token" => vec![self.about("token", self.part(4), &["revoked_at"]).once()],
            _ => return None,
        })
    }

    fn of_webhooks(&self) -> Option<Vec<Told>> {
        Some(match self.row.operation {
            "create_webhook" => {
                let fields = [&WEBHOOK[..], &["secret"]].concat();
                vec![self.about("webhook", self.made("/id"), &fields).revealing("secret")]
            }
            "change_webhook" => vec![self.about("webhook", self.part(4), &["name"])],
            "rotate_webhook" => {
                vec![self.about("webhook", self.part(4), &["secret"]).revealing("secret")]
            }
            "test_webhook" => vec![self.about("webhook", self.part(4), &[])],
            "delete_webhook" => vec![self.about("webhook", self.part(4), &WEBHOOK)],
            "replay_webhook_delivery" => {
                vec![self.about("webhook_delivery", self.part(6), &[])]
            }
            _ => return None,
        })
    }

    /// What stands in the answer.
    fn made(&self, pointer: &str) -> String {
        let body = self.answer.json();
        let value = body.pointer(pointer).unwrap_or_else(|| panic!("{pointer}: {body}"));
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    }

    /// A part of the path.
    fn part(&self, number: usize) -> String {
        self.path.split('/').nth(number).unwrap().to_owned()
    }

    /// The region that a field of the body names, by its identifier.
    fn named(&self, field: &str) -> Option<String> {
        self.body[field].as_str().map(|name| self.fixture.fill(&format!("{{{name}}}")))
    }

    fn about(&self, kind: &'static str, id: String, fields: &[&'static str]) -> Told {
        let foreign = self.row.whose == Whose::Foreign;
        let enterprise = self.fixture.fill(if foreign { "{E2}" } else { "{E1}" });
        Told { kind, id, enterprise, fields: fields.to_vec(), revealed: "", once: false }
    }

    fn opening(&self, team: &str, region: &str) -> Told {
        self.about("opening", format!("{team}/{region}"), &OPENING)
    }
}
