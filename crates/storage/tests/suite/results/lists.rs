//! Lists of points, roll-ups and series.

use cadastre_domain::result::{Class, Measurement, Outcome, Step};
use cadastre_storage::{
    Found, NewPoint, PointFilter, RollupFilter, SeriesFilter, SeriesKey, Store,
};
use cadastre_testkit::sample::{self, hex};

use super::{add, everything, http, key, point, roll_up, series};
use crate::support::{enterprise, on_both_seeded};

/// All pages of a list, each of so many things.
fn pages<T, P: Copy>(mut page: impl FnMut(Option<P>) -> Found<T, P>) -> Vec<T> {
    let (mut all, mut place) = (Vec::new(), None);
    loop {
        let Found { items, rest } = page(place);
        all.extend(items);
        if rest.is_none() {
            return all;
        }
        place = rest;
    }
}

fn fill(store: &Store) -> [i64; 3] {
    let ids = [1, 2, 3].map(|node| series(store, http(node)));
    // Ten of each at the same time, told apart by their digests.
    let points = (0..90).map(|n: i64| {
        let place = usize::try_from(n % 3).unwrap();
        let outcome = if n % 2 == 0 { Outcome::Ok } else { Outcome::Failed };
        NewPoint { digest: -n, ..point(ids[place], n / 30 * 3600, outcome) }
    });
    add(store, points.collect());
    ids
}

#[test]
fn points_are_listed_by_time_page_by_page_and_none_is_left_out() {
    on_both_seeded(|_, store| {
        let ids = fill(store);
        let places = |filter: &PointFilter, limit| {
            let found =
                pages(|place| store.read(|tx| tx.list_points(filter, place, limit)).unwrap());
            found
                .into_iter()
                .map(|kept| (kept.point.at_ns, kept.series, kept.digest))
                .collect::<Vec<_>>()
        };
        let all = places(&everything(&ids), 1000);
        assert_eq!(all.len(), 90);
        assert!(all.is_sorted_by(|one, next| one > next), "{all:?}");
        for limit in [1, 7, 90] {
            assert_eq!(places(&everything(&ids), limit), all);
            let two: Vec<_> = all.iter().copied().filter(|place| place.1 != ids[1]).collect();
            assert_eq!(places(&everything(&[ids[0], ids[2]]), limit), two);
        }
        let hour = 3_600_000_000_000;
        for (filter, count) in [
            (PointFilter { outcome: Some(Outcome::Ok), ..everything(&ids) }, 45),
            (PointFilter { outcome: Some(Outcome::Unknown), ..everything(&ids) }, 0),
            (PointFilter { since_ns: Some(hour), ..everything(&ids) }, 60),
            (PointFilter { until_ns: Some(hour), ..everything(&ids) }, 30),
            (PointFilter { since_ns: Some(1), until_ns: Some(2 * hour), ..everything(&ids) }, 30),
            (everything(&[]), 0),
        ] {
            assert_eq!(places(&filter, 4).len(), count, "{filter:?}");
        }
    });
}

#[test]
fn roll_ups_are_listed_by_time_page_by_page_and_none_is_left_out() {
    on_both_seeded(|_, store| {
        let ids = fill(store);
        roll_up(store, 1000);
        let filter = |step, since, until| RollupFilter { step, series: ids.into(), since, until };
        let places = |filter: &RollupFilter, limit| {
            let found =
                pages(|place| store.read(|tx| tx.list_rollups(filter, place, limit)).unwrap());
            found.iter().map(|kept| (kept.number, kept.series)).collect::<Vec<_>>()
        };
        let all = places(&filter(Step::Hour, None, None), 1000);
        assert_eq!(all.len(), 9);
        assert!(all.is_sorted_by(|one, next| one > next), "{all:?}");
        for limit in [1, 2, 9] {
            assert_eq!(places(&filter(Step::Hour, None, None), limit), all);
            let one = RollupFilter { series: [ids[1]].into(), ..filter(Step::Hour, None, None) };
            assert_eq!(places(&one, limit), [(2, ids[1]), (1, ids[1]), (0, ids[1])]);
        }
        assert_eq!(places(&filter(Step::Hour, Some(1), Some(2)), 9).len(), 3);
        assert_eq!(places(&filter(Step::Day, None, None), 9).len(), 3);
    });
}

#[test]
fn series_are_found_by_whose_they_are() {
    on_both_seeded(|_, store| {
        store.write(|tx| tx.insert_enterprise(&enterprise(2, "Another"))).unwrap();
        let foreign = SeriesKey { enterprise: hex(2), ..http(1) };
        let nobody = SeriesKey { node: None, task: None, ..http(1) };
        let keys = [http(1), http(2), key(1, 71, "tcp_dial_testing"), foreign, nobody];
        let ids = keys.clone().map(|key| series(store, key));
        let found = store.read(|tx| tx.find_series(&ids)).unwrap();
        assert_eq!(found.iter().map(|series| series.key.clone()).collect::<Vec<_>>(), keys);
        let home = Some(sample::enterprise().id);
        let (node, task) = (http(1).node.unwrap(), http(1).task.unwrap());
        let measurement: Measurement = Class::Http.into();
        for (filter, places) in [
            (SeriesFilter::default(), vec![0, 1, 2, 3, 4]),
            (SeriesFilter { enterprise: home, ..SeriesFilter::default() }, vec![0, 1, 2, 4]),
            (
                SeriesFilter { enterprise: home, nodes: vec![node], ..SeriesFilter::default() },
                vec![0, 2],
            ),
            (SeriesFilter { tasks: vec![task], ..SeriesFilter::default() }, vec![0, 1, 3]),
            (
                SeriesFilter {
                    enterprise: home,
                    measurement: Some(measurement),
                    ..SeriesFilter::default()
                },
                vec![0, 1, 4],
            ),
            (SeriesFilter { region: Some(hex(9)), ..SeriesFilter::default() }, vec![]),
        ] {
            let found = store.read(|tx| tx.list_series(&filter)).unwrap();
            let found: Vec<_> = found.into_iter().map(|series| series.id).collect();
            assert_eq!(found, places.iter().map(|place| ids[*place]).collect::<Vec<_>>());
        }
    });
}

#[test]
fn a_series_has_the_region_that_its_task_watches() {
    on_both_seeded(|_, store| {
        let (node, watched) = (sample::node(), hex(20));
        let task = cadastre_domain::task::Task { region_id: Some(watched), ..sample::task() };
        let added = store.write(move |tx| {
            tx.insert_node(&node, &sample::access_key())?;
            tx.insert_task(&task)
        });
        added.unwrap();
        let key = SeriesKey { node: Some(sample::node().id), ..http(1) };
        let id = series(store, key);
        let filter = SeriesFilter { region: Some(watched), ..SeriesFilter::default() };
        let found = store.read(|tx| tx.list_series(&filter)).unwrap();
        assert_eq!(found.iter().map(|series| series.id).collect::<Vec<_>>(), [id]);
        assert_eq!(found[0].region, Some(watched));
    });
}
