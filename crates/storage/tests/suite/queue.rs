//! The write queue between threads.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use cadastre_storage::{Settings, StorageError, Store};
use cadastre_testkit::TestDatabase;
use cadastre_testkit::sample::{self, hex};

use crate::support::{
    LIMIT, enterprise, on_both, on_both_seeded, prepared, seeded, settings, team, team_names, wait,
};

/// A write that is under way until it is let go.
struct Held {
    go: Sender<()>,
    thread: JoinHandle<Result<(), StorageError>>,
}

impl Held {
    fn by(store: &Arc<Store>) -> Self {
        let (go, gone): (_, Receiver<()>) = mpsc::channel();
        let (start, started) = mpsc::channel();
        let store = Arc::clone(store);
        let work = move |_: &mut dyn cadastre_storage::Tx| {
            start.send(()).unwrap();
            gone.recv_timeout(LIMIT).unwrap();
            Ok(())
        };
        let thread = thread::spawn(move || store.write(work));
        started.recv_timeout(LIMIT).unwrap();
        Self { go, thread }
    }

    fn let_go(self) {
        self.go.send(()).unwrap();
        self.thread.join().unwrap().unwrap();
    }
}

/// A store that has all the time in the world for a transaction.
fn shared(database: &TestDatabase) -> Arc<Store> {
    Arc::new(prepared(database.url()).with_longest_batch(Duration::MAX))
}

#[test]
fn threads_that_write_at_once_share_commits() {
    on_both(|database| {
        let store = shared(database);
        let held = Held::by(&store);
        let (record, seen) = mpsc::channel();
        let tickets = (1..=32).map(|number| {
            let (store, record) = (Arc::clone(&store), record.clone());
            let submit = move || {
                let reader = Arc::clone(&store);
                store.submit(None, move |tx| {
                    tx.insert_enterprise(&enterprise(number, &number.to_string()))?;
                    record.send(reader.read(|tx| tx.list_enterprises())?.len()).unwrap();
                    Ok::<_, StorageError>(())
                })
            };
            thread::spawn(submit)
        });
        let tickets: Vec<_> = tickets.collect();
        let tickets: Vec<_> = tickets.into_iter().map(|one| one.join().unwrap().unwrap()).collect();
        assert!(tickets.iter().all(|ticket| !ticket.drain), "the held write drains");
        held.let_go();
        for ticket in tickets {
            wait(ticket).unwrap();
        }
        assert_eq!(seen.try_iter().collect::<Vec<_>>(), [0; 32], "one commit for all");
        assert_eq!(store.read(|tx| tx.list_enterprises()).unwrap().len(), 32);
    });
}

#[test]
fn many_threads_write_what_is_theirs() {
    on_both_seeded(|database, store| {
        thread::scope(|scope| {
            for writer in 0..16_u64 {
                scope.spawn(move || {
                    for number in 0..10 {
                        let team =
                            team(100 + writer * 10 + number, &format!("{writer:02}-{number}"));
                        store.write(move |tx| tx.insert_team(&team)).unwrap();
                        let id = hex(100 + writer * 10 + number);
                        assert!(store.read(|tx| tx.find_team(id)).unwrap().is_some());
                    }
                });
            }
        });
        let expected = (0..16).flat_map(|w| (0..10).map(move |n| format!("{w:02}-{n}")));
        assert_eq!(team_names(database), expected.collect::<Vec<_>>());
    });
}

#[test]
fn a_full_queue_takes_no_more_and_leaves_nothing_of_it() {
    on_both(|database| {
        drop(seeded(database.url()));
        let store = Store::new(&Settings { write_queue: 4, ..settings(database.url()) });
        store.prepare(sample::time(), |_| Ok::<_, StorageError>(())).unwrap();
        let insert =
            |number, name| store.submit(None, move |tx| tx.insert_team(&team(number, name)));
        let waiting = [insert(10, "first").unwrap(), insert(11, "second").unwrap()];
        let refused = insert(12, "third");
        assert!(matches!(refused, Err(StorageError::Busy)), "{refused:?}");
        let refused = store.write(|tx| tx.insert_team(&team(13, "fourth")));
        assert!(matches!(refused, Err(StorageError::Busy)), "{refused:?}");
        store.drain();
        for ticket in waiting {
            wait(ticket).unwrap();
        }
        store.write(|tx| tx.insert_team(&team(14, "fifth"))).unwrap();
        assert_eq!(team_names(database), ["fifth", "first", "second"]);
    });
}

#[test]
fn what_is_answered_is_seen_by_everybody() {
    on_both_seeded(|database, store| {
        let other = prepared(database.url());
        for number in 10..40 {
            store.write(move |tx| tx.insert_team(&team(number, &number.to_string()))).unwrap();
            let seen = other.read(|tx| tx.find_team(hex(number))).unwrap();
            assert_eq!(seen, Some(team(number, &number.to_string())));
        }
    });
}

#[test]
fn finish_waits_for_what_was_submitted() {
    on_both(|database| {
        let store = shared(database);
        assert!(store.finish(Duration::ZERO), "nothing was submitted");
        let held = Held::by(&store);
        let behind = store.submit(None, |tx| tx.insert_enterprise(&enterprise(1, "one"))).unwrap();
        assert!(!store.finish(Duration::from_millis(1)));
        let waiting = thread::spawn({
            let store = Arc::clone(&store);
            move || (store.finish(LIMIT), store.read(|tx| tx.list_enterprises()))
        });
        held.let_go();
        let (finished, seen) = waiting.join().unwrap();
        assert!(finished);
        assert_eq!(seen.unwrap(), [enterprise(1, "one")]);
        wait(behind).unwrap();
    });
}
