//! Watches of regions.

use cadastre_domain::id::NodeId;
use cadastre_domain::node::{AccessKey, Node, NodeProfile};
use cadastre_domain::task::Frequency;
use cadastre_domain::watch::Watch;
use cadastre_storage::Store;
use cadastre_testkit::sample::{self, hex, text};

use crate::support::{column, on_both_seeded, region};

/// A region, and two nodes.
fn seed(store: &Store) {
    let other = Node {
        id: text("reg_cg2britepb7e977fpm80"),
        profile: NodeProfile { keycode: text("other"), ..sample::node().profile },
        ..sample::node()
    };
    let key = AccessKey { id: text("00000000000000000001"), ..sample::access_key() };
    store
        .write(move |tx| {
            tx.insert_region(&region(20, "one"), sample::changed_by())?;
            tx.insert_region(&region(21, "two"), sample::changed_by())?;
            tx.insert_node(&sample::node(), &sample::access_key())?;
            tx.insert_node(&other, &key)
        })
        .unwrap();
}

#[test]
fn a_watch_is_kept_changed_and_removed() {
    on_both_seeded(|_, store| {
        seed(store);
        let watch = sample::watch(hex(20));
        let found = || store.read(|tx| tx.find_watch(hex(20))).unwrap();
        assert_eq!(found(), None);
        let new = watch.clone();
        store.write(move |tx| tx.insert_watch(&new)).unwrap();
        assert_eq!(found(), Some(watch.clone()));
        let changed = Watch {
            nodes: vec![text("reg_cg2britepb7e977fpm80"), sample::node().id],
            frequency: Frequency::H1,
            down_from: 2,
            verifies_tls: false,
            version: 2,
            ..watch
        };
        for saved in [true, false] {
            let again = changed.clone();
            assert_eq!(store.write(move |tx| tx.save_watch(&again)).unwrap(), saved);
        }
        assert_eq!(found(), Some(changed));
        for (version, gone) in [(1, false), (2, true), (2, false)] {
            assert_eq!(store.write(move |tx| tx.delete_watch(hex(20), version)).unwrap(), gone);
        }
        assert_eq!(found(), None);
    });
}

#[test]
fn watches_are_listed_page_by_page() {
    on_both_seeded(|_, store| {
        seed(store);
        let watches = [sample::watch(hex(20)), Watch { id: hex(91), ..sample::watch(hex(21)) }];
        let new = watches.clone();
        store.write(move |tx| new.iter().try_for_each(|watch| tx.insert_watch(watch))).unwrap();
        let list = |after, limit| store.read(|tx| tx.list_watches(after, limit)).unwrap();
        assert_eq!(list(None, 9), watches);
        assert_eq!(list(None, 1), watches[..1]);
        assert_eq!(list(Some(hex(20)), 9), watches[1..]);
        assert_eq!(list(Some(hex(21)), 9), []);
    });
}

#[test]
fn watches_are_found_by_their_nodes_of_which_few_may_be_others() {
    on_both_seeded(|_, store| {
        seed(store);
        let (one, other) = (sample::node().id, text("reg_cg2britepb7e977fpm80"));
        let both = vec![NodeId::clone(&other), one.clone()];
        let watches = [
            Watch { nodes: both, ..sample::watch(hex(20)) },
            Watch { id: hex(91), ..sample::watch(hex(21)) },
        ];
        let new = watches.clone();
        store.write(move |tx| new.iter().try_for_each(|watch| tx.insert_watch(watch))).unwrap();
        let from = |node: &NodeId| store.read(|tx| tx.watches_from(node)).unwrap();
        assert_eq!(from(&one), watches);
        assert_eq!(from(&other), watches[..1]);
        let without = Watch { nodes: vec![other.clone()], version: 2, ..watches[0].clone() };
        let saved = without.clone();
        assert!(store.write(move |tx| tx.save_watch(&saved)).unwrap());
        assert_eq!((from(&one), from(&other)), (watches[1..].to_vec(), vec![without.clone()]));
        let empty = Watch { nodes: Vec::new(), version: 3, ..without };
        let saved = empty.clone();
        assert!(store.write(move |tx| tx.save_watch(&saved)).unwrap());
        assert_eq!(from(&other), []);
        assert_eq!(store.read(|tx| tx.find_watch(hex(20))).unwrap(), Some(empty));
    });
}

#[test]
fn a_watch_goes_with_its_region() {
    on_both_seeded(|database, store| {
        seed(store);
        store.write(|tx| tx.insert_watch(&sample::watch(hex(20)))).unwrap();
        assert!(store.write(|tx| tx.delete_region(hex(20), 1)).unwrap());
        for table in ["region_watches", "region_watch_nodes"] {
            let rows = column(database, &format!("SELECT region_id AS value FROM {table}"));
            assert!(rows.is_empty(), "{table}");
        }
    });
}
