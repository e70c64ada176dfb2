use proptest::prelude::*;

use super::*;

fn of(points: &[(Outcome, Option<i64>)]) -> Rollup {
    let mut rollup = Rollup::default();
    for (outcome, micros) in points {
        rollup.add(*outcome, *micros);
    }
    rollup
}

fn told(rollup: &Rollup) -> (i64, i64, usize, Option<i64>, Option<i64>, Option<Percentiles>) {
    let (shortest, longest) = (rollup.shortest(), rollup.longest());
    let percentiles = rollup.percentiles();
    (rollup.count, rollup.failures, rollup.times(), shortest, longest, percentiles)
}

#[test]
fn failures_are_counted_and_their_times_are_not() {
    let rollup = of(&[
        (Outcome::Ok, Some(100)),
        (Outcome::Failed, Some(9_000_000)),
        (Outcome::OkAfterRetry, Some(300)),
    ]);
    let percentiles = Some(Percentiles { p50: 100, p95: 100, p99: 100 });
    assert_eq!(told(&rollup), (3, 1, 2, Some(100), Some(300), percentiles));
    let failed = of(&[(Outcome::Failed, Some(1))]);
    assert_eq!(told(&failed), (1, 1, 0, None, None, None));
    assert!(failed.sketch().is_empty());
}

#[test]
fn a_point_that_does_not_say_how_it_ended_is_not_counted() {
    let rollup = of(&[(Outcome::Unknown, Some(5)), (Outcome::Unknown, None)]);
    assert_eq!(told(&rollup), (0, 0, 0, None, None, None));
    let rollup = of(&[(Outcome::Failed, None), (Outcome::Unknown, Some(5))]);
    assert_eq!((rollup.count, rollup.failures), (1, 1), "nothing was answered");
}

#[test]
fn hours_and_days_are_those_of_utc_also_before_1970() {
    for (step, at, number) in [
        (Step::Hour, 0, 0),
        (Step::Hour, 3_599_999_999_999, 0),
        (Step::Hour, 3_600_000_000_000, 1),
        (Step::Hour, -1, -1),
        (Step::Day, 86_399_999_999_999, 0),
        (Step::Day, 86_400_000_000_000, 1),
        (Step::Day, -86_400_000_000_001, -2),
        (Step::Day, i64::MIN, -106_752),
        (Step::Hour, i64::MAX, 2_562_047),
    ] {
        assert_eq!(step.of(at), number, "{step:?} {at}");
        assert!(step.start(number) <= at.div_euclid(NANOS));
        assert!(step.start(number + 1) > at.div_euclid(NANOS));
    }
}

#[test]
fn bytes_that_are_no_sketch_are_refused() {
    for bytes in [&b"x"[..], b"\xff\xff", b"\x02\x02\x02"] {
        assert!(Rollup::new(1, 0, bytes).is_err(), "{bytes:?}");
    }
}

fn points() -> impl Strategy<Value = Vec<(Outcome, Option<i64>)>> {
    let outcome = prop::sample::select(Outcome::ALL.to_vec());
    let micros = prop_oneof![0..=1_000_000_i64, 0..=super::super::LARGEST_MICROS];
    prop::collection::vec((outcome, prop::option::of(micros)), 0..80)
}

#[test]
fn a_time_that_is_ahead_or_very_late_makes_no_hours_without_end() {
    let received_us = 1_795_306_200_000_000_i64;
    let received = received_us * 1000;
    let days = |number: i64| number * 86_400 * 1_000_000_000;
    for (at_ns, counted) in [
        (received, Some(received)),
        (received - 1, Some(received - 1)),
        (received + 1, Some(received)),
        (i64::MAX, Some(received)),
        (received - days(35), Some(received - days(35))),
        (received - days(35) - 1, None),
        (0, None),
        (-1, None),
        (i64::MIN, None),
    ] {
        let point = SeenPoint {
            at_ns,
            received_us,
            outcome: Outcome::Ok,
            response_us: None,
            certificate_expires: None,
            agent_version: None,
        };
        assert_eq!(point.counted_ns(), counted, "{at_ns}");
        // Nothing overflows.
        let _ = SeenPoint { received_us: i64::MIN, ..point.clone() }.counted_ns();
        let _ = SeenPoint { received_us: i64::MAX, ..point }.counted_ns();
    }
}

proptest! {
    #[test]
    fn roll_ups_merge_in_any_order_and_read_back(points in points(), at in 0_usize..80) {
        let whole = of(&points);
        let (left, right) = points.split_at(at.min(points.len()));
        let (left, right) = (of(left), of(right));
        for (mut first, second) in [(left.clone(), &right), (right.clone(), &left)] {
            first.merge(second);
            prop_assert_eq!(told(&first), told(&whole));
        }
        let mut read = Rollup::new(whole.count, whole.failures, &whole.sketch()).expect("reads");
        prop_assert_eq!(told(&read), told(&whole));
        read.merge(&left);
        prop_assert_eq!(read.times(), whole.times() + left.times());
    }

    #[test]
    fn percentiles_are_wrong_by_one_in_a_hundred(points in points()) {
        let kept = points.iter().filter(|(outcome, _)| outcome.verdict() == Some(true));
        let mut times: Vec<_> = kept.filter_map(|(_, micros)| *micros).collect();
        times.sort_unstable();
        let Some(found) = of(&points).percentiles() else {
            prop_assert!(times.is_empty());
            return Ok(());
        };
        for (part, found) in [(50, found.p50), (95, found.p95), (99, found.p99)] {
            let exact = exact(times[(times.len() - 1) * part / 100]);
            prop_assert!((exact - super::exact(found)).abs() <= exact * 0.0101 + 1.0, "{part}");
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let _ = Rollup::new(0, 0, &bytes);
    }
}
