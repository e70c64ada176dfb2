//! The record of what was done: who is in it, how it is searched, and that nobody edits it unseen.

mod archive;
mod chain;
mod filters;

use cadastre_testkit::databases;
use serde_json::{Value, json};

use crate::support::{Answer, Call, Place, Server, create, id_of, region};

/// Where the client of these tests seems to be, behind a proxy that is believed.
const CLIENT: &str = "203.0.113.9";

/// All entries that a command lists with these options, the latest first.
fn listed(place: &Place, options: &[&str]) -> Vec<Value> {
    let list = ["audit", "list", "--limit", "1000000"];
    let lines = place.run(&[&list, options].concat()).lines();
    lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// All entries that the native face lists with these parameters, the latest first.
fn asked(server: &Server, key: &str, parameters: &[(&str, &str)]) -> Vec<Value> {
    let (mut entries, mut cursor) = (Vec::new(), None);
    loop {
        let more = cursor.as_deref().map(|cursor: &str| ("cursor", cursor));
        let parameters: Vec<_> = parameters.iter().copied().chain(more).collect();
        let path = format!("/audit?{}", serde_urlencoded::to_string(parameters).unwrap());
        let answer = server.native("GET", &path, key, &Value::Null);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        let mut page = answer.json();
        entries.append(page["items"].as_array_mut().unwrap());
        match page["next"].take() {
            Value::String(next) => {
                assert_ne!(cursor.as_ref(), Some(&next), "the list does not go on");
                cursor = Some(next);
            }
            _ => return entries,
        }
    }
}

/// A server, and callers with their tokens.
struct Scene {
    place: Place,
    server: Server,
    first: String,
    operator: String,
    viewer: String,
}

/// Runs `test` with a server on each database.
fn on_both(test: impl Fn(&Scene)) {
    for database in databases() {
        println!("on {}", database.name());
        let place = Place::on(&database).with("CADASTRE_TRUSTED_PROXIES", "127.0.0.1");
        let server = place.ready();
        let first = place.first_token();
        // The first region brings a team along, and one more entry.
        server.add_region("zero", &first);
        let [operator, viewer] =
            ["operator", "viewer"].map(|role| create(&place, &["--role", role, "--name", role]));
        test(&Scene { place, server, first, operator, viewer });
    }
}

impl Scene {
    /// Asks something as a client behind the proxy.
    fn send(&self, method: &str, path: &str, key: &str, body: &Value) -> Answer {
        let name = if path.starts_with("/api/v1/") { "df-api-key" } else { "authorization" };
        let headers = [(name, key), ("x-forwarded-for", CLIENT)];
        let body = (!body.is_null()).then_some(body);
        Call::to(self.server.address).send(method, path, &headers, body).unwrap()
    }

    /// The entry of the request with this answer: the only one, and the same on every way.
    fn entry(&self, answer: &Answer) -> Value {
        let id = answer.header("x-request-id");
        let of_it = |entry: &Value| entry["request_id"] == id;
        let mut told: Vec<_> = listed(&self.place, &[]).into_iter().filter(of_it).collect();
        let shown = asked(&self.server, &self.first, &[]).into_iter().filter(of_it);
        assert_eq!(told, shown.collect::<Vec<_>>());
        assert_eq!(told.len(), 1, "{answer:?}: {told:?}");
        told.remove(0)
    }

    /// The number of the user for whom a token acts.
    fn user_of(&self, token: &str) -> Value {
        let path = format!("/tokens/{}", id_of(token));
        self.server.native("GET", &path, &self.first, &Value::Null).json()["user_id"].take()
    }

    /// Checks what an entry tells of who did what, and how it ended.
    fn tells(&self, entry: &Value, token: &str, operation: &str, outcome: &str) {
        let told = ["token_id", "user_id", "address", "origin", "operation", "outcome"];
        let told = told.map(|name| &entry[name]);
        let (id, user) = (json!(id_of(token)), self.user_of(token));
        let expected =
            [&id, &user, &json!(CLIENT), &json!("request"), &json!(operation), &json!(outcome)];
        assert_eq!(told, expected, "{entry}");
    }
}

/// What an entry tells of a field: before and after.
fn change<'a>(entry: &'a Value, field: &str) -> [&'a Value; 2] {
    let changes = entry["changes"].as_array().unwrap();
    let found = changes.iter().find(|change| change["field"] == field);
    found.map_or([&Value::Null; 2], |change| [&change["before"], &change["after"]])
}

/// A region with a secret token.
fn body(alias: &str, token: &str) -> Value {
    let mut body = region("one");
    body["region_alias"] = json!(alias);
    body["token"] = json!(token);
    body["status"] = json!("0");
    body
}

#[test]
fn changes_and_what_was_shown_are_told_with_who_did_it() {
    on_both(|scene| {
        let regions = "/openapi/v1/regions";
        let made = scene.send("POST", regions, &scene.operator, &body("a", "first"));
        let id = made.json()["region_id"].as_str().unwrap().to_owned();
        let creation = scene.entry(&made);
        scene.tells(&creation, &scene.operator, "create_region", "done");
        assert_eq!([&creation["object_kind"], &creation["object_id"]], ["region", id.as_str()]);
        assert_eq!(change(&creation, "alias"), [&Value::Null, &json!("a")]);
        let first = change(&creation, "token")[1];
        assert!(first["fingerprint"].as_str().is_some_and(|text| text.len() == 16), "{first}");
        assert_eq!(creation["revealed"], json!([]));

        let path = format!("/openapi/v2/manage/regions/{id}");
        let entry = |body| scene.entry(&scene.send("PUT", &path, &scene.first, &body));
        let renamed = entry(body("b", "first"));
        scene.tells(&renamed, &scene.first, "update_region", "done");
        let expected = json!([{"field": "alias", "before": "a", "after": "b"}]);
        assert_eq!(renamed["changes"], expected);
        let changed = entry(body("b", "second"));
        let [before, after] = change(&changed, "token");
        assert!(before == first && after != first, "{changed}");
        assert_eq!(changed["changes"].as_array().unwrap().len(), 1);
        assert_eq!(changed["revealed"], json!(["token"]));

        let path = format!("/cadastre/v1/regions/{id}/credentials");
        let shown = scene.entry(&scene.send("GET", &path, &scene.first, &Value::Null));
        scene.tells(&shown, &scene.first, "get_region_credentials", "done");
        assert_eq!((&shown["revealed"], &shown["changes"]), (&json!(["token"]), &json!([])));
        assert_eq!(shown["object_id"], id.as_str());

        let node = json!({"internal": true, "isp": "i", "country": "c", "keycode": "k"});
        let made = scene.send("POST", "/api/v1/dialing_region/regist", &scene.operator, &node);
        let made = scene.entry(&made);
        scene.tells(&made, &scene.operator, "register_node", "done");
        assert_eq!(made["revealed"], json!(["sk"]));
    });
}

#[test]
fn refusals_and_failed_sign_ins_are_told_with_who_tried() {
    on_both(|scene| {
        let (regions, node) = ("/openapi/v1/regions", "/api/v1/dialing_region/regist");
        for (method, path, key, operation) in [
            ("POST", regions, &scene.viewer, "create_region"),
            ("POST", node, &scene.viewer, "register_node"),
            ("POST", "/cadastre/v1/tokens", &scene.operator, "create_token"),
            ("POST", regions, &scene.operator, "create_region"),
        ] {
            let answer = scene.send(method, path, key, &json!({"region_name": "not enough"}));
            assert!([400, 403].contains(&answer.status), "{answer:?}");
            let entry = scene.entry(&answer);
            scene.tells(&entry, key, operation, "refused");
            assert_eq!([&entry["object_kind"], &entry["object_id"]], ["path", path]);
            assert!(entry["reason"].is_string() && entry["changes"] == json!([]), "{entry}");
        }
        assert!(scene.place.run(&["token", "revoke", id_of(&scene.viewer)]).lines().is_empty());
        let revoked = scene.entry(&scene.send("GET", regions, &scene.viewer, &Value::Null));
        scene.tells(&revoked, &scene.viewer, "list_regions", "sign_in_failed");
        assert_eq!(revoked["reason"], "revoked");
        let id = id_of(&scene.operator);
        for (key, claimed) in [
            (format!("cad_{id}_{}", "x".repeat(32)), json!(id)),
            ("nothing that we know".to_owned(), Value::Null),
        ] {
            let entry = scene.entry(&scene.send("POST", regions, &key, &json!({})));
            let told = ["token_id", "user_id", "address", "outcome", "reason"];
            let told = told.map(|name| &entry[name]);
            let sign_in = [&json!("sign_in_failed"), &json!("unknown")];
            assert_eq!(told[..3], [&claimed, &Value::Null, &json!(CLIENT)], "{entry}");
            assert_eq!(told[3..], sign_in, "{entry}");
        }
    });
}

#[test]
fn what_commands_and_the_server_do_is_told_and_what_only_reads_is_not() {
    on_both(|scene| {
        let told = |operation: &str| {
            let mut entries = listed(&scene.place, &["--operation", operation]);
            assert!(!entries.is_empty(), "nothing of {operation}");
            entries.remove(0)
        };
        for arguments in [
            &["token", "rotate", id_of(&scene.viewer)][..],
            &["token", "revoke", id_of(&scene.viewer)],
            &["user", "create", "--name", "ann"],
            &["enterprise", "create", "--name", "Other Ltd"],
            &["key", "rotate"],
        ] {
            assert_eq!(scene.place.run(arguments).code, Some(0));
            let entry = told(&format!("{1}_{0}", arguments[0], arguments[1]));
            assert_eq!([&entry["origin"], &entry["outcome"]], ["command", "done"], "{entry}");
            assert_eq!(entry["address"], Value::Null);
        }
        assert_eq!(told("create_first_token")["origin"], "server");
        let before = listed(&scene.place, &[]).len();
        for path in ["/openapi/v1/regions", "/cadastre/v1/tokens", "/cadastre/v1/audit", "/nowhere"]
        {
            scene.send("GET", path, &scene.first, &Value::Null);
        }
        for arguments in [&["token", "list"], &["audit", "verify"], &["key", "list"]] {
            assert_eq!(scene.place.run(arguments).code, Some(0));
        }
        assert_eq!(listed(&scene.place, &[]).len(), before);
    });
}

#[test]
fn refusals_beyond_the_budget_are_told_when_the_server_stops() {
    for database in databases() {
        let place = Place::on(&database).with("CADASTRE_REFUSAL_ENTRIES", "50");
        let server = place.ready();
        let viewer = create(&place, &["--role", "viewer", "--name", "viewer"]);
        for _ in 0..9 {
            let body = json!({"alias": "x"});
            assert_eq!(server.native("POST", "/teams", &viewer, &body).status, 403);
        }
        assert_eq!(server.stop().code, Some(0));
        let told = listed(&place, &["--outcome", "refused"]);
        assert_eq!(told.len(), 6, "a tenth of fifty, and the summary: {told:?}");
        assert_eq!([&told[0]["operation"], &told[0]["origin"]], ["summarize_refusals", "server"]);
        assert_eq!(change(&told[0], "refused")[1], "4", "{}", told[0]);
    }
}
