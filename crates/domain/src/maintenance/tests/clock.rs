//! Clocks that jump, machines that sleep, and windows in between.

use std::time::Duration;

use proptest::prelude::*;

use super::*;

const HOUR: TimeDelta = TimeDelta::hours(1);

/// A clock that is read every so often, while the wall clock is wrong by so much.
struct Bench {
    clock: SteadyClock,
    truth: DateTime<Utc>,
    elapsed: Duration,
}

impl Bench {
    fn new() -> Self {
        let elapsed = Duration::from_secs(77);
        Self { clock: SteadyClock::new(at(0), elapsed), truth: at(0), elapsed }
    }

    /// Reads again after so many seconds.
    fn read(&mut self, seconds: u32, wrong: TimeDelta) -> DateTime<Utc> {
        self.truth += TimeDelta::seconds(seconds.into());
        self.elapsed += Duration::from_secs(seconds.into());
        self.clock.read(self.truth + wrong, self.elapsed)
    }
}

fn seconds(seconds: i64) -> TimeDelta {
    TimeDelta::seconds(seconds)
}

#[test]
fn a_wall_clock_that_goes_like_a_clock_is_believed() {
    let mut bench = Bench::new();
    for reading in 1..=1000 {
        // Slow by a second a minute, which adds up to far more than the tolerance.
        let wrong = seconds(-reading);
        assert_eq!(bench.read(60, wrong), bench.truth + wrong);
    }
}

#[test]
fn the_tolerance_is_the_last_difference_that_is_believed() {
    let tick = TimeDelta::microseconds(1);
    for sign in [1, -1] {
        let mut bench = Bench::new();
        assert_eq!(bench.read(60, TOLERANCE * sign), at(1) + TOLERANCE * sign);
        let mut bench = Bench::new();
        assert_eq!(bench.read(60, (TOLERANCE + tick) * sign), at(1));
    }
}

#[test]
fn an_hour_forth_or_back_for_some_minutes_is_not_noticed() {
    let hours = (1..=48).flat_map(|hours| [HOUR * hours, HOUR * -hours]);
    for (wrong, minutes) in hours.flat_map(|wrong| (1..=10).map(move |minutes| (wrong, minutes))) {
        let mut bench = Bench::new();
        for _ in 0..minutes {
            assert_eq!(bench.read(60, wrong), bench.truth, "{wrong} for {minutes} minutes");
        }
        assert_eq!(bench.read(60, TimeDelta::zero()), bench.truth);
    }
}

#[test]
fn a_correction_for_good_is_taken_over_once_it_has_settled() {
    for wrong in [HOUR, -HOUR, seconds(31), seconds(-31), HOUR * 24 * 365] {
        let mut bench = Bench::new();
        for _ in 0..600 {
            assert_eq!(bench.read(1, wrong), bench.truth, "{wrong}");
        }
        for _ in 0..600 {
            assert_eq!(bench.read(1, wrong), bench.truth + wrong, "{wrong}");
        }
    }
}

#[test]
fn every_further_jump_begins_the_wait_anew() {
    let mut bench = Bench::new();
    for (wrong, minutes) in [(HOUR, 9), (HOUR * 2, 10), (-HOUR, 10), (HOUR * 2, 10)] {
        for _ in 0..minutes {
            assert_eq!(bench.read(60, wrong), bench.truth);
        }
    }
    assert_eq!(bench.read(60, HOUR * 2), bench.truth + HOUR * 2);
}

#[test]
fn a_right_reading_in_between_begins_the_wait_anew() {
    let mut bench = Bench::new();
    for _ in 0..5 {
        for _ in 0..9 {
            assert_eq!(bench.read(60, HOUR), bench.truth);
        }
        assert_eq!(bench.read(60, TimeDelta::zero()), bench.truth);
    }
}

#[test]
fn a_wall_clock_that_never_goes_steadily_is_never_believed() {
    let mut bench = Bench::new();
    for reading in 1..=120 {
        assert_eq!(bench.read(60, HOUR * reading), bench.truth);
    }
}

#[test]
fn small_steps_back_hold_the_clock_and_do_not_turn_it() {
    let mut bench = Bench::new();
    let shown: Vec<_> = (0..30).map(|_| bench.read(1, seconds(-20))).collect();
    let held = shown.iter().take_while(|time| **time == at(0)).count();
    assert_eq!(held, 20);
    assert_eq!(shown[29], bench.truth - seconds(20));
    assert!(shown.is_sorted());
}

#[test]
fn after_a_sleep_in_which_elapsed_time_stood_still_the_clock_is_late_until_it_has_settled() {
    let mut bench = Bench::new();
    bench.truth += HOUR;
    for _ in 0..10 {
        assert_eq!(bench.read(60, TimeDelta::zero()), bench.truth - HOUR);
    }
    assert_eq!(bench.read(60, TimeDelta::zero()), bench.truth);
}

#[test]
fn after_a_long_pause_that_has_elapsed_the_wall_clock_is_believed_at_once() {
    let mut bench = Bench::new();
    assert_eq!(bench.read(86_400, seconds(1)), bench.truth + seconds(1));
}

#[test]
fn time_that_has_elapsed_is_counted_once_even_if_it_is_told_out_of_order() {
    let mut clock = SteadyClock::new(at(0), Duration::from_mins(100));
    let jumped = at(0) + HOUR;
    for (minutes, time) in [(101, at(1)), (40, at(1)), (101, at(1)), (102, at(2))] {
        assert_eq!(clock.read(jumped, Duration::from_mins(minutes)), time);
    }
}

/// For how many readings the wall clock is wrong by how many minutes, and for how many it is right
/// again afterwards.
fn jumps() -> impl Strategy<Value = Vec<(usize, i64, usize)>> {
    prop::collection::vec((0_usize..=10, -2000_i64..2000, 1_usize..20), 1..12)
}

proptest! {
    #[test]
    fn jumps_of_the_clock_neither_move_a_region_early_nor_twice(
        jumps in jumps(),
        starts in 1_i64..60,
        length in 3_i64..60,
        jitter in -5_i64..=5,
    ) {
        let mut bench = Bench::new();
        let mut window = window(1, starts, starts + length);
        let mut detail = region(Status::Enabled);
        let mut moves = Vec::new();
        let wrong = |(bad, minutes, good): (usize, i64, usize)| {
            let bad = std::iter::repeat_n(TimeDelta::minutes(minutes), bad);
            bad.chain(std::iter::repeat_n(TimeDelta::zero(), good))
        };
        let calm = std::iter::repeat_n(TimeDelta::zero(), 180);
        for (reading, wrong) in jumps.into_iter().flat_map(wrong).chain(calm).enumerate() {
            let swing = seconds(if reading % 2 == 0 { jitter } else { -jitter });
            let now = bench.read(60, wrong + swing);
            prop_assert!((now - bench.truth).abs() <= seconds(5));
            let (after, asked) = window.advance(&detail, now);
            window = after;
            if let Some(status) = asked {
                detail.region.status = status;
                moves.push((status, bench.truth));
            }
        }
        let [(Status::Maintenance, begun), (Status::Enabled, ended)] = moves[..] else {
            return Err(TestCaseError::fail(format!("{moves:?}")));
        };
        let punctual = seconds(-5)..=seconds(65);
        prop_assert!(punctual.contains(&(begun - window.starts_at)));
        prop_assert!(punctual.contains(&(ended - window.ends_at)));
    }

    #[test]
    fn no_reading_panics_and_only_a_settled_wall_clock_turns_time_back(
        readings in prop::collection::vec((any::<i64>(), any::<u64>(), any::<bool>()), 1..60),
    ) {
        let mut clock = SteadyClock::new(at(0), Duration::ZERO);
        let mut last = at(0);
        for (wall, elapsed, extreme) in readings {
            let (wall, elapsed) = if extreme { (wall, elapsed) } else { (wall % 9_000, elapsed % 599) };
            let edge = if wall < 0 { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
            let wall = DateTime::from_timestamp(wall, 0).unwrap_or(edge);
            let time = clock.read(wall, Duration::from_secs(elapsed));
            prop_assert!(time >= last || time == wall);
            last = time;
        }
    }
}
