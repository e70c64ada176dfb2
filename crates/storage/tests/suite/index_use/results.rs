//! What can be done with results.

use cadastre_domain::result::line::parse;
use cadastre_domain::result::{Class, DialPoint, LastSeen, Measurement, Outcome, Rollup, Step};
use cadastre_storage::{
    KeptRollup, NewPoint, PointFilter, PointUsage, RolledUp, RollupFilter, SHARES, SeriesFilter,
    SeriesKey, Tx,
};
use cadastre_testkit::sample::{self, hex};

use super::lists::{choices, only};
use super::walk::Result;

const LINE: &str = "http_dial_testing,status=OK,datakit_version=1.84.1 response_time=5i 7";

fn key(measurement: Measurement) -> SeriesKey {
    let (node, task) = (Some(sample::node().id), Some(sample::task().id));
    SeriesKey { enterprise: hex(1), node, task, measurement }
}

pub fn points(tx: &mut dyn Tx) -> Result {
    let series = tx.ensure_series(&key(Class::Http.into()), 1)?;
    let made_up = Measurement::try_from("made_up".to_owned()).unwrap();
    tx.ensure_series(&key(made_up.clone()), 1)?;
    tx.ensure_series(&SeriesKey { task: None, ..key(made_up) }, 1)?;
    let point = DialPoint::read(&parse(LINE.as_bytes()).unwrap()[0], 0).unwrap();
    let tags = tx.ensure_point_tags(hex(1), &point.tags, 1, 9)?;
    tx.ensure_point_tags(hex(1), &point.tags, 2, 9)?;
    let new = |digest| NewPoint { series, digest, received_us: 1, tags, point: point.clone() };
    tx.add_points(&[new(1)])?;
    tx.progress()?;
    // Several at once make another statement than one.
    tx.add_points(&[new(2), new(3)])?;
    let loose = tx.loose_points(0, 9)?;
    assert_eq!(loose.len(), 3);
    let seen = LastSeen::after(None, loose.iter().map(|point| &point.seen)).unwrap();
    tx.rolled_up_seen(&[series])?;
    let mut rollup = Rollup::default();
    rollup.add(Outcome::Ok, Some(5));
    let rollups =
        Step::ALL.map(|step| KeptRollup { step, number: 0, series, rollup: rollup.clone() });
    let rolled_up = RolledUp {
        shares: (0..SHARES).map(|share| (share, 0)).collect(),
        upto: loose[2].id,
        usage: vec![PointUsage { enterprise: hex(1), count: 3, bytes: 360 }],
        rollups: rollups.to_vec(),
        seen: vec![(series, seen)],
        now_us: 1,
    };
    assert!(tx.save_rolled_up(&rolled_up)?);
    Ok(())
}

pub fn lists(tx: &mut dyn Tx) -> Result {
    for [one, two, three] in choices() {
        let filter = SeriesFilter {
            enterprise: only(one, hex(1)),
            nodes: only(two, sample::node().id).into_iter().collect(),
            tasks: only(three, sample::task().id).into_iter().collect(),
            region: None,
            measurement: None,
        };
        tx.list_series(&filter)?;
        let (region, measurement) = (Some(hex(20)), Some(Class::Http.into()));
        tx.list_series(&SeriesFilter { region, measurement, ..filter })?;
        let points = PointFilter {
            series: [1].into(),
            outcome: None,
            since_ns: only(one, 0),
            until_ns: only(two, 9),
        };
        tx.list_points(&points, only(three, (7, 1, 1)), 9)?;
        let rollups = RollupFilter {
            step: Step::Hour,
            series: [1].into(),
            since: only(one, 0),
            until: only(two, 9),
        };
        tx.list_rollups(&rollups, only(three, (7, 1)), 9)?;
    }
    tx.find_series(&[1])?;
    tx.last_seen(&[1])?;
    tx.find_rollups(Step::Hour, &[0], &[1]).map(drop)
}

pub fn deletions(tx: &mut dyn Tx) -> Result {
    assert_eq!(tx.trim_points(hex(1), 1, 9)?.forgotten, 1);
    assert_eq!(tx.point_usage()?.len(), 1);
    assert_eq!(tx.forget_points(2, 9)?, 2);
    assert_eq!(tx.forget_rollups(Step::Hour, 1, 2, 9)?, 1);
    assert_eq!(tx.forget_point_tags(3, 9)?, 1);
    Ok(())
}
