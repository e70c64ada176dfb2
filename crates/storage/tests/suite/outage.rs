//! A PostgreSQL server that goes away and comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cadastre_domain::team::Team;
use cadastre_storage::{StorageError, Store};
use cadastre_testkit::sample::{self, hex};
use cadastre_testkit::{TestDatabase, Wire, own_loopback, postgres};

use crate::support::{
    LIMIT, Raw, execute, prepared, seeded, settings, soon, team, team_names, unavailable,
};

const END_ALL_CONNECTIONS: &str = "DO $$ BEGIN PERFORM pg_terminate_backend(pid) \
     FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid(); END $$";

fn insert(store: &Store, team: Team) -> Result<(), StorageError> {
    store.write(move |tx| tx.insert_team(&team))
}

/// Tries until it works: a pool that was refused connections tries again only after a while.
fn eventually<T>(mut work: impl FnMut() -> Result<T, StorageError>) -> T {
    let start = Instant::now();
    loop {
        match work() {
            Ok(result) => return result,
            Err(StorageError::Unavailable(_)) if start.elapsed() < LIMIT => {
                thread::yield_now();
            }
            Err(error) => panic!("still not after {:?}: {error}", start.elapsed()),
        }
    }
}

/// A store that holds the sample's enterprise, behind a wire.
fn behind_a_wire(database: &TestDatabase) -> (Wire, Store) {
    let (wire, url) = Wire::before(database.url());
    (wire, seeded(&url))
}

/// Opens all connections that the store may have.
fn open_all(store: &Store) {
    let read = store.read(|_| {
        store.read(|_| store.read(|tx| tx.list_enterprises()))?;
        Ok::<_, StorageError>(())
    });
    read.unwrap();
}

#[test]
fn a_store_can_be_prepared_once_the_server_is_there() {
    let database = postgres();
    let (wire, url) = Wire::before(database.url());
    wire.cut();
    let store = Store::new(&settings(&url));
    let prepared = soon(|| store.prepare(sample::time(), |_| Ok::<_, StorageError>(())));
    assert!(unavailable(&prepared), "{prepared:?}");
    let read = store.read(|tx| tx.list_enterprises());
    assert!(unavailable(&read), "{read:?}");
    wire.mend();
    eventually(|| store.prepare(sample::time(), |_| Ok::<_, StorageError>(())));
    assert_eq!(store.read(|tx| tx.list_enterprises()).unwrap(), []);
}

#[test]
fn during_an_outage_callers_are_told_and_afterwards_served() {
    let database = postgres();
    let (wire, store) = behind_a_wire(&database);
    for outage in 0..2 {
        open_all(&store);
        wire.cut();
        let read = soon(|| store.read(|tx| tx.list_enterprises()));
        assert!(unavailable(&read), "{read:?}");
        let written = soon(|| insert(&store, team(100, "lost")));
        assert!(unavailable(&written), "{written:?}");
        wire.mend();
        assert_eq!(eventually(|| store.read(|tx| tx.list_enterprises())).len(), 1);
        eventually(|| insert(&store, team(10 + outage, &outage.to_string())));
    }
    assert_eq!(team_names(&database), ["0", "1"]);
}

#[test]
fn an_outage_between_two_calls_is_not_noticed() {
    let database = postgres();
    let (wire, store) = behind_a_wire(&database);
    for outage in 0..3 {
        open_all(&store);
        wire.cut();
        wire.mend();
        assert_eq!(store.read(|tx| tx.list_enterprises()).unwrap().len(), 1);
        insert(&store, team(10 + outage, &outage.to_string())).unwrap();
    }
    assert_eq!(team_names(&database), ["0", "1", "2"]);
}

#[test]
fn a_server_that_ended_all_connections_is_used_again_at_once() {
    let database = postgres();
    let store = seeded(database.url());
    for outage in 0..3 {
        open_all(&store);
        execute(&database, END_ALL_CONNECTIONS);
        assert_eq!(store.read(|tx| tx.list_enterprises()).unwrap().len(), 1);
        insert(&store, team(10 + outage, &outage.to_string())).unwrap();
    }
    assert_eq!(team_names(&database), ["0", "1", "2"]);
}

#[test]
fn a_write_that_is_cut_off_before_its_commit_leaves_nothing() {
    let database = postgres();
    let (wire, store) = behind_a_wire(&database);
    let wire = Arc::new(wire);
    let cut = Arc::clone(&wire);
    let written = soon(|| {
        store.write(move |tx| {
            tx.insert_team(&team(10, "cut off"))?;
            cut.cut();
            Ok::<_, StorageError>(())
        })
    });
    assert!(unavailable(&written), "{written:?}");
    wire.mend();
    eventually(|| insert(&store, team(11, "after")));
    assert_eq!(team_names(&database), ["after"]);
}

#[test]
fn a_write_that_notices_the_cut_itself_is_done_once_when_the_server_is_back() {
    let database = postgres();
    let (wire, store) = behind_a_wire(&database);
    let runs = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&runs);
    let written = store.write(move |tx| {
        tx.insert_team(&team(10, "first"))?;
        if counter.fetch_add(1, Ordering::Relaxed) == 0 {
            wire.cut();
            wire.mend();
        }
        tx.insert_team(&team(11, "second"))
    });
    written.unwrap();
    assert_eq!(runs.load(Ordering::Relaxed), 2);
    assert_eq!(team_names(&database), ["first", "second"]);
}

#[test]
fn all_callers_of_a_batch_are_told_of_the_outage() {
    let database = postgres();
    let (wire, store) = behind_a_wire(&database);
    let tickets: Vec<_> = (10..20)
        .map(|n| store.submit(None, move |tx| tx.insert_team(&team(n, &n.to_string()))).unwrap())
        .collect();
    wire.cut();
    soon(|| store.drain());
    for ticket in tickets {
        let answer = crate::support::wait(ticket);
        assert!(unavailable(&answer), "{answer:?}");
    }
    assert!(store.finish(Duration::ZERO));
    wire.mend();
    eventually(|| insert(&store, team(30, "after")));
    assert_eq!(team_names(&database), ["after"]);
}

#[test]
fn a_url_may_name_several_hosts_of_which_one_answers() {
    let database = postgres();
    let (wire, url) = Wire::before(database.url());
    let alive = format!("127.0.0.1:{}", wire.port());
    let option = if url.contains('?') { '&' } else { '?' };
    let dead = format!("{}:1", own_loopback());
    for hosts in [format!("{dead},{alive}"), format!("{alive},{dead}")] {
        let url = format!("{}{option}target_session_attrs=read-write", url.replace(&alive, &hosts));
        let store = prepared(&url);
        assert_eq!(store.read(|tx| tx.list_enterprises()).unwrap(), []);
        assert_eq!(store.write(|tx| tx.find_team(hex(1))).unwrap(), None);
    }
}

/// Makes the server's database writable or not, for new connections; there are no others afterwards.
fn let_write(database: &TestDatabase, writable: bool) {
    let value = if writable { "off" } else { "on" };
    let turn = format!("ALTER DATABASE %I SET default_transaction_read_only = {value}");
    let mut raw = Raw::open(database);
    raw.execute("SET default_transaction_read_only = off");
    raw.execute(&format!("DO $$ BEGIN EXECUTE format('{turn}', current_database()); END $$"));
    raw.execute(END_ALL_CONNECTIONS);
}

#[test]
fn a_server_that_only_reads_is_unavailable_for_writes() {
    let database = postgres();
    let store = seeded(database.url());
    let_write(&database, false);
    let written = insert(&store, team(10, "refused"));
    assert!(unavailable(&written), "{written:?}");
    assert_eq!(store.read(|tx| tx.list_enterprises()).unwrap().len(), 1);
    let_write(&database, true);
    insert(&store, team(11, "accepted")).unwrap();
    assert_eq!(team_names(&database), ["accepted"]);
}
