//! Every change, every refusal of somebody known and every failed sign-in leaves its entry, and
//! nothing is acknowledged without one.

use std::collections::HashSet;
use std::thread;

use cadastre_domain::token::id_in;
use cadastre_storage::AuditFilter;
use cadastre_testkit::dump;
use serde_json::{Value, json};

use crate::documents::Documents;
use crate::rainbond_fixture::{Fixture, REGIONS, full, with};
use crate::rights::table::{CALLERS, rows};
use crate::rights::world::{ask, world};
use crate::support::{Answer, registers};

/// The entries that stand behind `sequence`, the oldest first, as the native face tells them.
fn entries_behind(fixture: &Fixture, sequence: i64) -> Vec<Value> {
    let path = "GET /cadastre/v1/audit?limit=1000";
    let page = fixture.get("{platform}", path).json();
    let behind = |entry: &&Value| entry["sequence"].as_i64().unwrap() > sequence;
    let mut entries: Vec<_> =
        page["items"].as_array().unwrap().iter().filter(behind).cloned().collect();
    entries.reverse();
    entries
}

fn last_sequence(fixture: &Fixture) -> i64 {
    let filter = AuditFilter::default();
    fixture.read(|tx| Ok(tx.list_audit(&filter, 1)?)).first().map_or(0, |entry| entry.sequence)
}

/// Checks that an entry tells who asked for what, by which request.
fn check(entry: &Value, fixture: &Fixture, caller: &str, operation: &str, answer: &Answer) {
    let at = format!("{operation} by {caller} on {}: {entry}", fixture.register.name);
    assert_eq!(entry["operation"], operation, "{at}");
    assert_eq!(entry["request_id"], answer.header("x-request-id"), "{at}");
    assert_eq!(entry["origin"], "request", "{at}");
    assert_eq!(entry["address"], "127.0.0.1", "{at}");
    let token = id_in(&fixture.fill(&format!("{{{caller}}}"))).unwrap().to_string();
    assert_eq!(entry["token_id"], token, "{at}");
    let known = !matches!(caller, "expired" | "revoked");
    assert!(!known || entry["user_id"].is_i64(), "{at}");
}

fn in_each_world(check: impl Fn(&Fixture) + Sync) {
    thread::scope(|scope| {
        for register in registers() {
            let check = &check;
            scope.spawn(move || check(&world(register)));
        }
    });
}

#[test]
fn every_row_of_the_table_leaves_the_entries_that_it_should() {
    in_each_world(|fixture| {
        let documents = Documents::of(&fixture.register);
        let mut told = HashSet::new();
        for row in rows() {
            let changes = documents.operation(row.operation).operation["x-changes"] == true;
            for caller in CALLERS {
                let before = last_sequence(fixture);
                let answer = ask(fixture, caller, &row);
                let entries = entries_behind(fixture, before);
                let at = format!("{} by {caller}: {} {entries:?}", row.request, answer.status());
                let outcomes: Vec<_> =
                    entries.iter().map(|entry| entry["outcome"].as_str().unwrap()).collect();
                match (caller, answer.status()) {
                    // Whoever shows no token is nobody, and tells nothing.
                    ("nobody", _) => assert!(entries.is_empty(), "{at}"),
                    ("expired" | "revoked", _) => assert_eq!(outcomes, ["sign_in_failed"], "{at}"),
                    (_, 400..) if changes => assert_eq!(outcomes, ["refused"], "{at}"),
                    (_, 400..) => assert!(entries.is_empty(), "{at}"),
                    (_, _) if changes => {
                        assert!(outcomes.iter().all(|outcome| *outcome == "done"), "{at}");
                        told.extend((!entries.is_empty()).then_some(row.operation));
                    }
                    // Only what shows secrets is noted.
                    _ => assert!(
                        entries
                            .iter()
                            .all(|e| e["revealed"].as_array().is_some_and(|r| !r.is_empty())),
                        "{at}"
                    ),
                }
                for entry in &entries {
                    check(entry, fixture, caller, row.operation, &answer);
                }
            }
        }
        told.extend(change_what_the_table_does_not(fixture));
        let changing = documents
            .operations()
            .into_iter()
            .filter(|found| found.operation["x-changes"] == true && !told.contains(found.id));
        let silent: Vec<_> = changing.map(|found| found.id.to_owned()).collect();
        assert_eq!(silent, Vec::<String>::new(), "these change things and leave no entry");
    });
}

/// Does what no row of the table gets done, because guards or conditions are in its way; the
/// operations of the entries that this left.
fn change_what_the_table_does_not(fixture: &Fixture) -> HashSet<&'static str> {
    let body = with(full(), &json!({"region_name": "told", "token": "one", "status": "1"}));
    let added = fixture.send("{admin}", &format!("POST {REGIONS}"), &body);
    assert_eq!(added.status(), 201, "{added:?}");
    let id = added.json()["region_id"].as_str().unwrap().to_owned();
    let (native, key) = (format!("/cadastre/v1/regions/{id}"), fixture.fill("{admin}"));
    let steps = [
        (
            "change_region_status",
            "POST",
            format!("{native}/status"),
            json!({"status": "maintenance"}),
        ),
        ("switch_region", "PUT", format!("{REGIONS}/{id}/status"), json!({"status": "offline"})),
        (
            "change_region_credentials",
            "PATCH",
            format!("{native}/credentials"),
            json!({"token": "two"}),
        ),
        (
            "roll_back_region_credentials",
            "POST",
            format!("{native}/credentials/rollback"),
            json!({}),
        ),
        ("remove_region", "DELETE", native, Value::Null),
    ];
    let done = steps.into_iter().map(|(operation, method, path, body)| {
        let before = last_sequence(fixture);
        let call = fixture.register.request(method, &path).key(&key).header("if-match", "*");
        let answer = if body.is_null() { call.send() } else { call.json(&body).send() };
        assert!(answer.status() < 300, "{operation}: {answer:?}");
        let entries = entries_behind(fixture, before);
        assert!(!entries.is_empty(), "{operation} leaves no entry");
        for entry in &entries {
            assert_eq!(entry["outcome"], "done", "{entry}");
            check(entry, fixture, "admin", operation, &answer);
        }
        operation
    });
    done.collect()
}

#[test]
fn an_entry_tells_the_fields_before_and_after_and_secrets_by_fingerprint() {
    in_each_world(|fixture| {
        let added = fixture.send(
            "{admin}",
            &format!("POST {REGIONS}"),
            &with(
                full(),
                &json!({
                    "region_name": "told", "token": "the first token",
                }),
            ),
        );
        assert_eq!(added.status(), 201, "{added:?}");
        let id = added.json()["region_id"].as_str().unwrap().to_owned();
        let fingerprint = |token: &str| {
            let change = json!({
                "region_alias": "told", "url": "http://a.example.com", "wsurl": "ws://a.example.com",
                "httpdomain": "a.example.com", "tcpdomain": "1.2.3.4", "status": "1", "token": token,
            });
            let path = format!("PUT /openapi/v2/manage/regions/{id}");
            let answer = fixture.send("{platform}", &path, &change);
            assert_eq!(answer.status(), 200, "{answer:?}");
            let entry = entries_behind(fixture, 0).pop().unwrap();
            let told = entry["changes"].as_array().unwrap().clone();
            told.into_iter().find(|change| change["field"] == "token")
        };
        let change = fingerprint("another token").unwrap();
        assert_eq!(change["before"]["fingerprint"].as_str().unwrap().len(), 16);
        assert_ne!(change["before"], change["after"]);
        assert_eq!(fingerprint("another token"), None, "the same secret is no change");
        let back = fingerprint("the first token").unwrap();
        assert_eq!((&back["before"], &back["after"]), (&change["after"], &change["before"]));
    });
}

/// What makes a database refuse entries of the audit from now on.
fn refusing(database: &str) -> &'static str {
    match database {
        "sqlite" => {
            "CREATE TRIGGER no_entries BEFORE INSERT ON audit_entries \
             BEGIN SELECT RAISE(ABORT, 'no entries'); END"
        }
        _ => {
            "CREATE FUNCTION no_entries() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'no entries'; END $$; CREATE TRIGGER no_entries \
             BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION no_entries()"
        }
    }
}

/// All rows but those of tokens, of which it is noted when they were used last.
fn kept(fixture: &Fixture) -> Vec<String> {
    let mut rows = dump::rows(&fixture.register.database);
    rows.retain(|row| !row.starts_with("tokens"));
    rows.sort();
    rows
}

#[test]
fn nothing_is_acknowledged_whose_entry_cannot_be_written() {
    in_each_world(|fixture| {
        let documents = Documents::of(&fixture.register);
        fixture.register.execute(refusing(fixture.register.name));
        let stored = kept(fixture);
        for row in rows() {
            let changes = documents.operation(row.operation).operation["x-changes"] == true;
            for caller in CALLERS {
                let answer = ask(fixture, caller, &row);
                let at = format!("{} by {caller}: {answer:?}", row.request);
                match caller {
                    "nobody" => assert!((400..500).contains(&answer.status()), "{at}"),
                    "expired" | "revoked" => assert!(answer.status() >= 500, "{at}"),
                    // What is so already needs no entry.
                    _ if changes && answer.status() < 300 => {
                        assert_eq!(kept(fixture), stored, "{at}");
                    }
                    _ if changes => assert!(answer.status() >= 500, "{at}"),
                    _ => assert!(answer.status() < 500, "{at}"),
                }
            }
        }
        assert_eq!(kept(fixture), stored, "{}", fixture.register.name);
    });
}
