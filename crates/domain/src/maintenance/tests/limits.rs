//! The limits of a window, each at its last good and its first bad value.

use super::*;

const TICK: TimeDelta = TimeDelta::microseconds(1);

fn plan(starts_at: DateTime<Utc>, ends_at: DateTime<Utc>) -> Result<Window, WindowRefusal> {
    let region = region(Status::Enabled).region;
    draft(starts_at, ends_at).plan(WindowId::from_bytes([9; 16]), &region, &[], at(0))
}

#[test]
fn a_window_that_is_to_come_is_planned_as_drafted() {
    let window = plan(at(60), at(120)).unwrap();
    let expected = Window {
        id: WindowId::from_bytes([9; 16]),
        region_id: RegionId::from_bytes([1; 16]),
        enterprise_id: EnterpriseId::from_bytes([2; 16]),
        starts_at: at(60),
        ends_at: at(120),
        owner: text("ops"),
        reason: text("new switches"),
        state: WindowState::Planned,
        note: String::new(),
        created_at: at(0),
        updated_at: at(0),
        version: 1,
    };
    assert_eq!(window, expected);
}

#[test]
fn a_window_must_end_after_it_starts() {
    for ends_at in [at(60), at(59), at(-600), DateTime::<Utc>::MIN_UTC] {
        let refusal = plan(at(60), ends_at).unwrap_err();
        assert!(matches!(refusal, WindowRefusal::NotAfterStart { .. }), "{refusal}");
        assert_eq!(refusal.edge(), Some(Edge::End));
    }
    assert!(plan(at(60), at(60) + TICK).is_ok());
}

#[test]
fn a_start_that_has_only_just_passed_is_now_and_an_older_one_is_refused() {
    assert_eq!(plan(at(-1), at(1)).unwrap().starts_at, at(0));
    assert_eq!(plan(at(0), at(1)).unwrap().starts_at, at(0));
    assert_eq!(plan(at(0) + TICK, at(1)).unwrap().starts_at, at(0) + TICK);
    let refusal = plan(at(-1) - TICK, at(1)).unwrap_err();
    let past = WindowRefusal::Past { edge: Edge::Start, at: at(-1) - TICK, now: at(0) };
    assert_eq!(refusal, past);
    assert_eq!(
        refusal.to_string(),
        "the start, 2031-03-01T11:58:59.999999Z, is in the past; it is 2031-03-01T12:00:00Z now"
    );
}

#[test]
fn a_window_must_end_in_the_future() {
    for ends_at in [at(0) - TICK, at(0)] {
        let refusal = plan(at(-1), ends_at).unwrap_err();
        assert_eq!(refusal, WindowRefusal::Past { edge: Edge::End, at: ends_at, now: at(0) });
    }
    assert!(plan(at(-1), at(0) + TICK).is_ok());
}

#[test]
fn a_window_lasts_thirty_days_at_most() {
    assert!(plan(at(60), at(60) + LONGEST).is_ok());
    let refusal = plan(at(60), at(60) + LONGEST + TICK).unwrap_err();
    assert_eq!(refusal, WindowRefusal::TooLong { latest: at(60) + LONGEST });
    assert_eq!(
        refusal.to_string(),
        "a window lasts at most 30 days; from this start it ends by 2031-03-31T13:00:00Z"
    );
}

#[test]
fn a_window_lies_within_the_next_five_years() {
    let latest: DateTime<Utc> = "2036-03-01T12:00:00Z".parse().unwrap();
    assert!(plan(latest - TimeDelta::hours(1), latest).is_ok());
    let refusal = plan(latest - TimeDelta::hours(1), latest + TICK).unwrap_err();
    assert_eq!(refusal, WindowRefusal::TooFar { edge: Edge::End, at: latest + TICK, latest });

    let refusal =
        plan("9999-01-01T00:00:00Z".parse().unwrap(), "9999-12-31T23:59:59Z".parse().unwrap());
    assert_eq!(
        refusal.unwrap_err().to_string(),
        "the start, 9999-01-01T00:00:00Z, is more than 5 years ahead; \
         the latest is 2036-03-01T12:00:00Z"
    );
    let end_alone = plan(at(60), "9999-12-31T23:59:59Z".parse().unwrap()).unwrap_err();
    assert_eq!(end_alone.edge(), Some(Edge::End));
    assert!(matches!(end_alone, WindowRefusal::TooFar { .. }), "{end_alone}");
}

#[test]
fn the_ends_of_all_time_are_refused_and_not_a_panic() {
    let times = [DateTime::<Utc>::MIN_UTC, at(60), DateTime::<Utc>::MAX_UTC];
    for (from, to) in times.into_iter().flat_map(|from| times.map(|to| (from, to))) {
        assert!(plan(from, to).is_err(), "{from} to {to}");
    }
}

#[test]
fn times_are_kept_in_whole_microseconds() {
    let nanosecond = TimeDelta::nanoseconds(1);
    let window = plan(at(60) + nanosecond * 1999, at(120) + nanosecond).unwrap();
    assert_eq!((window.starts_at, window.ends_at), (at(60) + TICK, at(120)));
    let shorter_than_kept = plan(at(60), at(60) + nanosecond);
    assert!(matches!(shorter_than_kept, Err(WindowRefusal::NotAfterStart { .. })));
}

#[test]
fn a_leap_second_is_the_second_after_it() {
    let leap: DateTime<Utc> = "2031-06-30T23:59:60Z".parse().unwrap();
    let window = plan(leap, leap + TimeDelta::hours(1)).unwrap();
    assert_eq!(window.starts_at.to_string(), "2031-07-01 00:00:00 UTC");
}
