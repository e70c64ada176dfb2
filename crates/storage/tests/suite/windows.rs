//! Windows of maintenance.

use cadastre_domain::maintenance::Window;
use cadastre_domain::maintenance::WindowState::{
    self, Cancelled, Ended, Planned, Running, Skipped, Stuck,
};
use cadastre_storage::{StorageError, Store, Taken, WindowFilter};
use cadastre_testkit::sample::{self, hex, text};
use chrono::{DateTime, TimeDelta, Utc};

use crate::support::{enterprise, on_both_seeded, region, taken};

fn at(hours: i64) -> DateTime<Utc> {
    sample::time() + TimeDelta::hours(hours)
}

/// A window of region 10 between these hours.
fn window(number: u64, state: WindowState, (from, to): (i64, i64)) -> Window {
    let (id, region_id) = (hex(number), hex(10));
    Window { id, region_id, state, starts_at: at(from), ends_at: at(to), ..sample::window() }
}

/// Adds the regions 10 and 11, of this enterprise, and 12 of another.
fn seed(store: &Store) {
    let seeded = store.write(|tx| {
        tx.insert_enterprise(&enterprise(2, "Another"))?;
        tx.insert_region(&region(10, "own"), sample::changed_by())?;
        tx.insert_region(&region(11, "beside"), sample::changed_by())?;
        let mut foreign = region(12, "foreign");
        foreign.region.enterprise_id = hex(2);
        tx.insert_region(&foreign, sample::changed_by())
    });
    seeded.unwrap();
}

fn insert(store: &Store, windows: &[Window]) {
    for window in windows {
        let window = window.clone();
        store.write(move |tx| tx.insert_window(&window)).unwrap();
    }
}

fn numbers(windows: Vec<Window>) -> Vec<u64> {
    let number = |window: Window| u64::from_str_radix(&window.id.to_string(), 16).unwrap();
    windows.into_iter().map(number).collect()
}

#[test]
fn every_part_of_a_window_is_kept_in_every_state() {
    on_both_seeded(|_, store| {
        seed(store);
        for (number, state) in (20..).zip([Planned, Running, Ended, Cancelled, Skipped, Stuck]) {
            let window = Window {
                owner: text("夜班"),
                reason: text("new switches\nand cables"),
                note: format!("it is {}", state.as_str()),
                updated_at: at(1),
                ..window(number, state, (1, 2))
            };
            insert(store, std::slice::from_ref(&window));
            assert_eq!(store.read(|tx| tx.find_window(window.id)).unwrap(), Some(window));
        }
        assert_eq!(store.read(|tx| tx.find_window(hex(99))).unwrap(), None);
    });
}

#[test]
fn a_window_of_nothing_or_a_taken_identifier_is_refused() {
    on_both_seeded(|_, store| {
        seed(store);
        insert(store, &[window(20, Planned, (1, 2))]);
        let again = store.write(|tx| tx.insert_window(&window(20, Planned, (3, 4))));
        assert_eq!(taken(&again), Some(Taken::Other));
        let nowhere = store.write(|tx| {
            tx.insert_window(&Window { region_id: hex(99), ..window(21, Planned, (1, 2)) })
        });
        assert!(matches!(nowhere, Err(StorageError::Query(_))), "{nowhere:?}");
    });
}

#[test]
fn a_stale_version_of_a_window_is_refused() {
    on_both_seeded(|_, store| {
        seed(store);
        let first = window(20, Planned, (1, 2));
        insert(store, std::slice::from_ref(&first));
        let save = |version: i64, state| {
            let window = Window { version, state, ends_at: at(version), ..first.clone() };
            store.write(move |tx| tx.save_window(&window)).unwrap()
        };
        assert!(save(2, Running));
        for version in [0, 1, 2, 4] {
            assert!(!save(version, Cancelled), "{version}");
        }
        let found = store.read(|tx| tx.find_window(hex(20))).unwrap().unwrap();
        let state = Running;
        assert_eq!(found, Window { version: 2, state, ends_at: at(2), ..first.clone() });
        let absent = Window { id: hex(21), version: 2, ..first.clone() };
        assert!(!store.write(move |tx| tx.save_window(&absent)).unwrap());
    });
}

#[test]
fn windows_are_listed_by_every_filter_page_by_page() {
    on_both_seeded(|_, store| {
        seed(store);
        let beside = Window { region_id: hex(11), ..window(22, Planned, (1, 2)) };
        let foreign =
            Window { region_id: hex(12), enterprise_id: hex(2), ..window(23, Planned, (1, 2)) };
        let own = [window(21, Ended, (1, 2)), window(20, Planned, (3, 4))];
        insert(store, &[foreign, beside, own[0].clone(), own[1].clone()]);
        let list = |home: Option<u64>, region: Option<u64>, state, after: Option<u64>, limit| {
            let filter = WindowFilter {
                enterprise: home.map(hex),
                region: region.map(hex),
                state,
                after: after.map(hex),
            };
            numbers(store.read(|tx| tx.list_windows(&filter, limit)).unwrap().items)
        };
        assert_eq!(list(None, None, None, None, 9), [20, 21, 22, 23]);
        assert_eq!(list(None, None, None, Some(20), 2), [21, 22]);
        assert_eq!(list(Some(1), None, None, None, 9), [20, 21, 22]);
        assert_eq!(list(Some(1), None, Some(Planned), None, 9), [20, 22]);
        assert_eq!(list(None, Some(10), None, None, 9), [20, 21]);
        assert_eq!(list(None, Some(10), Some(Ended), None, 9), [21]);
        assert_eq!(list(None, None, Some(Planned), Some(20), 9), [22, 23]);
        assert_eq!(list(Some(2), Some(10), None, None, 9), Vec::<u64>::new());
        assert_eq!(list(Some(1), Some(11), Some(Planned), Some(22), 9), Vec::<u64>::new());
    });
}

#[test]
fn the_open_windows_of_a_region_are_those_planned_or_running() {
    on_both_seeded(|_, store| {
        seed(store);
        for (number, state) in (20..).zip([Ended, Planned, Cancelled, Running, Skipped, Stuck]) {
            insert(store, &[window(number, state, (1, 2))]);
        }
        insert(store, &[Window { region_id: hex(11), ..window(30, Planned, (1, 2)) }]);
        let open = |region| numbers(store.read(|tx| tx.open_windows(hex(region))).unwrap());
        assert_eq!([open(10), open(11), open(12)], [vec![21, 23], vec![30], vec![]]);
    });
}

#[test]
fn what_is_due_is_what_begins_or_ends_by_now_and_no_more() {
    on_both_seeded(|_, store| {
        seed(store);
        insert(
            store,
            &[
                window(20, Planned, (2, 9)),
                window(21, Planned, (1, 9)),
                window(22, Running, (0, 2)),
                window(23, Running, (0, 1)),
                window(24, Running, (0, 3)),
            ],
        );
        for (number, state) in (30..).zip([Ended, Cancelled, Skipped, Stuck]) {
            insert(store, &[window(number, state, (0, 1))]);
        }
        let due = |now, limit| numbers(store.read(|tx| tx.due_windows(now, limit)).unwrap());
        let moment = TimeDelta::microseconds(1);
        assert_eq!(due(at(1) - moment, 9), Vec::<u64>::new());
        assert_eq!(due(at(1), 9), [23, 21], "what ends comes before what begins");
        assert_eq!(due(at(2) - moment, 9), [23, 21]);
        assert_eq!(due(at(2), 9), [23, 22, 21, 20], "what is longest due comes first");
        assert_eq!(due(at(9), 9), [23, 22, 24, 21, 20]);
        assert_eq!(due(at(9), 4), [23, 22, 24, 21]);
        assert_eq!(due(at(9), 1), [23]);
    });
}
