//! Nodes and their key pairs.

use cadastre_domain::node::{AccessKey, Node, NodeProfile};
use cadastre_storage::{StorageError, Store, Taken};
use cadastre_testkit::sample::{self, hex, text};

use crate::support::{column, enterprise, on_both_seeded, taken};

const KEYS: &str =
    "SELECT id || ' ' || node_id || ' ' || length(secret) AS value FROM node_keys ORDER BY id";

fn insert(store: &Store, node: &Node, key: &str) -> Result<(), StorageError> {
    let (node, key) = (node.clone(), AccessKey { id: text(key), ..sample::access_key() });
    store.write(move |tx| tx.insert_node(&node, &key))
}

fn node(id: &str, keycode: &str) -> Node {
    let profile = NodeProfile { keycode: text(keycode), ..sample::node().profile };
    Node { id: text(id), profile, ..sample::node() }
}

#[test]
fn a_node_is_kept_with_its_key_pair() {
    on_both_seeded(|database, store| {
        store.write(|tx| tx.insert_node(&sample::node(), &sample::access_key())).unwrap();
        let list = |enterprise| store.read(|tx| tx.list_nodes(hex(enterprise))).unwrap();
        assert_eq!((list(1), list(2)), (vec![sample::node()], vec![]));
        assert_eq!(
            column(database, KEYS),
            // Sealed, the 40 characters are 41 bytes longer.
            ["kwbnQdFKbMXVIJePKgLO reg_cg2britepb7e977fpm8g 81"]
        );
    });
}

#[test]
fn a_node_of_which_little_is_said_is_kept() {
    on_both_seeded(|_, store| {
        let empty = text("");
        let profile = NodeProfile {
            internal: false,
            province: empty,
            city: text(""),
            name: text(""),
            company: text(""),
            ..sample::node().profile
        };
        let node = Node { profile, ..sample::node() };
        insert(store, &node, "00000000000000000001").unwrap();
        assert_eq!(store.read(|tx| tx.list_nodes(hex(1))).unwrap(), [node]);
    });
}

#[test]
fn nodes_are_listed_in_the_order_in_which_they_were_made() {
    on_both_seeded(|_, store| {
        let nodes = [
            node("reg_cg2britepb7e977fpm80", "z"),
            node("reg_cg2britepb7e977fpm8g", "a"),
            node("reg_vvvvvvvvvvvvvvvvvvvg", "M"),
        ];
        for (number, node) in [(1, &nodes[2]), (2, &nodes[0]), (3, &nodes[1])] {
            insert(store, node, &format!("{number:020}")).unwrap();
        }
        assert_eq!(store.read(|tx| tx.list_nodes(hex(1))).unwrap(), nodes);
    });
}

#[test]
fn a_taken_keycode_is_a_conflict_in_its_enterprise_only() {
    on_both_seeded(|database, store| {
        store.write(|tx| tx.insert_enterprise(&enterprise(2, "Another"))).unwrap();
        let (first, second) = ("reg_cg2britepb7e977fpm80", "reg_cg2britepb7e977fpm8g");
        insert(store, &node(first, "code"), "00000000000000000001").unwrap();
        let again = insert(store, &node(second, "code"), "00000000000000000002");
        assert_eq!(taken(&again), Some(Taken::Keycode));
        let elsewhere = Node { enterprise_id: hex(2), ..node(second, "code") };
        insert(store, &elsewhere, "00000000000000000003").unwrap();
        insert(store, &node("reg_vvvvvvvvvvvvvvvvvvvg", "Code"), "00000000000000000004").unwrap();
        let ids: Vec<String> = column(database, "SELECT id AS value FROM node_keys ORDER BY id");
        assert_eq!(ids, [1, 3, 4].map(|number| format!("{number:020}")));
    });
}

#[test]
fn a_node_whose_key_is_taken_is_not_kept() {
    on_both_seeded(|_, store| {
        let first = node("reg_cg2britepb7e977fpm80", "one");
        insert(store, &first, "00000000000000000001").unwrap();
        let second = node("reg_cg2britepb7e977fpm8g", "two");
        let refused = insert(store, &second, "00000000000000000001");
        assert_eq!(taken(&refused), Some(Taken::Other));
        assert_eq!(store.read(|tx| tx.list_nodes(hex(1))).unwrap(), [first]);
    });
}
