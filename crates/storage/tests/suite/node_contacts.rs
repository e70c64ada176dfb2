//! What is known of the pulls of nodes and of their keys, when several servers tell of it.

use cadastre_domain::id::NodeId;
use cadastre_domain::node::{
    AccessKey, AccessKeyId, Node, NodeAgent, NodeContact, NodeProfile, PullRefusal, Pulls,
    RefusedPull,
};
use cadastre_storage::Store;
use cadastre_testkit::sample::{self, text};
use chrono::{DateTime, TimeDelta, Utc};

use crate::support::on_both_seeded;

fn at(seconds: i64) -> DateTime<Utc> {
    sample::time() + TimeDelta::seconds(seconds)
}

fn node_id(number: usize) -> NodeId {
    text(&format!("reg_{number:019}0"))
}

fn key_id(number: usize) -> AccessKeyId {
    text(&format!("{number:020}"))
}

fn nodes(store: &Store, count: usize) {
    store
        .write(move |tx| {
            for number in 0..count {
                let profile =
                    NodeProfile { keycode: text(&number.to_string()), ..sample::node().profile };
                let node = Node { id: node_id(number), profile, ..sample::node() };
                let key = AccessKey { id: key_id(number), ..sample::access_key() };
                tx.insert_node(&node, &key)?;
            }
            Ok::<_, cadastre_storage::StorageError>(())
        })
        .unwrap();
}

fn contact(number: usize, accepted: Option<i64>, refused: Option<i64>) -> NodeContact {
    let refused =
        refused.map(|seconds| RefusedPull { at: at(seconds), reason: PullRefusal::Signature });
    let pulls = Pulls { accepted_at: accepted.map(at), interval: None, refused };
    NodeContact { node_id: node_id(number), pulls, date: accepted.map(|at| at.to_string()) }
}

fn agent(number: usize, first: i64, last: i64) -> NodeAgent {
    NodeAgent {
        node_id: node_id(number),
        address: "192.0.2.1".to_owned(),
        key: key_id(number),
        first_seen_at: at(first),
        last_seen_at: at(last),
        interval: None,
        cursor: Some(last),
    }
}

fn note(store: &Store, contacts: &[NodeContact]) {
    let contacts = contacts.to_vec();
    store.write(move |tx| tx.note_contacts(&contacts)).unwrap();
}

fn known(store: &Store, count: usize) -> Vec<NodeContact> {
    let ids: Vec<_> = (0..count).map(node_id).collect();
    let mut known = store.read(|tx| tx.list_contacts(&ids)).unwrap();
    known.sort_by_key(|contact| contact.node_id.clone());
    known
}

#[test]
fn the_later_of_two_tellings_stays_for_each_kind_of_pull() {
    on_both_seeded(|_, store| {
        nodes(store, 1);
        note(store, &[contact(0, Some(5), None)]);
        note(store, &[contact(0, Some(3), Some(4))]);
        assert_eq!(known(store, 1), [contact(0, Some(5), Some(4))]);
        note(store, &[contact(0, None, Some(2))]);
        assert_eq!(known(store, 1), [contact(0, Some(5), Some(4))]);
        note(store, &[contact(0, Some(9), None), contact(0, Some(7), Some(8))]);
        assert_eq!(known(store, 1), [contact(0, Some(9), Some(8))]);
    });
}

#[test]
fn contacts_of_many_nodes_are_noted_at_once_and_those_that_are_gone_passed_over() {
    on_both_seeded(|_, store| {
        nodes(store, 1203);
        let all: Vec<_> = (0..1204).map(|number| contact(number, Some(1), None)).collect();
        note(store, &all);
        assert_eq!(known(store, 1204), all[..1203]);
    });
}

#[test]
fn agents_are_told_apart_by_address_and_key() {
    on_both_seeded(|_, store| {
        nodes(store, 2);
        let note = |agents: Vec<NodeAgent>| {
            store.write(move |tx| tx.note_agents(&agents)).unwrap();
        };
        let other = NodeAgent { address: "192.0.2.2".to_owned(), ..agent(0, 1, 1) };
        note(vec![agent(0, 2, 5), other.clone(), agent(1, 1, 1), agent(7, 1, 1)]);
        note(vec![agent(0, 1, 3)]);
        let list = |since| store.read(|tx| tx.list_agents(&node_id(0), at(since))).unwrap();
        assert_eq!(list(0), [agent(0, 1, 5), other]);
        assert_eq!(list(2), [agent(0, 1, 5)]);
    });
}

#[test]
fn of_the_uses_of_a_key_the_first_and_the_last_are_kept() {
    on_both_seeded(|_, store| {
        nodes(store, 2);
        let note = |uses: Vec<(AccessKeyId, DateTime<Utc>)>| {
            store.write(move |tx| tx.note_key_uses(&uses)).unwrap();
        };
        let uses = || {
            let ids = [node_id(0), node_id(1)];
            let keys = store.read(|tx| tx.node_keys(&ids)).unwrap().into_iter();
            let secret = sample::access_key().secret;
            keys.map(|key| {
                assert_eq!(key.pair.secret.reveal(), secret.reveal(), "nothing else changes");
                assert!(key.is_valid(at(0)) && key.created_at == sample::time());
                (key.first_used_at, key.last_used_at)
            })
            .collect::<Vec<_>>()
        };
        assert_eq!(uses(), [(None, None), (None, None)]);
        note(vec![(key_id(0), at(3)), (key_id(9), at(3))]);
        note(vec![(key_id(0), at(2)), (key_id(1), at(1))]);
        let (one, three) = (Some(at(1)), Some(at(3)));
        assert_eq!(uses(), [(three, three), (one, one)]);
        note(vec![(key_id(0), at(5))]);
        assert_eq!(uses(), [(three, Some(at(5))), (one, one)]);
    });
}
