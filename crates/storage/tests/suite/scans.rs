//! How many rows a list and a count look at.

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::user::UserId;
use cadastre_storage::{AuditFilter, MOST_SCANNED, Store, Total, UserFilter};
use cadastre_testkit::TestDatabase;
use cadastre_testkit::sample::hex;

use crate::support::audit::{entry, list, record, sequences};
use crate::support::{execute, on_both_seeded};

/// How many rows a list looks at, as a place among them.
fn most() -> i64 {
    i64::try_from(MOST_SCANNED).unwrap()
}

/// Numbers from `first` to `last` that a statement selects from as `n`.
fn numbers(first: i64, last: i64) -> String {
    format!(
        "WITH RECURSIVE n (i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}) "
    )
}

/// The first entry alone is of the operation `rare`; there are `count` of the operation `often` after it.
fn entries(database: &TestDatabase, store: &Store, count: i64) {
    record(store, vec![entry("rare")]);
    let columns = "at, enterprise_id, token_id, user_id, origin, address, request_id";
    let rest = "outcome, object_kind, object_id, changes, revealed, reason, hash";
    let copies = format!(
        "{} INSERT INTO audit_entries (sequence, operation, {columns}, {rest}) \
         SELECT i, 'often', {columns}, {rest} FROM n, audit_entries WHERE sequence = 1",
        numbers(2, count + 1)
    );
    execute(database, &copies);
    execute(database, &format!("UPDATE register SET audit_sequence = {}", count + 1));
}

fn of(operation: &str) -> AuditFilter {
    AuditFilter { operation: Some(operation.to_owned()), ..AuditFilter::default() }
}

#[test]
fn a_list_of_audit_entries_ends_after_so_many_rows_and_goes_on_from_there() {
    on_both_seeded(|database, store| {
        entries(database, store, most());
        let rare = of("rare");
        let found = store.read(|tx| tx.scan_audit(&rare, 9)).unwrap();
        assert_eq!((found.items.len(), found.rest), (0, Some(2)), "all but one were looked at");
        let rest = AuditFilter { before: found.rest, ..rare.clone() };
        let found = store.read(|tx| tx.scan_audit(&rest, 9)).unwrap();
        assert_eq!((sequences(&found.items), found.rest), (vec![1], None));
        // One that is found soon does not look at more.
        let found = store.read(|tx| tx.scan_audit(&of("often"), 2)).unwrap();
        assert_eq!(sequences(&found.items), [most() + 1, most()]);
        assert_eq!(found.rest, Some(most()));
        // What no request asks for looks at all.
        assert_eq!(sequences(&list(store, &rare, 9)), [1]);
    });
}

#[test]
fn a_count_says_when_it_did_not_look_at_all_rows() {
    on_both_seeded(|database, store| {
        entries(database, store, most() - 2);
        let count = |filter: &AuditFilter| store.read(|tx| tx.count_audit(filter)).unwrap();
        assert_eq!(count(&of("often")), Total::exact(most() - 2));
        assert_eq!(count(&of("rare")), Total::exact(1));
        record(store, vec![entry("late"), entry("late")]);
        assert_eq!(count(&of("often")), Total { count: most() - 2, is_exact: false });
        assert_eq!(count(&of("rare")), Total { count: 0, is_exact: false });
        // The end of the chain tells how many there are in all.
        assert_eq!(count(&AuditFilter::default()), Total::exact(most() + 1));
    });
}

#[test]
fn entries_of_one_enterprise_are_found_among_however_many_of_others() {
    on_both_seeded(|database, store| {
        entries(database, store, most() + 9);
        execute(database, "UPDATE audit_entries SET enterprise_id = NULL");
        let id: EnterpriseId = hex(1);
        let own =
            format!("UPDATE audit_entries SET enterprise_id = '{id}' WHERE sequence IN (1, 7)");
        execute(database, &own);
        for operation in [None, Some("rare")] {
            let operation = operation.map(str::to_owned);
            let filter = AuditFilter { enterprise: Some(id), operation, ..AuditFilter::default() };
            let found = store.read(|tx| tx.scan_audit(&filter, 9)).unwrap();
            let expected = if filter.operation.is_some() { vec![1] } else { vec![7, 1] };
            assert_eq!((sequences(&found.items), found.rest), (expected.clone(), None));
            let total = store.read(|tx| tx.count_audit(&filter)).unwrap();
            assert_eq!(total, Total::exact(i64::try_from(expected.len()).unwrap()));
        }
    });
}

#[test]
fn a_search_among_users_ends_after_so_many_and_goes_on_from_there() {
    on_both_seeded(|database, store| {
        // The first is there already.
        let add = format!(
            "{} INSERT INTO users (id, enterprise_id, name, created_at, updated_at) \
             SELECT i, enterprise_id, 'user ' || i, created_at, updated_at FROM n, users \
             WHERE id = 1",
            numbers(2, most() + 2)
        );
        execute(database, &add);
        let last = Some(format!("user {}", most() + 2));
        let filter = UserFilter { enterprise: Some(hex(1)), contains: last, after: None };
        let found = store.read(|tx| tx.list_users(&filter, 9)).unwrap();
        assert_eq!((found.items.len(), found.rest), (0, Some(UserId(most()))));
        let rest = UserFilter { after: found.rest, ..filter.clone() };
        let found = store.read(|tx| tx.list_users(&rest, 9)).unwrap();
        let ids: Vec<_> = found.items.iter().map(|user| user.id.0).collect();
        assert_eq!((ids, found.rest), (vec![most() + 2], None));
        let total = store.read(|tx| tx.count_users(&filter)).unwrap();
        assert_eq!(total, Total { count: 0, is_exact: false });
    });
}
