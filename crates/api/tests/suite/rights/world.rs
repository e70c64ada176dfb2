//! The register of the table: two enterprises with everything in them, and all who call.

mod nodes;

use cadastre_domain::role::Role;
use cadastre_domain::token::id_in;
use cadastre_storage::{StorageError, UserFilter};
use serde_json::json;

use super::table::{CALLERS, Row};
use crate::alarms_scene::{add_webhook, plant};
use crate::native_maintenance::{plan_by, window};
use crate::rainbond_fixture::{Fixture, SOMEWHERE};
use crate::support::{Answer, Register};

/// Beside what is in [`Fixture`]: the callers; in `{E1}` the team `{V}` and the tokens `{token}` and
/// `{token-of-platform}`; in `{E2}` the team `{U}` and the token `{token-of-E2}`; in both a team for
/// each caller; and `{unknown}`, which identifies nothing.
pub fn world(register: Register) -> Fixture {
    let mut fixture = Fixture::new(register, SOMEWHERE);
    fixture.add_team("{KA}", "V");
    fixture.add_team("{KO}", "U");
    add_to_natives(&mut fixture);
    for (name, role, teams) in [
        ("platform", Role::Platform, &[][..]),
        ("admin", Role::Admin, &[]),
        ("operator", Role::Operator, &[]),
        ("viewer", Role::Viewer, &[]),
        ("team", Role::Team, &["{T}"]),
        ("lone", Role::Team, &[]),
        ("revoked", Role::Admin, &[]),
    ] {
        fixture.add_token(name, role, "{E1}", teams);
    }
    let expired = fixture.fill("{KX}");
    fixture.call_it("expired", &json!(expired));
    revoke(&fixture, "{revoked}");
    for (name, role, enterprise) in [
        ("token", Role::Operator, "{E1}"),
        ("token-of-platform", Role::Platform, "{E1}"),
        ("token-of-E2", Role::Operator, "{E2}"),
    ] {
        fixture.add_token("made", role, enterprise, &[]);
        let id = id_in(&fixture.forget("made")).unwrap();
        fixture.call_it(name, &json!(id.to_string()));
    }
    for caller in CALLERS {
        add_teams_for(&mut fixture, caller);
    }
    add_to_nodes(&mut fixture);
    nodes::add(&mut fixture);
    fixture.call_it("unknown", &json!("0123456789abcdef0123456789abcdef"));
    fixture
}

/// What only the rows of the dialing face are about: of `{E1}` the node `{node}` and the tasks
/// `{task}` and `{multi-task}`, and for each caller two nodes and a task to delete; of `{E2}` the node
/// `{node-of-E2}` and the tasks `{task-of-E2}` and `{multi-task-of-E2}`; and `{unknown-node}` and
/// `{unknown-task}`, which identify nothing.
fn add_to_nodes(fixture: &mut Fixture) {
    for (key, end) in [("{admin}", ""), ("{KO}", "-of-E2")] {
        let [node, task] = [format!("node{end}"), format!("task{end}")];
        add_node(fixture, key, &node);
        add_task(fixture, key, &node, &task);
        let steps = json!([{"type": "wait", "value": 1}]);
        let body = json!({"name": "m", "frequency": "1m", "steps": steps});
        let body = json!({"regions": [format!("{{{node}}}")], "task": body});
        let made = add(fixture, key, "dialing_task/multi_task_add", &body);
        fixture.call_it(&format!("multi-task{end}"), &made["content"]["uuid"]);
    }
    for caller in CALLERS {
        add_node(fixture, "{admin}", &format!("posted-{caller}"));
        add_node(fixture, "{admin}", &format!("got-{caller}"));
        add_task(fixture, "{admin}", "node", &format!("doomed-{caller}"));
    }
    fixture.call_it("unknown-node", &json!("reg_cg2britepb7e977fpm80"));
    fixture.call_it("unknown-task", &json!("dial_0123456789abcdef0123456789abcdef"));
}

fn add(fixture: &Fixture, key: &str, path: &str, body: &serde_json::Value) -> serde_json::Value {
    let call = fixture.register.request("POST", &format!("/api/v1/{path}"));
    let body = fixture.fill(&body.to_string());
    let added = call.api_key(&fixture.fill(key)).body("application/json", body).send();
    assert_eq!(added.status(), 200, "{added:?}");
    added.json()
}

fn add_node(fixture: &mut Fixture, key: &str, name: &str) {
    let body =
        json!({"internal": true, "isp": "i", "country": "c", "keycode": format!("k {name}")});
    let added = add(fixture, key, "dialing_region/regist", &body);
    fixture.call_it(name, &added["content"]["regionInfo"]["uuid"]);
    fixture.call_it(&format!("{name}-ak"), &added["content"]["ak"]["ak"]);
}

fn add_task(fixture: &mut Fixture, key: &str, node: &str, name: &str) {
    let body = json!({"type": "http", "regions": [format!("{{{node}}}")], "task": {
        "name": name, "frequency": "1m", "method": "GET", "url": "https://u:p@example.com",
        "success_when": [{"status_code": [{"is": "200"}]}],
    }});
    let added = add(fixture, key, "dialing_task/add", &body);
    fixture.call_it(name, &added["content"]["uuid"]);
}

/// What only the rows of the native face are about, beside [`add_webhooks`]: of `{E1}` the regions
/// `{np}`, which is public, `{nr}` and `{watched}`, the team `{to-delete}`, the user `{user}`, and of
/// `{r1}` the window `{window}`; of `{E2}` the regions `{nf}` and `{watched-of-E2}`, the team
/// `{to-delete-of-E2}`, the user `{user-of-E2}`, and of `{foreign}` the window `{window-of-E2}`.
fn add_to_natives(fixture: &mut Fixture) {
    fixture.add_region("{KA}", "np", &json!({"scope": "public"}));
    fixture.add_region("{KA}", "nr", &json!({}));
    fixture.add_region("{KO}", "nf", &json!({"enterprise_id": "{E2}"}));
    fixture.add_region("{KA}", "watched", &json!({}));
    fixture.add_region("{KO}", "watched-of-E2", &json!({"enterprise_id": "{E2}"}));
    fixture.add_team("{KA}", "to-delete");
    fixture.add_team("{KO}", "to-delete-of-E2");
    let windows = [("window", "{KA}", "{r1}"), ("window-of-E2", "{KO}", "{foreign}")];
    for (name, key, region) in windows {
        let path = plan_by(fixture, key, &window(region, 1, 2));
        fixture.call_it(name, &json!(path.rsplit('/').next()));
    }
    add_webhooks(fixture);
    for (name, enterprise) in [("user", "{E1}"), ("user-of-E2", "{E2}")] {
        let enterprise = Some(fixture.id(enterprise));
        let filter = UserFilter { enterprise, ..UserFilter::default() };
        let users = fixture.read(|tx| Ok(tx.list_users(&filter, 1)?.items));
        fixture.call_it(name, &json!(users[0].id.0.to_string()));
    }
}

/// In each enterprise the webhooks `{webhook}` and `{hook-to-delete}`, and for the first of them the
/// delivery `{delivery}`, which tells of the alarm `{alarm}`; those of `{E2}` end in `-of-E2`.
fn add_webhooks(fixture: &mut Fixture) {
    for (key, enterprise, end) in [("{KA}", "{E1}", ""), ("{KO}", "{E2}", "-of-E2")] {
        for name in ["webhook", "hook-to-delete"] {
            add_webhook(fixture, key, &format!("{name}{end}"), "http://localhost:1/");
        }
        let names = ["alarm", "delivery"].map(|name| format!("{name}{end}"));
        let webhook = format!("{{webhook{end}}}");
        plant(fixture, enterprise, &webhook, names.each_ref().map(String::as_str));
    }
}

/// Teams that a caller may delete: `{near-…}` in `{E1}`, for which `pub` is open, and `{far-…}` in
/// `{E2}`, for which `foreign` is.
fn add_teams_for(fixture: &mut Fixture, caller: &str) {
    for (key, name, region) in [("{KA}", "near", "pub"), ("{KO}", "far", "foreign")] {
        let name = format!("{name}-{caller}");
        fixture.add_team(key, &name);
        let request = format!("POST /openapi/v1/teams/{{{name}}}/regions");
        let opened = fixture.send(key, &request, &json!({"region": region}));
        assert_eq!(opened.status(), 201, "{opened:?}");
    }
}

fn revoke(fixture: &Fixture, token: &str) {
    let id = id_in(&fixture.fill(token)).unwrap();
    let app = &fixture.register.app;
    let now = app.clock.now();
    let revoked: Result<_, StorageError> = app.store.write(move |tx| tx.revoke_token(id, now));
    assert!(revoked.unwrap(), "{token}");
}

/// Asks what stands in a row. `{caller}` is replaced first, as a caller's name in braces is that of
/// his token.
pub fn ask(fixture: &Fixture, caller: &str, row: &Row) -> Answer {
    let request = row.request.replace("{caller}", caller);
    let mut call = fixture.call("", &request);
    if caller != "nobody" {
        let key = fixture.fill(&format!("{{{caller}}}"));
        call = if row.request.contains(" /api/v1/") { call.api_key(&key) } else { call.key(&key) };
    }
    if row.request.contains(" /cadastre/") && !row.request.starts_with("GET") {
        call = call.header("if-match", "*");
    }
    if row.body.is_empty() {
        return call.send();
    }
    let body = fixture.fill(&row.body.replace("{caller}", caller));
    call.body("application/json", body).send()
}

/// An answer without what differs from one to the next, and without the identifiers of things.
pub fn steady(fixture: &Fixture, answer: &Answer) -> (u16, String, Vec<(String, String)>) {
    let (status, text, headers) = crate::rainbond_roles::steady(answer);
    let id = answer.header("x-request-id");
    let mut text = text.replace(id, "{request}");
    if let Some((before, rest)) = text.split_once("\"TRACE-") {
        let rest = rest.split_once('"').unwrap().1;
        text = format!("{before}\"{{trace}}\"{rest}");
    }
    for name in [
        "{E2}",
        "{U}",
        "{V}",
        "{foreign}",
        "{token-of-E2}",
        "{token-of-platform}",
        "{node-of-E2}",
        "{watched-of-E2}",
        "{unknown-node}",
        "{variable-of-E2}",
        "{unknown-variable}",
        "{unknown}",
    ] {
        text = text.replace(&fixture.fill(name), "{id}");
    }
    (status, text, headers)
}
