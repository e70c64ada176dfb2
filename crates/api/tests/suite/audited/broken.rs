//! When an entry cannot be written, what it tells does not happen, and nobody is told that it did.

use cadastre_testkit::dump;
use serde_json::{Value, json};

use super::in_each_world;
use crate::documents::Documents;
use crate::rainbond_fixture::{Fixture, REGIONS, full, with};
use crate::rights::table::{CALLERS, Row, rows};
use crate::rights::world::ask;
use crate::support::{Answer, Register};

/// Makes the database refuse entries of the audit from now on.
pub fn refuse_entries(register: &Register) {
    register.execute(match register.name {
        "sqlite" => {
            "CREATE TRIGGER no_entries BEFORE INSERT ON audit_entries \
             BEGIN SELECT RAISE(ABORT, 'no entries'); END"
        }
        _ => {
            "CREATE FUNCTION no_entries() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'no entries'; END $$; CREATE TRIGGER no_entries \
             BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION no_entries()"
        }
    });
}

/// Lets the database take entries again.
pub fn take_entries(register: &Register) {
    register.execute(match register.name {
        "sqlite" => "DROP TRIGGER no_entries",
        _ => "DROP FUNCTION no_entries CASCADE",
    });
}

/// Writes when tokens were used last: as the clock stands still, that happens once.
fn settle(fixture: &Fixture) {
    for caller in CALLERS.into_iter().filter(|caller| *caller != "nobody") {
        fixture.get(&format!("{{{caller}}}"), &format!("GET {REGIONS}"));
    }
    let app = &fixture.register.app;
    app.uses.write(&app.store).unwrap();
}

/// Checks that an answer says in the shape of its face that something went wrong, and not what.
fn check_failure(answer: &Answer, row: &Row, documents: &Documents, at: &str) {
    assert_eq!(answer.status(), 500, "{at}: {answer:?}");
    documents.operation(row.operation).check(answer, at);
    assert!(!answer.text.contains("no entries"), "{at}: {answer:?}");
}

/// Whether all is as this row asks for, as long as nothing changes.
fn is_so_already(row: &Row) -> bool {
    let operations = ["switch_region", "change_region_status", "revert_region", "enable_node"];
    // There is no opening to close, as none was made.
    let dry = row.what == "dry run" && row.operation != "close_opening";
    dry || operations.contains(&row.operation)
}

/// Whether a request leaves an entry, whatever comes of it.
fn leaves_an_entry(caller: &str, row: &Row, changes: bool, expected: &str) -> bool {
    match caller {
        "nobody" => false,
        "expired" | "revoked" => true,
        _ if shows_secrets(caller, row, expected) => true,
        _ => changes && !(is_so_already(row) && expected.starts_with('2')),
    }
}

/// Whether a request that changes nothing shows secrets, of which an entry tells.
fn shows_secrets(caller: &str, row: &Row, expected: &str) -> bool {
    matches!(row.operation, "get_dialing_node" | "get_dial_task")
        && matches!(caller, "platform" | "admin")
        && expected.starts_with('2')
}

#[test]
fn nothing_changes_and_nobody_is_let_in_or_refused_without_an_entry() {
    in_each_world(|fixture| {
        let documents = Documents::of(&fixture.register);
        settle(fixture);
        refuse_entries(&fixture.register);
        let before = dump::rows(&fixture.register.database);
        let (mut done, mut told) = (0, 0);
        for row in rows() {
            let changes = documents.operation(row.operation).operation["x-changes"] == true;
            for (caller, expected) in CALLERS.into_iter().zip(row.expected) {
                let answer = ask(fixture, caller, &row);
                let at = format!("{} {} by {caller}", row.operation, row.request);
                if leaves_an_entry(caller, &row, changes, expected) {
                    check_failure(&answer, &row, &documents, &at);
                    done += usize::from(expected.starts_with('2'));
                } else {
                    assert!(answer.status() < 500, "{at}: {answer:?}");
                    told += 1;
                }
            }
            let after = dump::rows(&fixture.register.database);
            assert_eq!(after, before, "{} {}", row.operation, row.request);
        }
        assert!(done > 50 && told > 50, "{done} and {told}");
        // The same requests are good ones: only the entry was missing.
        take_entries(&fixture.register);
        for row in rows() {
            let answer = ask(fixture, "platform", &row);
            let status = row.expected[0].split(' ').next().unwrap();
            assert_eq!(answer.status().to_string(), status, "{} {}", row.operation, row.request);
        }
    });
}

#[test]
fn no_secret_is_shown_without_an_entry() {
    in_each_world(|fixture| {
        let body =
            with(full(), &json!({"region_name": "secretive", "token": "a token of a cluster"}));
        let added = fixture.send("{admin}", &format!("POST {REGIONS}"), &body).json();
        let id = added["region_id"].as_str().unwrap();
        let show =
            |key: &str| fixture.get(key, &format!("GET /cadastre/v1/regions/{id}/credentials"));
        refuse_entries(&fixture.register);
        for key in ["{platform}", "{admin}"] {
            let answer = show(key);
            assert_eq!(answer.status(), 500, "{key}: {answer:?}");
            assert!(!answer.text.contains("a token of a cluster"), "{key}: {answer:?}");
        }
        for key in ["{operator}", "{viewer}"] {
            let answer = show(key);
            assert_eq!((answer.status(), &answer.json()["token"]), (200, &Value::Null), "{key}");
        }
        take_entries(&fixture.register);
        assert_eq!(show("{admin}").json()["token"], "a token of a cluster");
    });
}
