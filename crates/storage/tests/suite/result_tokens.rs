//! Who may post results.

use cadastre_domain::node::{Node, NodeKey};
use cadastre_domain::secret::Secret;
use cadastre_domain::task::Task;
use cadastre_storage::{StorageError, Store};
use cadastre_testkit::dump;
use cadastre_testkit::sample::{self, hex};
use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};

use crate::support::audit::entry;
use crate::support::{Raw, on_both_seeded, prepared};

#[test]
fn a_shared_token_is_known_by_its_digest_alone() {
    on_both_seeded(|database, store| {
        let digits = dump::hex_digits(&Sha256::digest(b"tkn_one"));
        let digest = dump::blob(database, &digits);
        Raw::open(database).execute(&format!(
            "INSERT INTO shared_result_tokens VALUES ('{}', {digest})",
            hex::<()>(1)
        ));
        let owner = |token: &str| {
            let token = Secret::from(token.to_owned());
            store.read(|tx| tx.find_shared_result_token(&token)).unwrap()
        };
        assert_eq!([owner("tkn_one"), owner("tkn_two")], [Some(hex(1)), None]);
    });
}

#[test]
fn the_first_start_delivers_everything_once_more_and_later_ones_nothing() {
    on_both_seeded(|database, store| {
        let begun = store.read(|tx| tx.tokens_signed_since()).unwrap();
        assert!(begun.is_some(), "the store was prepared");
        let node = sample::node().id;
        let told = |store: &Store| {
            let found = store.read(|tx| tx.deliveries(&node, 0, 9)).unwrap();
            found.iter().map(|found| (found.task, found.update_time)).collect::<Vec<_>>()
        };
        let change: Result<(), StorageError> = store.write(|tx| {
            tx.insert_node(&sample::node(), &sample::access_key())?;
            for number in [71, 70, 72] {
                tx.insert_task(&Task { id: hex(number).into(), ..sample::task() })?;
            }
            let gone = Task { id: hex(72).into(), nodes: Vec::new(), version: 2, ..sample::task() };
            assert!(tx.save_task(&gone)?);
            Ok(())
        });
        change.unwrap();
        let before = told(store);
        drop(prepared(database.url()));
        assert_eq!(told(store), before, "{}", database.name());

        // As the version before left it.
        Raw::open(database).execute("UPDATE result_access SET signed_since = NULL");
        drop(prepared(database.url()));
        let after = told(store);
        let [first, second, tombstone] = after.as_slice() else { panic!("{after:?}") };
        assert_eq!(*first, before[2], "what is to stop need not be told again");
        assert_eq!([second.0, tombstone.0], [before[0].0, before[1].0], "in their order");
        assert!(second.1 > before[2].1 && tombstone.1 > second.1, "{after:?}");
        let times = store.read(|tx| tx.update_times(std::slice::from_ref(&node))).unwrap();
        assert_eq!(times, [(node.clone(), tombstone.1)]);
        assert!(store.read(|tx| tx.tokens_signed_since()).unwrap().is_some());
        drop(prepared(database.url()));
        assert_eq!(told(store), after);
    });
}

#[test]
fn every_end_of_a_node_or_key_is_noted_with_the_entry_that_tells_of_it() {
    on_both_seeded(|_, store| {
        let ended = || store.read(|tx| tx.access_ended_at()).unwrap();
        let last = || store.read(|tx| tx.last_entry()).unwrap();
        let node = sample::node();
        let key = NodeKey::new(
            sample::access_key(),
            node.id.clone(),
            node.enterprise_id,
            node.created_at,
        );
        let added = (node.clone(), sample::access_key());
        store.write(move |tx| tx.insert_node(&added.0, &added.1)).unwrap();
        let (renamed, used) = (node.changed(node.created_at), key.clone());
        store
            .write(move |tx| {
                assert!(tx.save_node(&renamed)?);
                tx.save_node_key(&used)
            })
            .unwrap();
        assert_eq!(ended(), 0, "nothing ended");
        let at = Some(node.created_at + TimeDelta::hours(1));
        let disabled = Node { is_enabled: false, version: 3, ..node.clone() };
        let edited = Node { version: 4, ..disabled.clone() };
        let enabled = Node { version: 5, ..node.clone() };
        let deleted = Node { deleted_at: at, version: 6, ..node.clone() };
        for (change, is_end) in [
            (Change::Node(disabled), true),
            (Change::Node(edited), false),
            (Change::Key(NodeKey { valid_until: at, ..key.clone() }), true),
            (Change::Node(enabled), false),
            (Change::Node(deleted), true),
            (Change::Key(NodeKey { revoked_at: at, ..key }), true),
        ] {
            let before = ended();
            let seen = store.write(move |tx| {
                match &change {
                    Change::Node(node) => assert!(tx.save_node(node)?),
                    Change::Key(key) => tx.save_node_key(key)?,
                }
                tx.record(entry("disable_node"));
                tx.access_ended_at()
            });
            let expected = if is_end { last() } else { before };
            assert_eq!([seen.unwrap(), ended()], [expected; 2]);
        }
    });
}

/// What is saved.
enum Change {
    Node(Node),
    Key(NodeKey),
}
