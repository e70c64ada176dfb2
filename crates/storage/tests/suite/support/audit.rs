//! Audit entries, their chain, and rows of it in SQL.

use cadastre_domain::audit::{Actor, Entry, FieldChange, Object, Origin, Outcome, Value};
use cadastre_domain::user::UserId;
use cadastre_storage::{AuditFilter, AuditRecord, Store, Verification};
use cadastre_testkit::sample::{self, hex};

/// An entry with something in every field, but for a reason.
pub fn entry(operation: &'static str) -> Entry {
    let actor = Actor {
        origin: Origin::Request { address: "192.0.2.7".parse().ok(), id: "request-1".to_owned() },
        operation,
        token_id: Some(hex(4)),
        user_id: Some(UserId(1)),
        enterprise_id: Some(hex(1)),
    };
    Entry {
        object: Some(Object { kind: "region".into(), id: "r-1".to_owned() }),
        changes: vec![change("alias", Some(value("old")), Some(value("new")))],
        revealed: vec!["token".into(), "key".into()],
        ..Entry::refused(&actor, sample::time(), Outcome::Done, "because".to_owned())
    }
}

/// A change of a field.
pub fn change(field: &'static str, before: Option<Value>, after: Option<Value>) -> FieldChange {
    FieldChange { field, before, after }
}

/// A value that is told.
pub fn value(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// A value that is not.
pub fn secret(text: &str) -> Value {
    Value::Secret(text.to_owned().into())
}

/// Writes entries in one transaction.
pub fn record(store: &Store, entries: Vec<Entry>) {
    let all = move |tx: &mut dyn cadastre_storage::Tx| {
        entries.iter().cloned().for_each(|entry| tx.record(entry));
        Ok::<_, cadastre_storage::StorageError>(())
    };
    store.write(all).unwrap();
}

/// Writes so many entries, `step` in a transaction.
pub fn record_some(store: &Store, count: usize, step: usize) {
    for done in (0..count).step_by(step) {
        record(store, vec![entry("edit_region"); step.min(count - done)]);
    }
}

/// What a check of the chain comes to.
pub fn verify(store: &Store) -> Verification {
    store.read(|tx| tx.verify_audit()).unwrap().verification
}

/// Where the chain breaks, if it does.
pub fn broken_at(store: &Store) -> Option<i64> {
    match verify(store) {
        Verification::Sound(_) => None,
        Verification::Broken(sequence, reason) => {
            assert!(super::one_line(&reason), "{reason:?}");
            Some(sequence)
        }
    }
}

/// All entries, the first one first.
pub fn all(store: &Store) -> Vec<AuditRecord> {
    let mut all = list(store, &AuditFilter::default(), i64::MAX);
    all.reverse();
    all
}

/// The entries that pass the filter, the latest first.
pub fn list(store: &Store, filter: &AuditFilter, limit: i64) -> Vec<AuditRecord> {
    store.read(|tx| tx.list_audit(filter, limit)).unwrap()
}

/// Their places in the chain.
pub fn sequences(records: &[AuditRecord]) -> Vec<i64> {
    records.iter().map(|record| record.sequence).collect()
}
