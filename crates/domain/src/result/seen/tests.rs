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
    assert_eq!(seen.certificate_expires, Some(7));
    assert_eq!(seen.agent_version.as_deref(), Some("1.84.1"));
    let newer = SeenPoint { agent_version: Some("1.85.0".to_owned()), ..at(30, Outcome::Ok) };
    let seen = LastSeen::after(Some(seen), [&newer]).expect("there was one before");
    assert_eq!(seen.agent_version.as_deref(), Some("1.85.0"));
}
