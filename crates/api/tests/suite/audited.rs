//! Every change, every refusal of somebody known and every failed sign-in leaves its entry, and
//! nothing else does.

mod broken;
mod expected;
mod guarded;
mod nothing;

use std::collections::HashSet;
use std::thread;

use cadastre_domain::token::id_in;
use cadastre_storage::{AuditFilter, AuditRecord};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::documents::Documents;
use crate::rainbond_fixture::{Fixture, REGIONS, bare_fixtures, full};
use crate::rights::table::{CALLERS, Row, rows};
use crate::rights::world::{ask, world};
use crate::support::{Answer, registers};
pub use broken::{refuse_entries, take_entries};
use expected::{Told, told};

/// Runs `check` on both databases at once, each with a world of its own.
fn in_each_world(check: impl Fn(&Fixture) + Sync) {
    thread::scope(|scope| {
        for register in registers() {
            let check = &check;
            scope.spawn(move || check(&world(register)));
        }
    });
}

/// The entries that stand behind the first `count`, the oldest first.
fn entries_behind(fixture: &Fixture, count: i64) -> Vec<AuditRecord> {
    let filter = AuditFilter::default();
    let mut entries = fixture.read(|tx| Ok(tx.list_audit(&filter, 10)?));
    assert_eq!(entries.len(), 10, "there are more than are looked at");
    entries.retain(|entry| entry.sequence > count);
    assert!(entries.len() < 10, "there are more than are looked at");
    entries.reverse();
    entries
}

/// How many entries there are.
fn count(fixture: &Fixture) -> i64 {
    let filter = AuditFilter::default();
    fixture.read(|tx| Ok(tx.list_audit(&filter, 1)?)).first().map_or(0, |entry| entry.sequence)
}

/// What stands in an entry by this caller about a request with this answer, whatever came of it.
fn entry(fixture: &Fixture, caller: &str, operation: &str, answer: &Answer) -> AuditRecord {
    let token = id_in(&fixture.fill(&format!("{{{caller}}}"))).unwrap();
    let owner = fixture.read(|tx| Ok(tx.find_token(token)?)).unwrap().caller;
    AuditRecord {
        sequence: 0,
        at: fixture.register.app.clock.now(),
        enterprise_id: Some(owner.enterprise_id.to_string()),
        token_id: Some(token.to_string()),
        user_id: Some(owner.user_id.0),
        origin: "request".to_owned(),
        address: Some("127.0.0.1".to_owned()),
        request_id: Some(answer.header("x-request-id").to_owned()),
        operation: operation.to_owned(),
        outcome: "done".to_owned(),
        object_kind: None,
        object_id: None,
        changes: "[]".to_owned(),
        revealed: String::new(),
        reason: None,
        hash: Vec::new(),
    }
}

/// The names of the fields that changed.
fn fields(entry: &AuditRecord) -> Vec<String> {
    let changes: Vec<Value> = serde_json::from_str(&entry.changes).unwrap();
    changes.iter().map(|change| change["field"].as_str().unwrap().to_owned()).collect()
}

/// Checks that an entry is the one that is expected, but for its place in the chain and, where the
/// expected one says nothing of them, its changes.
fn check(found: &AuditRecord, expected: AuditRecord, at: &str) {
    let (sequence, hash) = (found.sequence, found.hash.clone());
    let changes = found.changes.clone();
    assert_eq!(found, &AuditRecord { sequence, hash, changes, ..expected }, "{at}");
}

/// The path that a caller asks for in a row.
fn path(fixture: &Fixture, caller: &str, row: &Row) -> String {
    let request = fixture.fill(&row.request.replace("{caller}", caller));
    let (_, path) = request.split_once(' ').unwrap();
    let path = path.split('?').next().unwrap();
    // The public half of a key looks as a token may, so the audit does not tell it.
    match path.rsplit_once('/') {
        Some((before, _)) if row.operation == "revoke_node_key" => format!("{before}/***"),
        _ => path.to_owned(),
    }
}

/// Checks that those who are refused leave one entry, which tells the path and a reason.
fn check_refused(path: String, common: AuditRecord, found: &[AuditRecord], at: &str) {
    let [found] = found else { panic!("{at}: {found:?}") };
    let reason = found.reason.clone().unwrap_or_default();
    assert!(!reason.is_empty(), "{at}: {found:?}");
    let expected = AuditRecord {
        object_kind: Some("path".to_owned()),
        object_id: Some(path),
        reason: Some(reason),
        ..common
    };
    check(found, expected, at);
    assert_eq!(found.changes, "[]", "{at}");
}

/// Checks that whoever has changed something has left these entries.
fn check_done(expected: &[Told], common: &AuditRecord, found: &[AuditRecord], at: &str) {
    assert_eq!(found.len(), expected.len(), "{at}: {found:?}");
    for (told, found) in expected.iter().zip(found) {
        let expected = AuditRecord {
            enterprise_id: Some(told.enterprise.clone()),
            object_kind: Some(told.kind.to_owned()),
            object_id: Some(told.id.clone()),
            revealed: told.revealed.to_owned(),
            ..common.clone()
        };
        check(found, expected, at);
        assert_eq!(fields(found), told.fields, "{at}");
    }
}

/// Asks what stands in a row and checks the entries that this leaves. Things that are done already
/// stand in `done`.
fn check_row(
    fixture: &Fixture,
    caller: &str,
    row: &Row,
    changes: bool,
    done: &mut HashSet<String>,
) {
    // What is asked for a second time is another change.
    fixture.register.pass(TimeDelta::microseconds(1));
    let before = count(fixture);
    let answer = ask(fixture, caller, row);
    let found = entries_behind(fixture, before);
    let at = format!("{} {} by {caller}: {}", row.operation, row.request, answer.status());
    let sequences: Vec<_> = found.iter().map(|entry| entry.sequence).collect();
    assert!(sequences.into_iter().eq((before + 1..).take(found.len())), "{at}: {found:?}");
    if caller == "nobody" {
        // Whoever shows no token tells nothing of himself.
        assert_eq!(found, [], "{at}");
        return;
    }
    let common = entry(fixture, caller, row.operation, &answer);
    let ended = |outcome: &str| AuditRecord { outcome: outcome.to_owned(), ..common.clone() };
    match (caller, answer.status()) {
        ("expired" | "revoked", _) => {
            check_refused(path(fixture, caller, row), ended("sign_in_failed"), &found, &at);
            assert_eq!(found[0].reason.as_deref(), Some(caller), "{at}");
        }
        (_, 400..) if changes => {
            check_refused(path(fixture, caller, row), ended("refused"), &found, &at);
        }
        (_, ..400) if changes => {
            let mut expected = told(fixture, caller, row, &answer);
            let mut first = |id: &str| done.insert(format!("{} {id}", row.operation));
            expected.retain(|told| !told.once || first(&told.id));
            check_done(&expected, &common, &found, &at);
        }
        // Who is shown secrets leaves a trace, although he changes nothing.
        (_, ..400) if matches!(row.operation, "get_dialing_node" | "get_dial_task") => {
            check_done(&told(fixture, caller, row, &answer), &common, &found, &at);
        }
        _ => assert_eq!(found, [], "{at}"),
    }
}

#[test]
fn every_row_of_the_table_leaves_the_entries_that_it_should_and_no_others() {
    in_each_world(|fixture| {
        let documents = Documents::of(&fixture.register);
        let (mut done, mut told) = (HashSet::new(), HashSet::new());
        for row in rows() {
            let changes = documents.operation(row.operation).operation["x-changes"] == true;
            for caller in CALLERS {
                let before = count(fixture);
                check_row(fixture, caller, &row, changes, &mut done);
                let entries = entries_behind(fixture, before);
                told.extend(
                    entries.into_iter().filter(|e| e.outcome == "done").map(|e| e.operation),
                );
            }
        }
        told.extend(guarded::change_what_the_table_does_not(fixture));
        let changing = documents.operations().into_iter();
        let changing = changing.filter(|found| found.operation["x-changes"] == true);
        let silent: Vec<_> =
            changing.map(|found| found.id.to_owned()).filter(|id| !told.contains(id)).collect();
        assert_eq!(silent, [] as [&str; 0], "these change things and leave no entry");
    });
}

#[test]
fn all_that_comes_with_a_first_region_is_told_by_one_request() {
    for fixture in bare_fixtures() {
        let before = count(&fixture);
        let body = json!({"token": "a token of a cluster"});
        let body = crate::rainbond_fixture::with(full(), &body);
        let added = fixture.send("{KA}", &format!("POST {REGIONS}"), &body);
        assert_eq!(added.status(), 201, "{added:?}");
        let filter = AuditFilter::default();
        let mut entries = fixture.read(|tx| Ok(tx.list_audit(&filter, 100)?));
        entries.retain(|entry| entry.sequence > before);
        let told =
            |entry: &AuditRecord| (entry.object_kind.clone().unwrap(), entry.revealed.clone());
        let told: Vec<_> = entries.iter().rev().map(told).collect();
        let expected = [("region", "token"), ("team", ""), ("opening", "")];
        assert_eq!(told, expected.map(|(kind, shown)| (kind.to_owned(), shown.to_owned())));
        for entry in &entries {
            assert_eq!(entry.request_id.as_deref(), Some(added.header("x-request-id")));
        }
    }
}
