//! Audit entries become one chain, whoever writes them.

use std::sync::Barrier;
use std::thread;

use cadastre_domain::audit::Entry;
use cadastre_storage::{StorageError, Store, Ticket, Tx, Verification};
use cadastre_testkit::sample::{self, hex};

use crate::support::audit::{all, entry, record, record_some, sequences, verify};
use crate::support::{enterprise, on_both, on_both_seeded, prepared, team, team_names, wait};

/// An entry that is told from others by its reason.
fn named(reason: String) -> Entry {
    Entry { reason: Some(reason), ..entry("edit_region") }
}

fn reasons(store: &Store) -> Vec<String> {
    all(store).into_iter().filter_map(|record| record.reason).collect()
}

fn whole(store: &Store, count: i64) {
    assert_eq!(sequences(&all(store)), (1..=count).collect::<Vec<_>>());
    assert_eq!(verify(store), Verification::Sound(count));
}

#[test]
fn a_register_without_entries_is_sound() {
    on_both_seeded(|_, store| whole(store, 0));
}

#[test]
fn entries_of_one_job_stand_in_its_order() {
    on_both_seeded(|_, store| {
        record(store, (0..3).map(|number| named(format!("{number}"))).collect());
        assert_eq!(reasons(store), ["0", "1", "2"]);
        whole(store, 3);
    });
}

#[test]
fn many_entries_of_one_transaction_are_one_chain() {
    on_both_seeded(|_, store| {
        let mut count = 0;
        for more in [499, 500, 501, 1001] {
            record_some(store, more, more);
            count += i64::try_from(more).unwrap();
            whole(store, count);
        }
    });
}

/// Submits six jobs that each add a team and two entries, and then end as `then` says.
fn six(
    store: &Store,
    then: impl Fn(usize) -> Result<(), StorageError> + Clone + Send + 'static,
) -> Vec<Ticket<(), StorageError>> {
    let submit = |number: usize| {
        let then = then.clone();
        let work = move |tx: &mut dyn Tx| {
            tx.record(named(format!("{number} begins")));
            tx.insert_team(&team(100 + number as u64, &number.to_string()))?;
            tx.record(named(format!("{number} ends")));
            then(number)
        };
        store.submit(None, work).unwrap()
    };
    (0..6).map(submit).collect()
}

/// The reasons that these jobs leave.
fn left_by(jobs: &[usize]) -> Vec<String> {
    jobs.iter().flat_map(|job| [format!("{job} begins"), format!("{job} ends")]).collect()
}

#[test]
fn the_jobs_of_a_batch_form_one_chain() {
    on_both_seeded(|_, store| {
        let tickets = six(store, |_| Ok(()));
        store.drain();
        for ticket in tickets {
            wait(ticket).unwrap();
        }
        assert_eq!(reasons(store), left_by(&[0, 1, 2, 3, 4, 5]));
        whole(store, 12);
    });
}

#[test]
fn a_job_that_refuses_leaves_no_entry() {
    on_both_seeded(|database, store| {
        record(store, vec![named("before".to_owned())]);
        let tickets = six(store, |number| match number {
            0 | 4 => Err(StorageError::Busy),
            3 => panic!("as this test asks for"),
            _ => Ok(()),
        });
        store.drain();
        let kept: Vec<bool> = tickets.into_iter().map(|ticket| wait(ticket).is_ok()).collect();
        assert_eq!(kept, [false, true, true, false, false, true]);
        assert_eq!(reasons(store)[1..], left_by(&[1, 2, 5]));
        assert_eq!(team_names(database), ["1", "2", "5"]);
        whole(store, 7);
    });
}

#[test]
fn a_job_that_is_alone_and_refuses_leaves_no_entry() {
    on_both_seeded(|_, store| {
        let refused = store.write(|tx| {
            tx.record(entry("edit_region"));
            tx.insert_enterprise(&enterprise(9, "Example Ltd"))
        });
        assert!(refused.is_err());
        whole(store, 0);
    });
}

#[test]
fn a_job_whose_last_addition_is_refused_leaves_no_entry() {
    on_both_seeded(|_, store| {
        store.write(|tx| tx.insert_region(&sample::region(), sample::changed_by())).unwrap();
        let refused = store.write(|tx| {
            tx.record(entry("create_region"));
            // Collected, and refused by the database only when all is written.
            tx.insert_region(&crate::support::region(9, "shanghai-1"), sample::changed_by())
        });
        assert!(refused.is_err());
        whole(store, 0);
    });
}

#[test]
fn several_processes_write_one_chain() {
    on_both(|database| {
        let stores = [prepared(database.url()), prepared(database.url())];
        let begin = Barrier::new(4);
        thread::scope(|scope| {
            for number in 0..4 {
                let (store, begin) = (&stores[number % 2], &begin);
                scope.spawn(move || {
                    begin.wait();
                    for turn in 0..15 {
                        record(store, vec![named(format!("{number}/{turn}"))]);
                    }
                });
            }
        });
        for store in &stores {
            whole(store, 60);
        }
        let mut reasons = reasons(&stores[0]);
        // Those of each thread stand in the order in which it wrote them.
        reasons.sort_by_key(|reason| reason[..1].to_owned());
        let expected =
            (0..4).flat_map(|number| (0..15).map(move |turn| format!("{number}/{turn}")));
        assert!(reasons.into_iter().eq(expected));
    });
}

#[test]
fn the_chain_can_be_followed_while_others_write() {
    on_both(|database| {
        let (one, other) = (prepared(database.url()), prepared(database.url()));
        record_some(&one, 700, 700);
        thread::scope(|scope| {
            let writer = scope.spawn(|| record_some(&one, 60, 3));
            while !writer.is_finished() {
                assert!(matches!(verify(&other), Verification::Sound(700..=760)));
            }
        });
        whole(&other, 760);
    });
}

#[test]
fn an_entry_tells_everything_that_it_was_given() {
    on_both_seeded(|_, store| {
        record(store, vec![entry("edit_region")]);
        let [found] = <[_; 1]>::try_from(all(store)).unwrap();
        assert_eq!((found.at, found.sequence), (sample::time(), 1));
        let texts = [&found.enterprise_id, &found.token_id, &found.address, &found.request_id];
        let texts = texts.map(|text| text.as_deref().unwrap_or_default());
        let (enterprise, token) = (hex::<()>(1).to_string(), hex::<()>(4).to_string());
        assert_eq!(texts, [&enterprise, &token, "192.0.2.7", "request-1"]);
        assert_eq!([&found.origin, &found.operation], ["request", "edit_region"]);
        assert_eq!([&found.outcome, &found.revealed], ["done", "token,key"]);
        assert_eq!(found.object_kind.as_deref(), Some("region"));
        assert_eq!(found.object_id.as_deref(), Some("r-1"));
        assert_eq!((found.user_id, found.reason.as_deref()), (Some(1), Some("because")));
        let changes: serde_json::Value = serde_json::from_str(&found.changes).unwrap();
        let expected = serde_json::json!([{"field": "alias", "before": "old", "after": "new"}]);
        assert_eq!(changes, expected);
    });
}
