//! Nodes in memory.

use cadastre_domain::audit::{Object, Subject as _};
use cadastre_domain::node::{AccessKey, Node, NodeKey, NodeProfile, NodeRun};
use cadastre_domain::task::Task;
use cadastre_domain::variable::DialVariable;
use cadastre_storage::{StorageError, Store, Tx, VariableState};
use cadastre_testkit::sample::{self, hex, text};
use chrono::TimeDelta;

use crate::support::audit::entry;
use crate::support::{on_both_seeded, prepared};

/// Does something that leaves an entry about a thing of this kind.
fn done(
    store: &Store,
    kind: &'static str,
    id: &str,
    mut work: impl FnMut(&mut dyn Tx) -> Result<(), StorageError> + Send + 'static,
) {
    let id = id.to_owned();
    store
        .write(move |tx| {
            let mut entry = entry("do_something");
            entry.object = Some(Object { kind: kind.into(), id: id.clone() });
            tx.record(entry);
            work(tx)
        })
        .unwrap();
}

fn insert(store: &Store) {
    let node = sample::node();
    done(store, Node::KIND, node.id.as_ref(), |tx| {
        tx.insert_node(&sample::node(), &sample::access_key())
    });
}

fn change(store: &Store, change: impl Fn(&Node) -> Node + Send + 'static) {
    done(store, Node::KIND, sample::node().id.as_ref(), move |tx| {
        let before = tx.find_nodes(&[sample::node().id])?.remove(0);
        assert!(tx.save_node(&change(&before))?);
        Ok(())
    });
}

/// What the store has of the sample's node in memory: its city, its keys, its times and runs.
fn seen(store: &Store) -> Option<(String, usize, i64, i64)> {
    store.refresh_regions().unwrap();
    let model = store.regions();
    let node = model.nodes().find(&sample::node().id)?;
    for key in &node.keys {
        assert_eq!(key.pair.secret.reveal(), sample::access_key().secret.reveal());
        let found = model.nodes().find_by_key(&key.pair.id).unwrap();
        assert_eq!(found.node.id, node.node.id);
    }
    assert_eq!(model.nodes().after(None).count(), 1);
    let city = node.node.profile.city.as_ref().to_owned();
    Some((city, node.keys.len(), node.update_time, node.last_run))
}

#[test]
fn what_another_store_did_to_a_node_is_seen() {
    on_both_seeded(|database, writer| {
        let reader = prepared(database.url());
        assert_eq!(seen(&reader), None);
        insert(writer);
        let first = ("Hangzhou".to_owned(), 1, 0, 0);
        assert_eq!(seen(&reader), Some(first.clone()));
        assert_eq!(seen(&prepared(database.url())), Some(first), "also by one that starts");
        change(writer, |node| {
            let profile = NodeProfile { city: text("Herat"), ..node.profile.clone() };
            Node { profile, ..node.changed(sample::time()) }
        });
        done(writer, Node::KIND, sample::node().id.as_ref(), |tx| {
            let pair = AccessKey { id: text(&"k".repeat(20)), ..sample::access_key() };
            tx.insert_node_key(&NodeKey::new(pair, sample::node().id, hex(1), sample::time()))
        });
        assert_eq!(seen(&reader), Some(("Herat".to_owned(), 2, 0, 0)));
        done(writer, Node::KIND, sample::node().id.as_ref(), |tx| {
            let (id, node_id) = (hex(9).into(), sample::node().id);
            let tasks = vec![hex(70).into()];
            let created_at = sample::time();
            tx.insert_run(&NodeRun { id, number: None, node_id, tasks, created_at }).map(drop)
        });
        assert_eq!(seen(&reader), Some(("Herat".to_owned(), 2, 0, 1)));
    });
}

#[test]
fn what_is_delivered_to_a_node_is_seen() {
    on_both_seeded(|database, writer| {
        insert(writer);
        let reader = prepared(database.url());
        assert_eq!(seen(&reader).map(|seen| seen.2), Some(0));
        let task = sample::task().id.to_string();
        done(writer, Task::KIND, &task, |tx| tx.insert_task(&sample::task()).map(drop));
        let first = sample::time().timestamp_micros();
        assert_eq!(seen(&reader).map(|seen| seen.2), Some(first));
        done(writer, Task::KIND, &task, |tx| {
            let task = tx.find_task(sample::task().id)?.unwrap();
            let gone = Task { deleted_at: Some(sample::time()), version: 2, ..task };
            assert!(tx.save_task(&gone)?);
            Ok(())
        });
        assert_eq!(seen(&reader).map(|seen| seen.2), Some(first + 1));
        change(writer, |node| node.changed(sample::time()));
        assert_eq!(seen(&reader).map(|seen| seen.2), Some(first + 1));
    });
}

#[test]
fn a_deleted_node_stays_as_long_as_its_keys() {
    on_both_seeded(|database, store| {
        insert(store);
        let (deleted, later) = (sample::time(), sample::time() + TimeDelta::seconds(1));
        change(store, move |node| Node { deleted_at: Some(deleted), ..node.changed(deleted) });
        assert_eq!(seen(store).map(|seen| seen.1), Some(1));
        store.forget_deleted_nodes(deleted);
        assert_eq!(seen(store).map(|seen| seen.1), Some(1), "not that old");
        assert_eq!(store.write(move |tx| tx.forget_keys_of_deleted(later)).unwrap(), 1);
        store.forget_deleted_nodes(later);
        assert_eq!(seen(store), None);
        assert!(store.regions().nodes().find_by_key(&sample::access_key().id).is_none());
        let another = prepared(database.url());
        assert_eq!(seen(&another), None);
    });
}

#[test]
fn what_there_is_of_variables_is_seen() {
    on_both_seeded(|database, writer| {
        let reader = prepared(database.url());
        let state = |store: &Store| {
            store.refresh_regions().unwrap();
            store.regions().nodes().variables(hex(1))
        };
        assert_eq!(state(&reader), VariableState::default());
        let id = sample::variable().id.to_string();
        done(writer, DialVariable::KIND, &id, |tx| tx.insert_variable(&sample::variable()));
        let update_time = sample::time().timestamp();
        let expected = VariableState { update_time, is_computed: false };
        assert_eq!(state(&reader), expected);
        assert_eq!(state(&prepared(database.url())), expected);
    });
}
