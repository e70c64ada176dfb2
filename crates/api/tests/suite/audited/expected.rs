//! What is told of each change that stands in the table of rights.

use crate::rainbond_fixture::Fixture;
use crate::rights::table::Row;
use crate::support::Answer;
use serde_json::Value;

/// What an entry tells of a change.
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

/// The entries that a change leaves which was asked for as in this row and was made.
pub fn told(fixture: &Fixture, row: &Row, answer: &Answer) -> Vec<Told> {
    let made = |pointer: &str| {
        let body = answer.json();
        let value = body.pointer(pointer).unwrap_or_else(|| panic!("{pointer}: {answer:?}"));
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    };
    let path = fixture.fill(row.request);
    let part = |number: usize| path.split('/').nth(number).unwrap().to_owned();
    let about = |kind, id: String, fields: &[&'static str]| {
        let enterprise = enterprise_of(fixture, kind, &id);
        Told { kind, id, enterprise, fields: fields.to_vec(), revealed: "", once: false }
    };
    let opened = |team: String| {
        let id = format!("{team}/{}", region(fixture, row).unwrap());
        let enterprise = enterprise_of(fixture, "team", &team);
        Told { enterprise, once: true, ..about("opening", id, &["team_id", "region_id"]) }
    };
    match row.operation {
        "create_region" => vec![about("region", made("/region_id"), &REGION)],
        "update_region" => vec![about("region", part(5), &CHANGED)],
        "create_team" => {
            let team = about("team", made("/tenant_id"), &TEAM);
            let opening = region(fixture, row).map(|_| opened(made("/tenant_id")));
            [team].into_iter().chain(opening).collect()
        }
        "open_region" => vec![opened(part(4))],
        "register_node" => {
            let node = about("node", made("/content/regionInfo/uuid"), &NODE);
            vec![Told { revealed: "sk", ..node }]
        }
        "create_user" => vec![about("user", made("/id"), &["name"])],
        "create_token" => {
            vec![Told { revealed: "secret", ..about("token", made("/id"), &TOKEN) }]
        }
        "rotate_token" => {
            let token = about("token", part(4), &["overlap_ends_at"]);
            vec![Told { revealed: "secret", ..token }]
        }
        "revoke_token" => vec![Told { once: true, ..about("token", part(4), &["revoked_at"]) }],
        other => panic!("say here what {other} leaves"),
    }
}

/// The region that a body names, by its identifier.
fn region(fixture: &Fixture, row: &Row) -> Option<String> {
    let body: Value = serde_json::from_str(row.body).unwrap();
    body["region"].as_str().map(|name| fixture.fill(&format!("{{{name}}}")))
}

/// The enterprise to which a thing belongs, as it is stored.
fn enterprise_of(fixture: &Fixture, kind: &str, id: &str) -> String {
    let found = fixture.read(|tx| {
        Ok(match kind {
            "region" => tx.find_region_detail(id.parse().unwrap())?.map(|d| d.region.enterprise_id),
            "team" => tx.find_team(id.parse().unwrap())?.map(|team| team.enterprise_id),
            "token" => tx.find_token(id.parse().unwrap())?.map(|token| token.caller.enterprise_id),
            "user" => {
                let number = cadastre_domain::user::UserId(id.parse().unwrap());
                tx.find_user(number)?.map(|user| user.enterprise_id)
            }
            // Nodes are registered in the callers' enterprise; openings belong to their team.
            _ => Some(fixture.register.enterprise),
        })
    });
    found.unwrap_or_else(|| panic!("{kind} {id} is not stored")).to_string()
}

/// The fields of a region that has no credentials; a description is told even when it is empty.
const REGION: [&str; 9] = [
    "name",
    "alias",
    "api_url",
    "websocket_url",
    "http_domain",
    "tcp_address",
    "scope",
    "status",
    "description",
];

/// What the table changes of a region.
const CHANGED: [&str; 3] = ["api_url", "websocket_url", "http_domain"];

const TEAM: [&str; 5] = ["name", "alias", "namespace", "is_active", "limit_memory"];

const NODE: [&str; 10] =
    ["internal", "isp", "country", "province", "city", "name", "company", "keycode", "ak", "sk"];

/// The fields of a token that does not expire.
const TOKEN: [&str; 6] = ["name", "note", "role", "user_id", "enterprise_id", "teams"];
