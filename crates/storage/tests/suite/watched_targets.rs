//! A register of the version before this one, which did not know since when a task dials what it
//! dials, nor when a certificate was shown, and left deleted nodes in watches.

use std::path::Path;

use cadastre_domain::node::Node;
use cadastre_testkit::TestDatabase;
use cadastre_testkit::sample::{self, hex};
use chrono::TimeDelta;
use diesel_migrations::{FileBasedMigrations, MigrationHarness as _};

use crate::support::{Raw, execute, on_both, prepared, region, seeded};

/// Goes back to the tables of the version before.
fn go_back(database: &TestDatabase) {
    let migrations = || {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
        FileBasedMigrations::from_path(folder.join(database.name())).unwrap()
    };
    let reverted = || match Raw::open(database) {
        Raw::Sqlite(mut conn) => conn.revert_last_migration(migrations()).unwrap().to_string(),
        Raw::Postgres(mut conn) => conn.revert_last_migration(migrations()).unwrap().to_string(),
    };
    while *reverted() > *"20261126050000" {}
}

#[test]
fn targets_are_as_old_as_tasks_and_deleted_nodes_are_nowhere() {
    on_both(|database| {
        let store = seeded(database.url());
        let later = sample::time() + TimeDelta::hours(1);
        let deleted = Node { deleted_at: Some(later), version: 2, ..sample::node() };
        let planted = store.write(move |tx| {
            tx.insert_region(&region(20, "one"), sample::changed_by())?;
            tx.insert_node(&sample::node(), &sample::access_key())?;
            tx.insert_watch(&sample::watch(hex(20)))?;
            let mut task = sample::task();
            tx.insert_task(&task)?;
            (task.updated_at, task.version) = (later, 2);
            assert!(tx.save_task(&task)?);
            tx.save_node(&deleted)
        });
        assert!(planted.unwrap());
        drop(store);
        go_back(database);
        execute(database, "INSERT INTO result_seen VALUES (1, 5, 5, 0, NULL, 5, 7, NULL)");
        let store = prepared(database.url());
        let since = store.read(|tx| tx.targets_since(&[sample::task().id])).unwrap();
        assert_eq!(since, [(sample::task().id, later)]);
        let seen = store.read(|tx| tx.rolled_up_seen(&[1])).unwrap();
        assert_eq!((seen[0].1.at_ns, seen[0].1.certificate), (5, None));
        let watch = store.read(|tx| tx.find_watch(hex(20))).unwrap().unwrap();
        assert_eq!((watch.nodes, watch.version), (vec![], 2));
        let task = store.read(|tx| tx.find_task(sample::task().id)).unwrap().unwrap();
        assert_eq!(task.nodes, [], "they are delivered nothing");
    });
}
