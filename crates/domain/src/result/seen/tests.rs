use super::*;

fn at(second: i64, outcome: Outcome) -> SeenPoint {
    SeenPoint {
        at_ns: second * 1_000_000_000,
        received_us: second * 1_000_000 + 5,
        outcome,
        response_us: Some(second),
        certificate_expires: None,
        agent_version: None,
    }
}

fn after(points: &[SeenPoint]) -> LastSeen {
    LastSeen::after(None, points).expect("there are points")
}

#[test]
fn the_last_point_counts_and_the_change_before_it() {
    let seen = after(&[
        at(10, Outcome::Ok),
        at(20, Outcome::Failed),
        at(30, Outcome::Failed),
        at(40, Outcome::Ok),
        at(50, Outcome::OkAfterRetry),
    ]);
    assert_eq!((seen.at_ns, seen.since_ns), (50_000_000_000, 40_000_000_000));
    assert_eq!((seen.outcome, seen.response_us), (Outcome::OkAfterRetry, Some(50)));
    assert_eq!(LastSeen::after(None, []), None);
}

#[test]
fn a_late_point_only_shows_that_something_was_received() {
    let now = at(50, Outcome::Ok);
    let late = SeenPoint { received_us: 60_000_000, ..at(10, Outcome::Failed) };
    let seen = after(&[now.clone(), late]);
    assert_eq!(seen, LastSeen { received_us: 60_000_000, ..LastSeen::first(&now) });
}

#[test]
fn a_time_ahead_counts_as_the_moment_of_receipt() {
    let ahead = SeenPoint { at_ns: i64::MAX, ..at(20, Outcome::Failed) };
    let seen = after(&[at(10, Outcome::Ok), ahead, at(30, Outcome::Ok)]);
    assert_eq!((seen.at_ns, seen.since_ns), (30_000_000_000, 30_000_000_000));
}

#[test]
fn what_only_some_points_tell_is_kept() {
    let told = SeenPoint {
        certificate_expires: Some(7),
        agent_version: Some("1.84.1".to_owned()),
        ..at(10, Outcome::Ok)
    };
    let seen = after(&[told, at(20, Outcome::Ok)]);
    assert_eq!(seen.agent_version.as_deref(), Some("1.84.1"));
    let newer = SeenPoint { agent_version: Some("1.85.0".to_owned()), ..at(30, Outcome::Ok) };
    let seen = LastSeen::after(Some(seen), [&newer]).expect("there was one before");
    assert_eq!(seen.agent_version.as_deref(), Some("1.85.0"));
}

#[test]
fn a_certificate_is_as_old_as_the_point_that_showed_it() {
    let showing = |second, expires| SeenPoint {
        certificate_expires: Some(expires),
        ..at(second, Outcome::Ok)
    };
    let shown =
        |expires, second: i64| Some(ShownCertificate { expires, at_ns: second * 1_000_000_000 });
    assert_eq!(after(&[at(10, Outcome::Ok)]).certificate, None);
    let seen = after(&[showing(10, 7), at(20, Outcome::Ok), at(30, Outcome::Failed)]);
    assert_eq!(seen.certificate, shown(7, 10), "later points show none");
    let mut seen = after(&[showing(10, 7), showing(20, 9)]);
    assert_eq!(seen.certificate, shown(9, 20));
    seen.see(&showing(15, 8));
    assert_eq!(seen.certificate, shown(9, 20), "that came late");
    let ahead = SeenPoint { at_ns: i64::MAX, received_us: 40_000_000, ..showing(30, 11) };
    assert_eq!(after(&[ahead]).certificate, shown(11, 40));
}

#[test]
fn what_was_found_before_a_target_tells_nothing_of_it() {
    let showing = SeenPoint { certificate_expires: Some(7), ..at(20, Outcome::Ok) };
    let seen = after(&[at(10, Outcome::Ok), showing, at(30, Outcome::Ok)]);
    let second = |second: i64| second * 1_000_000_000;
    assert_eq!(seen.clone().of_target(second(10)), Some(seen.clone()));
    let since = seen.clone().of_target(second(20));
    assert_eq!(since, Some(LastSeen { since_ns: second(20), ..seen.clone() }));
    let since = seen.clone().of_target(second(20) + 1).expect("it was dialled since");
    assert_eq!((since.certificate, since.since_ns), (None, second(20) + 1));
    assert!(seen.clone().of_target(second(30)).is_some());
    assert_eq!(seen.of_target(second(30) + 1), None);
}

#[test]
fn the_time_of_a_slow_clock_is_made_later_but_not_than_it_was_received() {
    let second = |second: i64| second * 1_000_000_000;
    let told = |at_second: i64, received: i64| SeenPoint {
        received_us: received * 1_000_000,
        certificate_expires: Some(7),
        ..at(at_second, Outcome::Ok)
    };
    let seen = after(&[told(10, 311), told(70, 372)]);
    let right = seen.clone().later_by(second(300));
    assert_eq!((right.at_ns, right.since_ns), (second(370), second(310)));
    assert_eq!(right.certificate, Some(ShownCertificate { expires: 7, at_ns: second(370) }));
    assert_eq!(seen.clone().later_by(second(999)).at_ns, second(372));
    assert_eq!(seen.clone().later_by(0), seen);
    assert_eq!(seen.clone().later_by(-second(9)), seen);
}

#[test]
fn a_point_that_does_not_say_how_it_ended_continues_nothing() {
    let seen = after(&[at(10, Outcome::Ok), at(20, Outcome::Unknown), at(30, Outcome::Unknown)]);
    assert_eq!((seen.at_ns, seen.since_ns), (30_000_000_000, 20_000_000_000));
    let seen = after(&[at(10, Outcome::Ok), at(20, Outcome::Unknown), at(30, Outcome::Ok)]);
    assert_eq!(seen.since_ns, 30_000_000_000);
}
