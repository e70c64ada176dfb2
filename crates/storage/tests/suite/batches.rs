//! What is done for callers whose work shares a transaction. All of it is submitted before anybody
//! drains the queue, so that it is one batch.

use std::pin::Pin;
use std::sync::{Arc, mpsc};
use std::task::{Context, Waker};
use std::time::Duration;

use cadastre_storage::{StorageError, Store, Taken, Ticket, Tx};
use cadastre_testkit::sample::{self, hex};

use crate::support::{
    enterprise, execute, on_both, on_both_seeded, prepared, seeded, taken, team, team_names, wait,
};

type Answer = Result<(), StorageError>;

/// Submits `count` pieces of work that each add a team of its own, then do what `then` says.
fn submit(
    store: &Store,
    count: usize,
    then: impl Fn(usize, &mut dyn Tx) -> Answer + Clone + Send + 'static,
) -> Vec<Ticket<(), StorageError>> {
    let submit = |number: usize| {
        let then = then.clone();
        let work = move |tx: &mut dyn Tx| {
            tx.insert_team(&team(100 + number as u64, &name(number)))?;
            then(number, tx)
        };
        store.submit(None, work).unwrap()
    };
    (0..count).map(submit).collect()
}

fn name(number: usize) -> String {
    format!("{number:03}")
}

fn answers(tickets: Vec<Ticket<(), StorageError>>) -> Vec<Answer> {
    tickets.into_iter().map(wait).collect()
}

/// Which of six fail: the first, the last, some, all, none.
const FAILING: [[bool; 6]; 5] = [
    [true, false, false, false, false, false],
    [false, false, false, false, false, true],
    [false, true, true, false, true, false],
    [true; 6],
    [false; 6],
];

/// Commits six pieces of work, of which some `fail`, and checks the answers against the effects.
fn six_of_which_some(
    fail: fn(&mut dyn Tx) -> Answer,
    check: fn(failing: [bool; 6], answers: Vec<Answer>, kept: Vec<String>),
) {
    on_both(|database| {
        drop(seeded(database.url()));
        // In one transaction, and in as many as there are.
        for longest in [Duration::MAX, Duration::ZERO] {
            let store = prepared(database.url()).with_longest_batch(longest);
            for failing in FAILING {
                println!("failing: {failing:?}, in {longest:?}");
                let then = move |n: usize, tx: &mut dyn Tx| {
                    if failing[n] { fail(tx) } else { Ok(()) }
                };
                let tickets = submit(&store, 6, then);
                store.drain();
                check(failing, answers(tickets), team_names(database));
                execute(database, "DELETE FROM teams");
            }
        }
    });
}

/// Checks that those that fail are told so by `is_told`, and that the others are not touched.
fn only_the_failing_are_undone(
    failing: [bool; 6],
    answers: &[Answer],
    kept: &[String],
    is_told: impl Fn(&StorageError) -> bool,
) {
    let told: Vec<bool> = answers.iter().map(|one| one.as_ref().is_err_and(&is_told)).collect();
    assert_eq!(told, failing, "{answers:?}");
    let others: Vec<String> = (0..6).filter(|&number| !failing[number]).map(name).collect();
    assert_eq!(kept, others);
}

#[test]
fn an_error_undoes_the_work_of_its_caller_only() {
    six_of_which_some(
        |_| Err(StorageError::Busy),
        |failing, answers, kept| {
            let is_told = |error: &StorageError| matches!(error, StorageError::Busy);
            only_the_failing_are_undone(failing, &answers, &kept, is_told);
        },
    );
}

#[test]
fn a_panic_undoes_the_work_of_its_caller_only() {
    six_of_which_some(
        |_| panic!("the work of one caller"),
        |failing, answers, kept| {
            let is_told = |error: &StorageError| matches!(error, StorageError::Panicked);
            only_the_failing_are_undone(failing, &answers, &kept, is_told);
        },
    );
}

#[test]
fn a_failed_statement_undoes_the_work_of_its_caller_only() {
    six_of_which_some(
        |tx| tx.insert_team(&team(99, "000")).and_then(|()| tx.insert_team(&team(98, "000"))),
        |failing, answers, kept| {
            let is_told =
                |error: &StorageError| matches!(error, StorageError::Taken(Taken::TeamName));
            only_the_failing_are_undone(failing, &answers, &kept, is_told);
        },
    );
}

#[test]
fn an_answer_is_good_if_and_only_if_the_effects_are_there_even_when_work_hides_an_error() {
    six_of_which_some(
        |tx| {
            let _ = tx.insert_enterprise(&sample::enterprise());
            Ok(())
        },
        |failing, answers, kept| {
            let good: Vec<String> = (0..6).filter(|&n| answers[n].is_ok()).map(name).collect();
            assert_eq!(good, kept, "{answers:?}");
            let harmed: Vec<_> = (0..6).filter(|&n| !failing[n] && answers[n].is_err()).collect();
            assert!(harmed.is_empty(), "{harmed:?} of {failing:?}: {answers:?}");
        },
    );
}

#[test]
fn lone_work_that_hides_an_error_is_not_told_that_it_was_done_when_it_was_not() {
    on_both_seeded(|database, store| {
        let hidden = store.write(|tx| {
            tx.insert_team(&team(10, "hidden"))?;
            let _ = tx.insert_enterprise(&sample::enterprise());
            Ok::<_, StorageError>(())
        });
        assert_eq!(team_names(database).len(), usize::from(hidden.is_ok()), "{hidden:?}");
        store.write(|tx| tx.insert_team(&team(11, "next"))).unwrap();
    });
}

/// What each of `count` pieces of work, one enterprise each, sees of them committed.
fn committed_before_each(store: &Arc<Store>, count: u64) -> Vec<usize> {
    let (record, seen) = mpsc::channel();
    let submit = |number| {
        let (reader, record) = (Arc::clone(store), record.clone());
        let work = move |tx: &mut dyn Tx| {
            tx.insert_enterprise(&enterprise(number, &number.to_string()))?;
            record.send(reader.read(|tx| tx.list_enterprises())?.len()).unwrap();
            Ok::<_, StorageError>(())
        };
        store.submit(None, work).unwrap()
    };
    let tickets: Vec<_> = (0..count).map(submit).collect();
    store.drain();
    assert!(answers(tickets).iter().all(Result::is_ok));
    seen.try_iter().collect()
}

#[test]
fn up_to_128_callers_share_a_commit() {
    on_both(|database| {
        let store = Arc::new(prepared(database.url()).with_longest_batch(Duration::MAX));
        let expected = [vec![0; 128], vec![128; 128], vec![256; 44]].concat();
        assert_eq!(committed_before_each(&store, 300), expected);
        assert_eq!(store.read(|tx| tx.list_enterprises()).unwrap().len(), 300);
    });
}

#[test]
fn jobs_for_which_there_is_no_time_are_in_the_next_transaction() {
    on_both(|database| {
        let store = Arc::new(prepared(database.url()).with_longest_batch(Duration::ZERO));
        assert_eq!(committed_before_each(&store, 4), [0, 1, 2, 3]);
        assert_eq!(store.read(|tx| tx.list_enterprises()).unwrap().len(), 4);
    });
}

#[test]
fn nobody_is_answered_before_the_commit() {
    on_both_seeded(|_, store| {
        let mut first = store.submit(None, |tx| tx.insert_team(&team(10, "first"))).unwrap();
        let second = store.submit(None, move |tx| {
            tx.insert_team(&team(11, "second"))?;
            let mut context = Context::from_waker(Waker::noop());
            let answered = Pin::new(&mut first).poll(&mut context).is_ready();
            Ok::<_, StorageError>(answered)
        });
        store.drain();
        assert!(!wait(second.unwrap()).unwrap());
    });
}

#[test]
fn work_whose_ticket_is_dropped_is_committed_all_the_same() {
    on_both_seeded(|database, store| {
        drop(submit(store, 3, |_, _| Ok(())));
        store.drain();
        assert_eq!(team_names(database), ["000", "001", "002"]);
    });
}

#[test]
fn later_work_of_a_batch_sees_earlier_work() {
    on_both_seeded(|_, store| {
        let first = store.submit(None, |tx| tx.insert_team(&team(10, "first"))).unwrap();
        let second = store.submit(None, |tx| tx.insert_team(&team(11, "first"))).unwrap();
        let third = store.submit(None, |tx| tx.find_team(hex(10))).unwrap();
        store.drain();
        assert!(wait(first).is_ok());
        assert_eq!(taken(&wait(second)), Some(Taken::TeamName));
        assert_eq!(wait(third).unwrap(), Some(team(10, "first")));
    });
}
