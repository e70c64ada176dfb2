//! How long points and roll-ups are kept.

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::result::{Outcome, Step};
use cadastre_storage::{NewPoint, SeriesKey, Store};
use cadastre_testkit::sample::{self, hex};

use super::{add, http, point, point_bytes, roll_up, seconds, series, usage};
use crate::support::on_both_seeded;

fn forget(store: &Store, before: i64, limit: i64) -> usize {
    store.write(move |tx| tx.forget_points(before * 1_000_000, limit)).unwrap()
}

/// Forgets points of an enterprise; how many, and whether that was all.
fn trim(store: &Store, of: EnterpriseId, excess: i64, limit: i64) -> (usize, bool) {
    let trimmed = store.write(move |tx| tx.trim_points(of, excess, limit)).unwrap();
    (trimmed.forgotten, trimmed.is_done)
}

#[test]
fn points_go_by_when_they_were_received_and_only_when_they_are_rolled_up() {
    on_both_seeded(|_, store| {
        let series = series(store, http(1));
        // Received at 11, 21 and 31, and one that lies years back at 41.
        for second in [10, 20, 30] {
            add(store, vec![point(series, second, Outcome::Ok)]);
        }
        let late = NewPoint { received_us: 41_000_000, ..point(series, -99_999, Outcome::Ok) };
        add(store, vec![late]);
        assert_eq!(forget(store, 99, 9), 0, "nothing is rolled up");
        roll_up(store, 9);
        add(store, vec![point(series, 1, Outcome::Ok)]);
        assert_eq!(forget(store, 11, 9), 0);
        assert_eq!(forget(store, 22, 1), 1);
        assert_eq!(forget(store, 22, 9), 1);
        assert_eq!(seconds(store, &[series]), [30, 1, -99_999]);
        assert_eq!(forget(store, 99, 9), 2);
        assert_eq!(seconds(store, &[series]), [1], "that one is not rolled up");
    });
}

#[test]
fn as_many_of_the_oldest_go_as_are_too_many() {
    on_both_seeded(|database, store| {
        let (series, home) = (series(store, http(1)), sample::enterprise().id);
        add(store, (0..10).map(|second| point(series, second, Outcome::Ok)).collect());
        roll_up(store, 9);
        let bytes = point_bytes(database);
        assert_eq!(trim(store, home, 0, 9), (0, true));
        assert_eq!(trim(store, home, 1, 9), (1, true));
        assert_eq!(trim(store, home, 2 * bytes, 9), (2, true));
        assert_eq!(trim(store, home, 9 * bytes, 5), (5, false));
        assert_eq!(seconds(store, &[series]), [9, 8]);
        assert_eq!(usage(store), [(home, 2, 2 * bytes)]);
    });
}

#[test]
fn points_of_an_enterprise_go_wherever_those_of_others_lie() {
    on_both_seeded(|database, store| {
        let (home, other) = (sample::enterprise().id, hex(2));
        let own = series(store, http(1));
        let theirs = series(store, SeriesKey { enterprise: other, ..http(2) });
        // Theirs are the oldest, then both alternate, then a run of one's own, longer than a range.
        let owner =
            |second| if second < 100 || (second < 140 && second % 2 == 0) { theirs } else { own };
        let points = (0..200).map(|second| point(owner(second), second, Outcome::Ok));
        add(store, points.collect());
        roll_up(store, 999);
        let bytes = point_bytes(database);
        let (of_home, of_other) = ((home, 80, 80 * bytes), (other, 120, 120 * bytes));
        assert_eq!(usage(store), [of_home, of_other]);
        // At most twice as many points are looked at as may go: at first there are none of its own.
        assert_eq!(trim(store, home, 70 * bytes, 40), (0, false));
        let (mut gone, mut rounds) = (0, 0);
        while gone < 70 {
            let (some, is_done) = trim(store, home, (70 - gone) * bytes, 40);
            gone += i64::try_from(some).unwrap();
            rounds += 1;
            assert!(rounds < 6 && is_done == (gone == 70), "{gone} after {rounds}");
        }
        let expected: Vec<_> = (190..200).rev().collect();
        assert_eq!(seconds(store, &[own]), expected, "{}", database.name());
        assert_eq!(seconds(store, &[theirs]).len(), 120);
        assert_eq!(usage(store), [(home, 10, 10 * bytes), of_other]);
        // What is too old goes whosesoever it is, and is counted for each.
        assert_eq!(forget(store, 196, 999), 125);
        assert_eq!(usage(store), [(home, 5, 5 * bytes), (other, 0, 0)]);
    });
}

#[test]
fn roll_ups_go_by_their_time_unless_they_were_written_of_late() {
    on_both_seeded(|_, store| {
        let ids = [1, 2].map(|node| series(store, http(node)));
        for id in ids {
            let hours = (0..5).map(|hour| point(id, hour * 3600, Outcome::Ok));
            add(store, hours.collect());
        }
        // All are written at second 1.
        roll_up(store, 99);
        let forget = |before, written, limit| {
            let work = move |tx: &mut dyn cadastre_storage::Tx| {
                tx.forget_rollups(Step::Hour, before, written, limit)
            };
            store.write(work).unwrap()
        };
        let left = || {
            let found = store.read(|tx| tx.find_rollups(Step::Hour, &[0, 1, 2, 3, 4], &ids));
            found.unwrap().len()
        };
        assert_eq!(forget(3, 1_000_000, 99), 0);
        assert_eq!((forget(2, 1_000_001, 3), left()), (3, 7));
        assert_eq!((forget(2, 1_000_001, 99), left()), (1, 6));
        assert_eq!((forget(99, 1_000_001, 99), left()), (6, 0));
        let days = store.read(|tx| tx.find_rollups(Step::Day, &[0], &ids)).unwrap();
        assert_eq!(days.iter().map(|day| day.rollup.count).collect::<Vec<_>>(), [5, 5]);
    });
}
