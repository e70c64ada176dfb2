//! Variables of dial tasks.

use cadastre_domain::id::VariableId;
use cadastre_domain::secret::Secret;
use cadastre_domain::variable::{DialVariable, VariableContent, VariableSource};
use cadastre_storage::{StorageError, Store, Taken, VariableFilter, VariableState};
use cadastre_testkit::sample::{self, hex, text};
use chrono::TimeDelta;

use crate::support::{column, enterprise, on_both_seeded, taken};

fn variable(number: u64, name: &str) -> DialVariable {
    let content = VariableContent { name: text(name), ..sample::variable().content };
    DialVariable { id: hex(number).into(), content, ..sample::variable() }
}

fn insert(store: &Store, variable: &DialVariable) -> Result<(), StorageError> {
    let variable = variable.clone();
    store.write(move |tx| tx.insert_variable(&variable))
}

fn save(store: &Store, variable: &DialVariable) -> bool {
    let variable = variable.clone();
    store.write(move |tx| tx.save_variable(&variable)).unwrap()
}

fn find(store: &Store, number: u64) -> Option<DialVariable> {
    store.read(|tx| tx.find_variable(hex(number).into())).unwrap()
}

/// What agents of the enterprise with this number are told behind `since`: name, value, time.
fn behind(store: &Store, since: i64, limit: i64) -> Vec<(String, String, i64)> {
    let found = store.read(|tx| tx.variables_behind(hex(1), since, limit)).unwrap();
    let told = found.into_iter().map(|found| {
        let content = found.content;
        (content.name.into(), content.value.reveal().to_owned(), found.update_time)
    });
    told.collect()
}

const NOW: i64 = 1_795_336_215;

#[test]
fn a_variable_is_kept_with_its_value_sealed() {
    on_both_seeded(|database, store| {
        let source = VariableSource {
            task_id: hex(70).into(),
            task_var_name: text("token"),
            post_script: "a\nb".to_owned(),
        };
        let content =
            VariableContent { is_secure: true, source: Some(source), ..sample::variable().content };
        let content = VariableContent { name: text("computed"), ..content };
        let computed = DialVariable { content, ..variable(86, "x") };
        for variable in [sample::variable(), computed] {
            insert(store, &variable).unwrap();
            let found = store.read(|tx| tx.find_variable(variable.id)).unwrap().unwrap();
            assert!(found.content.same(&variable.content));
            assert_eq!(found.enterprise_id, hex(1));
            assert_eq!((found.created_at, found.updated_at), (sample::time(), sample::time()));
            assert_eq!((found.deleted_at, found.version), (None, 1));
        }
        let sizes: Vec<String> =
            column(database, "SELECT CAST(length(value) AS TEXT) AS value FROM dial_variables");
        assert_eq!(sizes, ["43", "43"], "sealed, two characters are 41 bytes longer");
    });
}

#[test]
fn times_grow_strictly_in_an_enterprise_and_none_is_seen_twice() {
    on_both_seeded(|_, store| {
        for (number, name) in [(85, "a"), (86, "b"), (87, "c")] {
            insert(store, &variable(number, name)).unwrap();
        }
        let told =
            |name: &str, value: &str, after| (name.to_owned(), value.to_owned(), NOW + after);
        let all = [told("a", "42", 0), told("b", "42", 1), told("c", "42", 2)];
        assert_eq!(behind(store, 0, 9), all);
        assert_eq!(behind(store, 0, 2), all[..2]);
        assert_eq!(behind(store, NOW, 9), all[1..]);
        let first = find(store, 85).unwrap();
        let value = Secret::from("43".to_owned());
        let content = VariableContent { value, ..first.content.clone() };
        assert!(save(store, &first.edited(content, sample::time()).unwrap()));
        assert_eq!(behind(store, NOW + 2, 9), [told("a", "43", 3)]);
        let gone = find(store, 86).unwrap().deleted(sample::time() + TimeDelta::seconds(10));
        assert!(save(store, &gone));
        assert!(find(store, 86).is_none());
        assert_eq!(behind(store, NOW + 3, 9), [told("b", "", 10)]);
        assert!(!save(store, &gone), "not twice");
    });
}

#[test]
fn no_time_comes_again_when_the_variable_that_had_it_is_forgotten() {
    on_both_seeded(|_, store| {
        for (number, name) in [(85, "a"), (86, "b"), (87, "c")] {
            insert(store, &variable(number, name)).unwrap();
        }
        assert!(save(store, &find(store, 87).unwrap().deleted(sample::time())));
        let read = behind(store, 0, 9).last().unwrap().2;
        assert_eq!(read, NOW + 3);
        let old = sample::time() + TimeDelta::seconds(1);
        assert_eq!(store.write(move |tx| tx.forget_variables(old)).unwrap(), 1);
        insert(store, &variable(88, "d")).unwrap();
        assert_eq!(behind(store, read, 9), [("d".to_owned(), "42".to_owned(), read + 1)]);
    });
}

#[test]
fn many_variables_are_found_at_once_but_none_that_is_deleted() {
    on_both_seeded(|_, store| {
        let ids: Vec<VariableId> = (1000..1602).map(|number| hex(number).into()).collect();
        for number in 1000..1601 {
            insert(store, &variable(number, &number.to_string())).unwrap();
        }
        assert!(save(store, &find(store, 1000).unwrap().deleted(sample::time())));
        let mut found = store.read(|tx| tx.find_variables(hex(1), &ids)).unwrap();
        assert!(store.read(|tx| tx.find_variables(hex(2), &ids)).unwrap().is_empty());
        found.sort_by_key(|found| found.id);
        let found: Vec<_> = found.into_iter().map(|found| found.id).collect();
        assert_eq!(found, ids[1..601]);
    });
}

#[test]
fn a_name_is_taken_in_its_enterprise_until_its_variable_is_deleted() {
    on_both_seeded(|_, store| {
        store.write(|tx| tx.insert_enterprise(&enterprise(2, "Another"))).unwrap();
        insert(store, &variable(85, "a")).unwrap();
        let again = insert(store, &variable(86, "a"));
        assert_eq!(taken(&again), Some(Taken::VariableName));
        insert(store, &DialVariable { enterprise_id: hex(2), ..variable(87, "a") }).unwrap();
        assert!(save(store, &find(store, 85).unwrap().deleted(sample::time())));
        insert(store, &variable(86, "a")).unwrap();
    });
}

#[test]
fn lists_hold_what_fits_and_is_not_deleted() {
    on_both_seeded(|_, store| {
        store.write(|tx| tx.insert_enterprise(&enterprise(2, "Another"))).unwrap();
        for (number, name) in [(85, "alpha"), (86, "beta"), (87, "Alp")] {
            insert(store, &variable(number, name)).unwrap();
        }
        insert(store, &DialVariable { enterprise_id: hex(2), ..variable(88, "alp") }).unwrap();
        let list = |filter: VariableFilter, limit| {
            let found = store.read(|tx| tx.list_variables(&filter, limit)).unwrap().items;
            let ids: Vec<VariableId> = found.into_iter().map(|found| found.id).collect();
            (ids, store.read(|tx| tx.count_variables(&filter)).unwrap().count)
        };
        let ids = |numbers: &[u64]| numbers.iter().map(|n| hex(*n).into()).collect::<Vec<_>>();
        let all = VariableFilter::default();
        assert_eq!(list(all.clone(), 9), (ids(&[85, 86, 87, 88]), 4));
        assert_eq!(list(all.clone(), 2), (ids(&[85, 86]), 4));
        let own = VariableFilter { enterprise: Some(hex(1)), ..all };
        let some = VariableFilter { contains: Some("ALP".to_owned()), ..own.clone() };
        assert_eq!(list(some, 9), (ids(&[85, 87]), 2));
        let rest = VariableFilter { after: Some(hex(85).into()), ..own.clone() };
        assert_eq!(list(rest, 9), (ids(&[86, 87]), 3));
        assert!(save(store, &find(store, 86).unwrap().deleted(sample::time())));
        assert_eq!(list(own, 9), (ids(&[85, 87]), 2));
    });
}

#[test]
fn deleted_variables_are_forgotten_when_they_are_old() {
    on_both_seeded(|_, store| {
        let states = || store.read(|tx| tx.variable_states()).unwrap();
        assert_eq!(states(), []);
        insert(store, &variable(85, "a")).unwrap();
        let source = VariableSource {
            task_id: hex(70).into(),
            task_var_name: text(""),
            post_script: String::new(),
        };
        let content = VariableContent { source: Some(source), ..variable(86, "b").content };
        insert(store, &DialVariable { content, ..variable(86, "b") }).unwrap();
        let state = |after, is_computed| {
            [(hex(1), VariableState { update_time: NOW + after, is_computed })]
        };
        assert_eq!(states(), state(1, true));
        assert!(save(store, &find(store, 86).unwrap().deleted(sample::time())));
        assert_eq!(states(), state(2, false));
        let forget = |before| store.write(move |tx| tx.forget_variables(before)).unwrap();
        assert_eq!(forget(sample::time()), 0);
        assert_eq!(forget(sample::time() + TimeDelta::seconds(1)), 1);
        assert_eq!(states(), state(0, false));
    });
}
