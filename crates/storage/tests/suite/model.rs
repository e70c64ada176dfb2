//! Regions in memory.

use cadastre_domain::audit::Object;
use cadastre_domain::region::{Region, RegionDetail};
use cadastre_storage::{Store, Tx};
use cadastre_testkit::sample::{self, hex, text};

use crate::support::audit::{entry, record_some};
use crate::support::{enterprise, on_both_seeded, prepared, region};

/// Tells of something done to a region, as every change does.
fn tell(tx: &mut dyn Tx, number: u64) {
    let mut entry = entry("change_region");
    entry.object = Some(Object { kind: "region".into(), id: hex::<()>(number).to_string() });
    tx.record(entry);
}

fn insert(store: &Store, number: u64, name: &'static str) {
    store
        .write(move |tx| {
            tell(tx, number);
            tx.insert_region(&region(number, name), sample::changed_by())
        })
        .unwrap();
}

/// Gives a region another alias, in its next version.
fn change(store: &Store, number: u64, alias: &'static str) {
    store
        .write(move |tx| {
            tell(tx, number);
            let detail = tx.find_region_detail(hex(number))?.unwrap();
            let (alias, version) = (text(alias), detail.region.version + 1);
            let region = Region { alias, version, ..detail.region };
            let saved = crate::support::save(tx, &RegionDetail { region, ..detail })?;
            assert!(saved);
            Ok::<_, cadastre_storage::StorageError>(())
        })
        .unwrap();
}

fn delete(store: &Store, number: u64) {
    let deleted = store.write(move |tx| {
        tell(tx, number);
        let version = tx.find_region(hex(number))?.unwrap().version;
        tx.delete_region(hex(number), version)
    });
    assert!(deleted.unwrap());
}

/// What a store sees after it brought its regions up to date: their numbers, names and aliases.
fn seen(store: &Store) -> Vec<(u64, String, String)> {
    store.refresh_regions().unwrap();
    let model = store.regions();
    let holdings = model.holdings().flat_map(|(_, holding)| holding.after(None));
    let regions = holdings.map(|found| {
        let Region { id, name, alias, .. } = found.listed.region.clone();
        let number = u64::from_str_radix(&id.to_string(), 16).unwrap();
        assert!(std::sync::Arc::ptr_eq(model.find(id).unwrap(), found));
        assert!(std::sync::Arc::ptr_eq(model.find_named(&name).unwrap(), found));
        (number, String::from(name), String::from(alias))
    });
    regions.collect()
}

/// A region as [`seen`] tells it, with this alias or the sample's.
fn told(number: u64, name: &str, alias: &str) -> (u64, String, String) {
    (number, name.to_owned(), alias.to_owned())
}

const ALIAS: &str = "Shanghai 1";

#[test]
fn what_another_store_did_is_seen() {
    on_both_seeded(|database, writer| {
        insert(writer, 10, "one");
        let reader = prepared(database.url());
        assert_eq!(seen(&reader), [told(10, "one", ALIAS)]);
        insert(writer, 11, "two");
        change(writer, 10, "changed");
        for store in [&reader, writer] {
            assert_eq!(seen(store), [told(10, "one", "changed"), told(11, "two", ALIAS)]);
        }
        delete(writer, 10);
        assert_eq!(seen(&reader), [told(11, "two", ALIAS)]);
        change(&reader, 11, "by the reader");
        assert_eq!(seen(writer), [told(11, "two", "by the reader")]);
    });
}

#[test]
fn a_name_used_again_after_a_deletion_belongs_to_the_new_region() {
    on_both_seeded(|database, writer| {
        insert(writer, 20, "name");
        let reader = prepared(database.url());
        assert_eq!(seen(&reader).len(), 1);
        // The new region comes before the old one in the order of identifiers, and after it.
        for (old, new) in [(20, 10), (10, 30)] {
            delete(writer, old);
            insert(writer, new, "name");
            assert_eq!(seen(&reader), [told(new, "name", ALIAS)]);
            assert!(reader.regions().find(hex(old)).is_none());
        }
        delete(writer, 30);
        assert_eq!(seen(&reader), []);
        assert!(reader.regions().find_named(&text("name")).is_none());
    });
}

#[test]
fn a_store_that_is_thousands_of_entries_behind_catches_up() {
    on_both_seeded(|database, writer| {
        insert(writer, 10, "one");
        insert(writer, 11, "two");
        let reader = prepared(database.url());
        assert_eq!(seen(&reader).len(), 2);
        for entries in [1999, 2000, 2001, 2500] {
            let alias = if entries % 2 == 0 { "even" } else { "odd" };
            change(writer, 10, alias);
            record_some(writer, entries, 500);
            assert_eq!(seen(&reader), [told(10, "one", alias), told(11, "two", ALIAS)]);
        }
        delete(writer, 11);
        record_some(writer, 2001, 500);
        assert_eq!(seen(&reader), [told(10, "one", "even")]);
    });
}

#[test]
fn more_regions_than_are_read_at_once_are_all_seen() {
    on_both_seeded(|database, writer| {
        let reader = prepared(database.url());
        assert_eq!(seen(&reader), []);
        for from in [1000_u64, 2000, 3000] {
            writer
                .write(move |tx| {
                    for number in from..from + 700 {
                        let mut detail = region(number, &format!("r{number}"));
                        detail.credentials = cadastre_domain::region::Credentials::default();
                        tell(tx, number);
                        tx.insert_region(&detail, sample::changed_by())?;
                    }
                    Ok::<_, cadastre_storage::StorageError>(())
                })
                .unwrap();
        }
        assert_eq!(seen(&reader).len(), 2100, "from the entries, or anew");
        assert_eq!(seen(&prepared(database.url())).len(), 2100, "from the beginning");
    });
}

#[test]
fn what_was_refused_changes_nothing() {
    on_both_seeded(|database, writer| {
        insert(writer, 10, "one");
        let reader = prepared(database.url());
        assert_eq!(seen(&reader).len(), 1);
        let revision = reader.regions().holding(hex(1)).unwrap().revision();
        let bodies = reader.regions().holding(hex(1)).unwrap().bodies();
        let mut refused = entry("change_region");
        refused.outcome = cadastre_domain::audit::Outcome::Refused;
        for object in [hex::<()>(10).to_string(), hex::<()>(99).to_string(), "no id".to_owned()] {
            refused.object = Some(Object { kind: "region".into(), id: object });
            crate::support::audit::record(writer, vec![refused.clone()]);
        }
        assert_eq!(seen(&reader), [told(10, "one", ALIAS)]);
        let model = reader.regions();
        let holding = model.holding(hex(1)).unwrap();
        assert_eq!(holding.revision(), revision);
        assert!(std::sync::Arc::ptr_eq(&holding.bodies(), &bodies), "what was rendered is kept");
    });
}

#[test]
fn what_is_done_to_other_things_changes_nothing() {
    on_both_seeded(|_, store| {
        insert(store, 10, "one");
        assert_eq!(seen(store).len(), 1);
        let revision = store.regions().holding(hex(1)).unwrap().revision();
        let mut other = entry("change_team");
        // Even if it had the identifier of a region.
        other.object = Some(Object { kind: "team".into(), id: hex::<()>(10).to_string() });
        crate::support::audit::record(store, vec![other]);
        assert_eq!(seen(store), [told(10, "one", ALIAS)]);
        assert_eq!(store.regions().holding(hex(1)).unwrap().revision(), revision);
    });
}

#[test]
fn the_regions_of_each_enterprise_are_apart() {
    on_both_seeded(|_, store| {
        store.write(|tx| tx.insert_enterprise(&enterprise(2, "Another"))).unwrap();
        insert(store, 10, "own");
        store
            .write(|tx| {
                let mut detail = region(11, "foreign");
                detail.region.enterprise_id = hex(2);
                tell(tx, 11);
                tx.insert_region(&detail, sample::changed_by())
            })
            .unwrap();
        seen(store);
        let model = store.regions();
        assert!(model.holding(hex(3)).is_none());
        let names = |home| {
            let regions = model.holding(hex(home)).unwrap().after(None);
            regions.map(|found| String::from(found.listed.region.name.clone())).collect::<Vec<_>>()
        };
        assert_eq!((names(1), names(2)), (vec!["own".to_owned()], vec!["foreign".to_owned()]));
        assert_eq!(model.holding(hex(1)).unwrap().after(Some(hex(10))).count(), 0);
        let revisions = [1, 2].map(|home| model.holding(hex(home)).unwrap().revision());
        drop(model);
        change(store, 11, "changed");
        seen(store);
        let model = store.regions();
        let later = [1, 2].map(|home| model.holding(hex(home)).unwrap().revision());
        assert_eq!(later[0], revisions[0]);
        assert!(later[1] > revisions[1]);
    });
}

#[test]
fn a_change_that_was_undone_is_not_seen() {
    on_both_seeded(|_, store| {
        insert(store, 10, "one");
        let undone = store.write(|tx| {
            tell(tx, 11);
            tx.insert_region(&region(11, "two"), sample::changed_by())?;
            assert!(tx.find_region(hex(11))?.is_some());
            Err::<(), _>(cadastre_storage::StorageError::Busy)
        });
        assert!(undone.is_err());
        assert_eq!(seen(store), [told(10, "one", ALIAS)]);
    });
}

#[test]
fn the_first_expiry_of_certificates_is_seen() {
    on_both_seeded(|database, store| {
        let mut detail = region(10, "one");
        detail.credentials = cadastre_testkit::credentials(2031);
        let expiry = detail.credentials.expire_at();
        assert_eq!(expiry.unwrap().to_rfc3339(), "2031-01-01T00:00:00+00:00");
        store
            .write(move |tx| {
                tell(tx, 10);
                tx.insert_region(&detail, sample::changed_by())
            })
            .unwrap();
        let reader = prepared(database.url());
        for store in [&reader, store] {
            seen(store);
            let found = store.regions().find(hex(10)).map(|found| found.listed.clone());
            assert_eq!(found.unwrap().certificates_expire_at, expiry);
        }
        let mut detail = region(10, "one");
        detail.region.version = 2;
        detail.credentials = cadastre_testkit::credentials(2042);
        store
            .write(move |tx| {
                tell(tx, 10);
                crate::support::save(tx, &detail)
            })
            .unwrap();
        seen(&reader);
        let found = reader.regions().find(hex(10)).map(|found| found.listed.clone()).unwrap();
        let expiry = found.certificates_expire_at.unwrap();
        assert_eq!(expiry.to_rfc3339(), "2042-01-01T00:00:00+00:00");
    });
}
