//! Regions.

use cadastre_domain::region::{Region, RegionDetail, Scope, Status};
use cadastre_storage::{StorageError, Store, Taken};
use cadastre_testkit::sample::{self, hex, text};
use chrono::TimeDelta;

use crate::support::{column, enterprise, on_both_seeded, plain, region, taken};

fn insert(store: &Store, detail: RegionDetail) -> Result<(), StorageError> {
    store.write(move |tx| tx.insert_region(&detail, sample::changed_by()))
}

fn save(store: &Store, detail: &RegionDetail) -> bool {
    let detail = detail.clone();
    store.write(move |tx| crate::support::save(tx, &detail)).unwrap()
}

fn find(store: &Store, number: u64) -> Option<RegionDetail> {
    store.read(|tx| tx.find_region_detail(hex(number))).unwrap()
}

#[test]
fn a_region_is_found_by_its_identifier_and_its_name() {
    on_both_seeded(|_, store| {
        insert(store, sample::region()).unwrap();
        insert(store, region(99, "beside")).unwrap();
        let found = store.read(|tx| {
            let Region { id, name, .. } = sample::region().region;
            Ok::<_, StorageError>([
                tx.find_region_detail(id)?,
                tx.find_region_named(&name)?,
                tx.find_region_detail(hex(98))?,
                tx.find_region_named(&text("nowhere"))?,
            ])
        });
        let sample = Some(plain(&sample::region()));
        let found = found.unwrap().map(|region| region.as_ref().map(plain));
        assert_eq!(found, [sample.clone(), sample, None, None]);
    });
}

#[test]
fn a_taken_region_name_is_a_conflict_in_every_enterprise() {
    on_both_seeded(|database, store| {
        store.write(|tx| tx.insert_enterprise(&enterprise(2, "Another"))).unwrap();
        insert(store, region(10, "shanghai")).unwrap();
        let mut elsewhere = region(12, "shanghai");
        elsewhere.region.enterprise_id = hex(2);
        assert_eq!(taken(&insert(store, region(11, "shanghai"))), Some(Taken::RegionName));
        assert_eq!(taken(&insert(store, elsewhere)), Some(Taken::RegionName));
        assert_eq!(taken(&insert(store, region(10, "beijing"))), Some(Taken::Other));
        for table in ["regions", "region_credentials"] {
            let count = format!("SELECT CAST(count(*) AS TEXT) AS value FROM {table}");
            assert_eq!(column(database, &count), ["1"], "{table}");
        }
    });
}

#[test]
fn region_names_that_differ_in_case_or_script_are_different() {
    on_both_seeded(|_, store| {
        let names = ["shanghai", "Shanghai", "SHANGHAI", "上海", "上海-1区", "é", "É"];
        for (number, name) in (10..).zip(names) {
            insert(store, region(number, name)).unwrap();
        }
        let found = store.read(|tx| tx.find_region_named(&text("Shanghai"))).unwrap();
        assert_eq!(found.unwrap().region.id, hex(11));
        let is_taken = |name| store.read(|tx| tx.region_name_taken(&text(name))).unwrap();
        assert_eq!(["上海", "上", "shanghaI"].map(is_taken), [true, false, false]);
    });
}

#[test]
fn regions_are_listed_by_enterprise_in_the_order_in_which_they_were_made() {
    on_both_seeded(|_, store| {
        store.write(|tx| tx.insert_enterprise(&enterprise(2, "Another"))).unwrap();
        let mut elsewhere = region(11, "elsewhere");
        elsewhere.region.enterprise_id = hex(2);
        let own = [region(10, "z"), region(12, "B"), region(255, "a")];
        for detail in [&own[1], &own[2], &elsewhere, &own[0]] {
            insert(store, detail.clone()).unwrap();
        }
        let list = |enterprise| store.read(|tx| tx.list_regions(hex(enterprise))).unwrap();
        assert_eq!(list(1), own.map(|detail| detail.region));
        assert_eq!(list(2), [elsewhere.region]);
        assert_eq!(list(3), []);
    });
}

#[test]
fn an_enterprise_without_regions_is_told_from_one_with_some() {
    on_both_seeded(|_, store| {
        store.write(|tx| tx.insert_enterprise(&enterprise(2, "Another"))).unwrap();
        let any = |enterprise| store.read(|tx| tx.has_regions(hex(enterprise))).unwrap();
        assert_eq!([any(1), any(2)], [false, false]);
        insert(store, sample::region()).unwrap();
        assert_eq!([any(1), any(2), any(3)], [true, false, false]);
    });
}

#[test]
fn a_changed_region_is_saved_whole() {
    on_both_seeded(|_, store| {
        insert(store, sample::region()).unwrap();
        insert(store, region(99, "beside")).unwrap();
        let mut changed = sample::region();
        changed.region = Region {
            alias: text("上海一区"),
            addresses: cadastre_domain::region::Addresses {
                api: text("http://[2001:db8::1]:80/x?y=z"),
                websocket: text("https://ws.example.com"),
                http_domain: text("apps.example.com"),
                tcp: text("2001:db8::1"),
            },
            scope: Scope::Public,
            status: Status::Disabled,
            description: text(""),
            updated_at: sample::time() + TimeDelta::microseconds(1),
            version: 2,
            ..changed.region
        };
        assert!(save(store, &changed));
        assert_eq!(find(store, 2).as_ref().map(plain), Some(plain(&changed)));
        assert_eq!(find(store, 99).as_ref().map(plain), Some(plain(&region(99, "beside"))));
        let list = store.read(|tx| tx.list_regions(hex(1))).unwrap();
        assert_eq!(list, [changed.region, region(99, "beside").region]);
    });
}

#[test]
fn every_status_and_scope_can_be_kept() {
    on_both_seeded(|_, store| {
        let mut detail = sample::region();
        insert(store, detail.clone()).unwrap();
        for scope in [Scope::Private, Scope::Public] {
            for status in Status::ALL {
                detail.region =
                    Region { scope, status, version: detail.region.version + 1, ..detail.region };
                assert!(save(store, &detail));
                assert_eq!(find(store, 2).unwrap().region, detail.region);
            }
        }
    });
}

#[test]
fn a_stale_version_writes_nothing() {
    on_both_seeded(|_, store| {
        let mut current = sample::region();
        insert(store, current.clone()).unwrap();
        current.region.version = 2;
        assert!(save(store, &current));
        for version in [-1, 0, 1, 2, 4, 5] {
            let mut stale = current.clone();
            stale.region.version = version;
            stale.region.alias = text("stale");
            stale.credentials = cadastre_domain::region::Credentials::default();
            assert!(!save(store, &stale), "{version}");
        }
        assert_eq!(find(store, 2).as_ref().map(plain), Some(plain(&current)));
    });
}

#[test]
fn a_region_that_is_not_there_cannot_be_saved() {
    on_both_seeded(|database, store| {
        let mut absent = sample::region();
        absent.region.version = 2;
        assert!(!save(store, &absent));
        assert!(column(database, "SELECT region_id AS value FROM region_credentials").is_empty());
    });
}
