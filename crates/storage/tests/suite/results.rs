//! Results: points once, series, tags, roll-ups, and how long they are kept.

mod keeping;
mod lists;
mod rolling;

use std::collections::BTreeMap;

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::result::line::parse;
use cadastre_domain::result::{Class, DialPoint, LastSeen, Measurement, Outcome, PointTags, Step};
use cadastre_storage::{
    KeptRollup, LoosePoint, NewPoint, PointFilter, PointUsage, RolledUp, SeriesKey, StorageError,
    Store, Tx, share_of,
};
use cadastre_testkit::TestDatabase;
use cadastre_testkit::sample::{self, hex};

use crate::support::{on_both_seeded, prepared};

const MOST: i64 = 3;

/// The series of the node and the task that have these numbers.
fn key(node: u8, task: u64, measurement: &str) -> SeriesKey {
    SeriesKey {
        enterprise: sample::enterprise().id,
        node: Some(format!("reg_cg2britepb7e977f0{node:02}g").parse().unwrap()),
        task: Some(hex(task).into()),
        measurement: Measurement::try_from(measurement.to_owned()).unwrap(),
    }
}

fn http(node: u8) -> SeriesKey {
    key(node, 70, Class::Http.measurement())
}

/// What a point without a reason counts for, in bytes.
fn point_bytes(database: &TestDatabase) -> i64 {
    if database.name() == "sqlite" { 120 } else { 240 }
}

fn series(store: &Store, key: SeriesKey) -> i64 {
    store.write(move |tx| tx.ensure_series(&key, MOST)).unwrap()
}

fn tags(pairs: &str) -> PointTags {
    let line = format!("m,{pairs} f=1");
    DialPoint::read(&parse(line.as_bytes()).unwrap()[0], 0).unwrap().tags
}

/// A point of this series at this second, received a second later.
fn point(series: i64, second: i64, outcome: Outcome) -> NewPoint {
    let line = format!("http_dial_testing,status={outcome} response_time={}i", second % 1000);
    let mut point = DialPoint::read(&parse(line.as_bytes()).unwrap()[0], 0).unwrap();
    point.at_ns = second * 1_000_000_000;
    NewPoint { series, digest: 1, received_us: (second + 1) * 1_000_000, tags: None, point }
}

fn add(store: &Store, points: Vec<NewPoint>) {
    store.write(move |tx| tx.add_points(&points)).unwrap();
}

/// What the points behind the last one that is rolled up come to.
fn come_to(store: &Store, limit: i64) -> Option<RolledUp> {
    come_to_in(store, limit, |_| true)
}

/// The same of some shares.
fn come_to_in(store: &Store, limit: i64, wanted: fn(i64) -> bool) -> Option<RolledUp> {
    let come_to = store.read(|tx| {
        let progress = tx.progress()?;
        let mut points = tx.loose_points(progress.rolled_up(), limit)?;
        let Some(upto) = points.last().map(|point| point.id) else { return Ok(None) };
        points.retain(|point| wanted(share_of(point.series)) && !progress.is_behind(point));
        let (mut rollups, mut seen) = (BTreeMap::new(), BTreeMap::<_, Vec<_>>::new());
        for point in &points {
            for step in Step::ALL {
                let key = (step, step.of(point.seen.at_ns), point.series);
                let rollup: &mut cadastre_domain::result::Rollup = rollups.entry(key).or_default();
                rollup.add(point.seen.outcome, point.seen.response_us);
            }
            seen.entry(point.series).or_default().push(point.seen.clone());
        }
        let mut all = Vec::new();
        for ((step, number, series), mut rollup) in rollups {
            for kept in tx.find_rollups(step, &[number], &[series])? {
                rollup.merge(&kept.rollup);
            }
            all.push(KeptRollup { step, number, series, rollup });
        }
        let mut now = Vec::new();
        for (series, points) in &seen {
            let before = tx.rolled_up_seen(&[*series])?.pop().map(|(_, seen)| seen);
            now.push((*series, LastSeen::after(before, points).unwrap()));
        }
        Ok::<_, StorageError>(Some(RolledUp {
            shares: progress.shares.into_iter().filter(|(share, _)| wanted(*share)).collect(),
            upto,
            usage: usage_of(tx, &points)?,
            rollups: all,
            seen: now,
            now_us: 1_000_000,
        }))
    });
    come_to.unwrap()
}

/// How much of these points is whose.
fn usage_of(tx: &mut dyn Tx, points: &[LoosePoint]) -> Result<Vec<PointUsage>, StorageError> {
    let mut usage: BTreeMap<EnterpriseId, PointUsage> = BTreeMap::new();
    for point in points {
        let series = tx.find_series(&[point.series])?.remove(0);
        let enterprise = series.key.enterprise;
        let none = PointUsage { enterprise, count: 0, bytes: 0 };
        let usage = usage.entry(enterprise).or_insert(none);
        usage.count += 1;
        usage.bytes += point.bytes;
    }
    Ok(usage.into_values().collect())
}

/// How many points are kept of each enterprise, and how much they take up.
fn usage(store: &Store) -> Vec<(EnterpriseId, i64, i64)> {
    let usage = store.read(|tx| tx.point_usage()).unwrap();
    usage.iter().map(|usage| (usage.enterprise, usage.count, usage.bytes)).collect()
}

/// Rolls everything up, so many points at once.
fn roll_up(store: &Store, limit: i64) {
    while let Some(rolled_up) = come_to(store, limit) {
        assert!(store.write(move |tx| tx.save_rolled_up(&rolled_up)).unwrap());
    }
}

fn everything(series: &[i64]) -> PointFilter {
    PointFilter { series: series.iter().copied().collect(), ..PointFilter::default() }
}

/// The seconds of the points of these series that are kept, the latest first.
fn seconds(store: &Store, series: &[i64]) -> Vec<i64> {
    let found = store.read(|tx| tx.list_points(&everything(series), None, 10_000)).unwrap();
    assert_eq!(found.rest, None);
    found.items.iter().map(|kept| kept.point.at_ns / 1_000_000_000).collect()
}

#[test]
fn every_part_of_a_point_is_kept() {
    on_both_seeded(|_, store| {
        let series = series(store, http(1));
        let line = concat!(
            "http_dial_testing,status=RETRY_OK,name=a,datakit_version=1.84.1 response_time=1i,",
            "response_dns=2,response_connection=3,response_ssl=4,response_ttfb=5,",
            "response_download=6,status_code=200i,packet_loss_percent=33.333,",
            "fail_reason=\"é\\\"x\",ssl_cert_not_after=1800000000i -7",
        );
        let point = DialPoint::read(&parse(line.as_bytes()).unwrap()[0], 0).unwrap();
        let (home, set) = (sample::enterprise().id, point.tags.clone());
        let place = store.write(move |tx| tx.ensure_point_tags(home, &set, 1, 9)).unwrap();
        let new = NewPoint {
            series,
            digest: i64::MIN,
            received_us: 5,
            tags: place,
            point: point.clone(),
        };
        add(store, vec![new]);
        let found = store.read(|tx| tx.list_points(&everything(&[series]), None, 9)).unwrap();
        assert_eq!(found.items.len(), 1);
        let kept = &found.items[0];
        assert_eq!((kept.series, kept.digest, kept.received_us), (series, i64::MIN, 5));
        assert_eq!(kept.point, point);
    });
}

#[test]
fn a_point_is_kept_once_alone_or_among_others_here_or_elsewhere() {
    on_both_seeded(|database, store| {
        let elsewhere = prepared(database.url());
        let series = series(store, http(1));
        let one = point(series, 5, Outcome::Ok);
        let other = NewPoint { digest: 2, ..one.clone() };
        for store in [store, &elsewhere] {
            add(store, vec![one.clone()]);
            add(store, vec![one.clone(), one.clone(), other.clone()]);
            add(store, vec![one.clone(), other.clone()]);
        }
        assert_eq!(seconds(store, &[series]), [5, 5]);
        roll_up(store, 9);
        add(store, vec![one.clone(), other.clone()]);
        assert_eq!(come_to(store, 9).map(|rolled_up| rolled_up.usage), None);
    });
}

#[test]
fn points_of_many_callers_are_kept_and_those_of_one_who_fails_are_not() {
    on_both_seeded(|_, store| {
        let series = series(store, http(1));
        let tickets: Vec<_> = (0..50)
            .map(|second| {
                store.submit(None, move |tx| {
                    tx.add_points(&[point(series, second, Outcome::Ok)])?;
                    if second == 7 { Err(StorageError::Busy) } else { Ok(()) }
                })
            })
            .collect();
        store.drain();
        for (second, ticket) in tickets.into_iter().enumerate() {
            assert_eq!(crate::support::wait(ticket.unwrap()).is_ok(), second != 7);
        }
        let kept = (0..50).rev().filter(|second| *second != 7);
        assert_eq!(seconds(store, &[series]), kept.collect::<Vec<i64>>());
    });
}

#[test]
fn series_are_told_apart_and_those_without_bound_are_bounded() {
    on_both_seeded(|_, store| {
        let known: Vec<_> = (0..5).map(|node| series(store, http(node))).collect();
        let again: Vec<_> = (0..5).map(|node| series(store, http(node))).collect();
        assert_eq!(known, again);
        let made_up: Vec<_> =
            (0..5).map(|n| series(store, key(1, 70, &format!("made_up_{n}")))).collect();
        assert_eq!(made_up[3], made_up[4], "beyond the bound, they are one");
        assert_eq!(series(store, key(1, 70, "other")), made_up[3]);
        assert_eq!(series(store, key(1, 70, "made_up_2")), made_up[2], "known before the bound");
        let nobody = SeriesKey { node: None, ..http(1) };
        assert_eq!(series(store, nobody.clone()), series(store, nobody));
        assert!(series(store, http(9)) > made_up[4], "there are as many as nodes and tasks");
    });
}

#[test]
fn sets_of_tags_are_kept_once_to_a_bound_and_as_long_as_they_are_used() {
    on_both_seeded(|_, store| {
        let home = sample::enterprise().id;
        let ensure = |set: PointTags, day| {
            store.write(move |tx| tx.ensure_point_tags(home, &set, day, MOST)).unwrap()
        };
        let sets: Vec<_> = (0..5).map(|n| ensure(tags(&format!("a={n}")), 1)).collect();
        assert!(sets[..3].iter().all(Option::is_some) && sets[3..] == [None, None], "{sets:?}");
        assert_eq!(ensure(tags("a=1"), 5), sets[1]);
        let other = hex(2);
        let foreign = store.write(move |tx| tx.ensure_point_tags(other, &tags("a=1"), 1, MOST));
        assert_ne!(foreign.unwrap(), sets[1]);
        assert_eq!(store.write(|tx| tx.forget_point_tags(5, 2)).unwrap(), 2);
        assert_eq!(store.write(|tx| tx.forget_point_tags(5, 9)).unwrap(), 1);
        assert_eq!(ensure(tags("a=1"), 5), sets[1]);
        assert_ne!(ensure(tags("a=0"), 5), sets[0], "it is another one now");
    });
}
