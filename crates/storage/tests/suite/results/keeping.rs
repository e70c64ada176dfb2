//! How long points and roll-ups are kept.

use cadastre_domain::result::{Outcome, Step};
use cadastre_storage::{NewPoint, Store};

use super::{add, http, point, point_bytes, roll_up, seconds, series};
use crate::support::on_both_seeded;

fn forget(store: &Store, before: i64, excess: i64, limit: i64) -> usize {
    store.write(move |tx| tx.forget_points(before * 1_000_000, excess, limit)).unwrap()
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
        assert_eq!(forget(store, 99, 0, 9), 0, "nothing is rolled up");
        roll_up(store, 9);
        add(store, vec![point(series, 1, Outcome::Ok)]);
        assert_eq!(forget(store, 11, 0, 9), 0);
        assert_eq!(forget(store, 22, 0, 1), 1);
        assert_eq!(forget(store, 22, 0, 9), 1);
        assert_eq!(seconds(store, &[series]), [30, 1, -99_999]);
        assert_eq!(forget(store, 99, 0, 9), 2);
        assert_eq!(seconds(store, &[series]), [1], "that one is not rolled up");
    });
}

#[test]
fn as_many_of_the_oldest_go_as_are_too_many() {
    on_both_seeded(|database, store| {
        let series = series(store, http(1));
        add(store, (0..10).map(|second| point(series, second, Outcome::Ok)).collect());
        roll_up(store, 9);
        let bytes = point_bytes(database);
        assert_eq!(forget(store, 0, 0, 9), 0);
        assert_eq!(forget(store, 0, 1, 9), 1);
        assert_eq!(forget(store, 0, 2 * bytes, 9), 2);
        assert_eq!(forget(store, 5, bytes + 1, 9), 2, "of which one is too old as well");
        assert_eq!(forget(store, 0, 9 * bytes, 3), 3);
        assert_eq!(seconds(store, &[series]), [9, 8]);
        let progress = store.read(|tx| tx.progress()).unwrap();
        assert_eq!((progress.kept, progress.kept_bytes), (2, 2 * bytes));
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
