//! Roll-ups, and how series stand.

use std::collections::BTreeMap;
use std::thread;

use cadastre_domain::result::{LastSeen, Outcome, Rollup, ShownCertificate, Step};
use cadastre_storage::{NewPoint, Store};
use cadastre_testkit::sample;

use super::{add, come_to, come_to_in, http, point, point_bytes, roll_up, seconds, series, usage};
use crate::support::{execute, on_both_seeded, prepared};

const OUTCOMES: [Outcome; 4] = Outcome::ALL;

/// Points of three series over three hours, some of them late, and in no order of times.
fn points(series: &[i64]) -> Vec<NewPoint> {
    let of = |n: i64| {
        let second = (n * 7919) % 10_800;
        let place = usize::try_from(n).unwrap();
        NewPoint { digest: n, ..point(series[place % 3], second, OUTCOMES[place / 3 % 4]) }
    };
    (0..600).map(of).collect()
}

/// Everything that a roll-up tells, by what it is of.
type Told = BTreeMap<(Step, i64, i64), (i64, i64, Vec<u8>)>;

fn told(rollups: impl Iterator<Item = ((Step, i64, i64), Rollup)>) -> Told {
    rollups.map(|(key, of)| (key, (of.count, of.failures, of.sketch()))).collect()
}

/// What the points come to when they are all looked at at once.
fn recomputed(points: &[NewPoint]) -> Told {
    let mut rollups: BTreeMap<_, Rollup> = BTreeMap::new();
    for NewPoint { series, point, .. } in points {
        for step in Step::ALL {
            let rollup = rollups.entry((step, step.of(point.at_ns), *series)).or_default();
            rollup.add(point.outcome, point.timings.response);
        }
    }
    told(rollups.into_iter())
}

fn kept(store: &Store, series: &[i64]) -> Told {
    let found = store.read(|tx| {
        let mut found = tx.find_rollups(Step::Hour, &[0, 1, 2], series)?;
        found.extend(tx.find_rollups(Step::Day, &[0], series)?);
        Ok::<_, cadastre_storage::StorageError>(found)
    });
    told(found.unwrap().into_iter().map(|kept| (kept.key(), kept.rollup)))
}

fn three(store: &Store) -> Vec<i64> {
    (1..4).map(|node| series(store, http(node))).collect()
}

#[test]
fn roll_ups_are_what_the_points_come_to_and_survive_them() {
    on_both_seeded(|database, store| {
        let series = three(store);
        let points = points(&series);
        for some in points.chunks(170) {
            add(store, some.to_vec());
            roll_up(store, 50);
        }
        assert_eq!(kept(store, &series), recomputed(&points));
        let home = sample::enterprise().id;
        assert_eq!(usage(store), [(home, 600, 600 * point_bytes(database))]);
        let forgotten = store.write(|tx| tx.forget_points(i64::MAX, 10_000)).unwrap();
        assert_eq!((forgotten, seconds(store, &series)), (600, vec![]));
        assert_eq!(kept(store, &series), recomputed(&points));
        assert_eq!(usage(store), [(home, 0, 0)]);
        // Numbers are not given again, so what comes now is not taken for what is rolled up.
        add(store, vec![point(series[0], 5, Outcome::Ok)]);
        assert_eq!(come_to(store, 9).map(|rolled_up| rolled_up.usage[0].count), Some(1));
    });
}

#[test]
fn what_was_found_for_the_same_points_is_saved_once() {
    on_both_seeded(|database, store| {
        let elsewhere = prepared(database.url());
        let series = three(store);
        let points = points(&series);
        add(store, points.clone());
        let (here, there) = (come_to(store, 400).unwrap(), come_to(&elsewhere, 300).unwrap());
        assert!(elsewhere.write(move |tx| tx.save_rolled_up(&there)).unwrap());
        assert!(!store.write(move |tx| tx.save_rolled_up(&here)).unwrap());
        roll_up(store, 100);
        assert_eq!(kept(store, &series), recomputed(&points));
    });
}

#[test]
fn shares_are_rolled_up_on_their_own_and_every_point_counts_once() {
    on_both_seeded(|_, store| {
        let series: Vec<_> = (1..20).map(|node| series(store, http(node))).collect();
        let all: Vec<_> = (0..200_i64)
            .map(|n| point(series[usize::try_from(n % 19).unwrap()], n, Outcome::Ok))
            .collect();
        let save = |rolled_up| store.write(move |tx| tx.save_rolled_up(&rolled_up)).unwrap();
        let even = |limit| come_to_in(store, limit, |share| share % 2 == 0).unwrap();
        add(store, all[..100].to_vec());
        assert!(save(even(60)));
        let (odd, whole) = (come_to_in(store, 99, |share| share == 3), come_to(store, 70));
        assert!(save(odd.unwrap()));
        assert!(!save(whole.unwrap()), "it was found before one share moved on");
        let progress = store.read(|tx| tx.progress()).unwrap();
        assert_eq!(progress.rolled_up(), 0, "others did not begin");
        let forgotten = store.write(|tx| tx.forget_points(i64::MAX, 999)).unwrap();
        assert_eq!(forgotten, 0, "nothing goes that any share still needs");
        let stand: Vec<_> = store.read(|tx| tx.last_seen(&series)).unwrap();
        add(store, all[100..].to_vec());
        assert!(save(even(150)));
        roll_up(store, 50);
        assert!(kept(store, &series) == recomputed(&all), "each counts once");
        assert_eq!(usage(store)[0].1, 200);
        let last = |seen: &[(i64, LastSeen)]| seen.iter().map(|(_, s)| s.at_ns).max();
        assert_eq!((stand.len(), last(&stand)), (19, Some(99_000_000_000)));
    });
}

#[test]
fn servers_that_write_and_roll_up_at_once_count_everything_once() {
    on_both_seeded(|database, store| {
        let series = three(store);
        let points = points(&series);
        let stores: Vec<_> = (0..3).map(|_| prepared(database.url())).collect();
        thread::scope(|scope| {
            for (store, some) in stores.iter().zip(points.chunks(200)) {
                scope.spawn(move || some.chunks(3).for_each(|few| add(store, few.to_vec())));
                scope.spawn(move || {
                    for _ in 0..40 {
                        if let Some(rolled_up) = come_to(store, 20) {
                            let _ = store.write(move |tx| tx.save_rolled_up(&rolled_up)).unwrap();
                        }
                    }
                });
            }
        });
        roll_up(store, 50);
        assert_eq!(kept(store, &series), recomputed(&points));
        assert_eq!(usage(store)[0].1, 600);
    });
}

#[test]
fn how_series_stand_is_known_before_and_after_points_are_rolled_up() {
    on_both_seeded(|_, store| {
        let ids = three(store);
        let stand = || store.read(|tx| tx.last_seen(&ids)).unwrap();
        assert_eq!(stand(), []);
        let summary = |seen: &LastSeen| {
            (seen.at_ns / 1_000_000_000, seen.outcome, seen.since_ns / 1_000_000_000)
        };
        let check = |expected: &[(i64, (i64, Outcome, i64))]| {
            let found: Vec<_> = stand().iter().map(|(id, seen)| (*id, summary(seen))).collect();
            assert_eq!(found, expected);
        };
        add(store, vec![point(ids[0], 10, Outcome::Ok), point(ids[0], 20, Outcome::Failed)]);
        check(&[(ids[0], (20, Outcome::Failed, 20))]);
        roll_up(store, 1);
        check(&[(ids[0], (20, Outcome::Failed, 20))]);
        add(store, vec![point(ids[0], 30, Outcome::Failed), point(ids[1], 5, Outcome::Ok)]);
        add(store, vec![point(ids[0], 15, Outcome::Ok)]);
        for limit in [1, 9] {
            check(&[(ids[0], (30, Outcome::Failed, 20)), (ids[1], (5, Outcome::Ok, 5))]);
            roll_up(store, limit);
        }
        let some = store.read(|tx| tx.last_seen(&ids[1..])).unwrap();
        assert_eq!(some.len(), 1);
    });
}

#[test]
fn a_certificate_is_kept_with_when_it_was_shown() {
    on_both_seeded(|database, store| {
        let ids = three(store);
        let stand = || store.read(|tx| tx.last_seen(&ids[..1])).unwrap()[0].1.certificate;
        let mut showing = point(ids[0], 10, Outcome::Ok);
        showing.point.certificate_expires = Some(7);
        add(store, vec![showing.clone(), point(ids[0], 20, Outcome::Ok)]);
        let shown = Some(ShownCertificate { expires: 7, at_ns: 10_000_000_000 });
        for limit in [1, 9] {
            assert_eq!(stand(), shown);
            roll_up(store, limit);
        }
        assert_eq!(stand(), shown);
        // The version before did not note when.
        execute(database, "UPDATE result_seen SET certificate_at_ns = NULL");
        assert_eq!(stand(), None);
        add(store, vec![NewPoint { digest: 2, ..showing }, point(ids[0], 30, Outcome::Ok)]);
        roll_up(store, 9);
        assert_eq!(stand(), None, "it came late");
        let mut showing = point(ids[0], 40, Outcome::Ok);
        showing.point.certificate_expires = Some(8);
        add(store, vec![showing]);
        roll_up(store, 9);
        assert_eq!(stand(), Some(ShownCertificate { expires: 8, at_ns: 40_000_000_000 }));
    });
}
