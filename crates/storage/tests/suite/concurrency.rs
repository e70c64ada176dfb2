//! Several stores on one database, as several servers are, and several threads on one store.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use cadastre_domain::region::Region;
use cadastre_storage::{StorageError, Store, Taken, Tx};
use cadastre_testkit::sample::{self, hex, text};

use crate::support::{on_both_seeded, prepared, region, taken};

/// Reads the sample's region, changes it and saves it, as every use case does.
fn change(tx: &mut dyn Tx) -> Result<bool, StorageError> {
    let mut detail = tx.find_region_detail(sample::region().region.id)?.unwrap();
    let version = detail.region.version + 1;
    detail.region = Region { version, description: text(&version.to_string()), ..detail.region };
    crate::support::save(tx, &detail)
}

/// Changes the region 50 times on each of two threads of each store; in vain how often.
fn change_often(stores: &[&Store]) -> usize {
    let begin = Barrier::new(stores.len() * 2);
    thread::scope(|scope| {
        let change_often = |store: &Store| {
            begin.wait();
            (0..50).filter(|_| !store.write(change).unwrap()).count()
        };
        let spawn = |store| scope.spawn(move || change_often(store));
        let threads: Vec<_> = stores.iter().flat_map(|&store| [store; 2]).map(spawn).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}

#[test]
fn no_change_is_lost_between_two_stores() {
    on_both_seeded(|database, store| {
        store.write(|tx| tx.insert_region(&sample::region(), sample::changed_by())).unwrap();
        let other = prepared(database.url());
        assert_eq!(change_often(&[store, &other]), 0, "nobody writes between reading and saving");
        let found = store.read(|tx| tx.find_region_detail(hex(2))).unwrap().unwrap();
        assert_eq!((found.region.version, found.region.description), (201, text("201")));
    });
}

/// How 16 threads fare, spread over the stores, each of which creates a region of the same name.
fn create_at_once(stores: &[&Store], first: u64, name: &str) -> Vec<Option<Taken>> {
    let begin = Barrier::new(16);
    let begin = &begin;
    thread::scope(|scope| {
        let create = |number: u64| {
            let store = stores[usize::try_from(number).unwrap() % stores.len()];
            let detail = region(first + number, name);
            scope.spawn(move || {
                begin.wait();
                let created =
                    store.write(move |tx| tx.insert_region(&detail, sample::changed_by()));
                created.is_err().then(|| taken(&created).unwrap())
            })
        };
        let threads: Vec<_> = (0..16).map(create).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn of_identical_creations_exactly_one_wins() {
    on_both_seeded(|database, store| {
        let other = prepared(database.url());
        for (stores, first, name) in
            [(&[store][..], 100, "in-one"), (&[store, &other][..], 200, "in-two")]
        {
            let ends = create_at_once(stores, first, name);
            let count = |end| ends.iter().filter(|one| **one == end).count();
            assert_eq!((count(None), count(Some(Taken::RegionName))), (1, 15), "{name}");
        }
        assert_eq!(other.read(|tx| tx.list_regions(hex(1))).unwrap().len(), 2);
    });
}

#[test]
fn a_reader_sees_all_of_a_write_or_nothing_of_it() {
    on_both_seeded(|_, store| {
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let mut seen = Vec::new();
                while !done.load(Ordering::Acquire) {
                    seen.push(store.read(|tx| tx.list_regions(hex(1))).unwrap().len());
                }
                seen
            });
            for number in (100..180).step_by(2) {
                let pair = [number, number + 1].map(|n| region(n, &format!("r{n}")));
                let insert = move |tx: &mut dyn Tx| {
                    pair.iter().try_for_each(|one| tx.insert_region(one, sample::changed_by()))
                };
                store.write(insert).unwrap();
            }
            done.store(true, Ordering::Release);
            let seen = reader.join().unwrap();
            assert!(seen.iter().all(|count| count % 2 == 0), "{seen:?}");
            assert!(seen.is_sorted(), "{seen:?}");
        });
    });
}
