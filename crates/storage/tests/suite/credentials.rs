//! The credentials of regions.

use cadastre_domain::region::{Credentials, RegionDetail};
use cadastre_storage::Store;
use cadastre_testkit::sample::{self, hex};

use crate::support::{column, on_both_seeded, plain, region};

/// The sample's credentials without those whose bit is not set.
fn some(bits: u8) -> Credentials {
    let all = sample::region().credentials;
    Credentials {
        token: all.token.filter(|_| bits & 1 != 0),
        ca: all.ca.filter(|_| bits & 2 != 0),
        certificate: all.certificate.filter(|_| bits & 4 != 0),
        key: all.key.filter(|_| bits & 8 != 0),
    }
}

fn with(bits: u8) -> RegionDetail {
    RegionDetail { credentials: some(bits), ..region(10 + u64::from(bits), &format!("r{bits}")) }
}

fn find(store: &Store, detail: &RegionDetail) -> RegionDetail {
    store.read(|tx| tx.find_region_detail(detail.region.id)).unwrap().unwrap()
}

#[test]
fn each_credential_is_there_or_not_on_its_own() {
    on_both_seeded(|_, store| {
        store
            .write(|tx| {
                (0..16).try_for_each(|bits| tx.insert_region(&with(bits), sample::changed_by()))
            })
            .unwrap();
        for bits in 0..16 {
            assert_eq!(plain(&find(store, &with(bits))), plain(&with(bits)), "{bits:04b}");
        }
    });
}

#[test]
fn credentials_come_and_go_with_a_change() {
    on_both_seeded(|_, store| {
        let mut detail = with(0);
        let mut version = 1;
        store.write(|tx| tx.insert_region(&with(0), sample::changed_by())).unwrap();
        for bits in [1, 2, 4, 8, 15, 0, 10, 5, 15, 0] {
            version += 1;
            detail.region.version = version;
            detail.credentials = some(bits);
            let changed = detail.clone();
            assert!(store.write(move |tx| crate::support::save(tx, &changed)).unwrap());
            assert_eq!(plain(&find(store, &detail)), plain(&detail), "{bits:04b}");
        }
    });
}

#[test]
fn a_region_without_credentials_has_no_row_of_them() {
    on_both_seeded(|database, store| {
        store.write(|tx| tx.insert_region(&with(0), sample::changed_by())).unwrap();
        let rows = "SELECT region_id AS value FROM region_credentials";
        assert!(column(database, rows).is_empty());
    });
}

#[test]
fn the_lists_show_a_region_once_whatever_its_credentials() {
    on_both_seeded(|_, store| {
        store
            .write(|tx| {
                [0, 15].iter().try_for_each(|&b| tx.insert_region(&with(b), sample::changed_by()))
            })
            .unwrap();
        let list = store.read(|tx| tx.list_regions(hex(1))).unwrap();
        assert_eq!(list, [with(0).region, with(15).region]);
    });
}
