//! The course of an alarm.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::super::AlarmState::{Firing, Pending, Resolved};
use super::*;

const KIND: AlarmKind = AlarmKind::NodeSilent;

fn secs(seconds: i64) -> TimeDelta {
    TimeDelta::seconds(seconds)
}

/// An alarm in this state, which it has for a long time already.
fn in_state(state: AlarmState) -> Alarm {
    let is_announced = state == Firing;
    let since = NOW - TimeDelta::days(1);
    Alarm { state, since, is_announced, version: 5, reason: "silent".into(), ..quiet(KIND) }
}

fn look(alarm: Alarm, finding: &Finding, after: TimeDelta) -> Observed {
    alarm.observe(finding, false, NOW + after)
}

#[test]
fn every_state_with_every_finding() {
    let table = [
        (Resolved, bad(), Pending, true, None),
        (Resolved, Finding::Good, Resolved, false, None),
        (Resolved, Finding::Unknown, Resolved, false, None),
        (Resolved, Finding::Void, Resolved, false, None),
        (Pending, bad(), Firing, true, Some(Notice::Firing)),
        (Pending, Finding::Good, Resolved, true, None),
        (Pending, Finding::Unknown, Pending, true, None),
        (Pending, Finding::Void, Resolved, true, None),
        (Firing, bad(), Firing, true, None),
        (Firing, Finding::Good, Firing, true, None),
        (Firing, Finding::Unknown, Firing, true, None),
        (Firing, Finding::Void, Resolved, true, Some(Notice::Resolved)),
    ];
    for (from, finding, to, is_changed, notice) in table {
        let before = in_state(from);
        let seen = look(before.clone(), &finding, secs(0));
        let what = format!("{from:?} {finding:?}");
        assert_eq!(
            (seen.alarm.state, seen.is_changed, seen.notice),
            (to, is_changed, notice),
            "{what}"
        );
        assert_eq!(seen.is_event, from != to, "{what}");
        let since = if from == to { before.since } else { NOW };
        assert_eq!(
            (seen.alarm.since, seen.alarm.version),
            (since, 5 + i64::from(is_changed)),
            "{what}"
        );
        assert_eq!(
            seen.alarm.updated_at,
            if is_changed { NOW } else { before.updated_at },
            "{what}"
        );
    }
}

#[test]
fn an_alarm_fires_when_it_was_bad_for_long_enough_and_not_before() {
    for kind in AlarmKind::ALL {
        let pending = look(quiet(kind), &bad(), secs(0)).alarm;
        assert_eq!((pending.state, pending.version), (Pending, 1));
        let almost = kind.fire_after() - TimeDelta::microseconds(1);
        let early = look(pending.clone(), &bad(), almost);
        assert_eq!((early.alarm.state, early.is_changed), (Pending, false), "{kind:?}");
        let fires = look(early.alarm, &bad(), kind.fire_after());
        assert_eq!((fires.alarm.state, fires.notice), (Firing, Some(Notice::Firing)), "{kind:?}");
        assert!(fires.alarm.is_announced);
    }
}

#[test]
fn an_alarm_resolves_when_it_was_good_for_long_enough_and_not_before() {
    for kind in AlarmKind::ALL {
        let firing = Alarm { kind, ..in_state(Firing) };
        let good = look(firing, &Finding::Good, secs(0)).alarm;
        assert_eq!((good.state, good.good_since), (Firing, Some(NOW)));
        let almost = kind.resolve_after() - TimeDelta::microseconds(1);
        let early = look(good, &Finding::Good, almost);
        assert_eq!((early.alarm.state, early.is_changed), (Firing, false), "{kind:?}");
        let over = look(early.alarm, &Finding::Good, kind.resolve_after());
        assert_eq!((over.alarm.state, over.notice), (Resolved, Some(Notice::Resolved)), "{kind:?}");
        assert_eq!((over.alarm.good_since, over.alarm.is_announced), (None, false));
    }
}

#[test]
fn what_was_good_is_forgotten_when_it_is_bad_or_unknown_in_between() {
    for between in [bad(), Finding::Unknown] {
        let good = look(in_state(Firing), &Finding::Good, secs(0)).alarm;
        let broken = look(good, &between, secs(60)).alarm;
        assert_eq!((broken.state, broken.good_since), (Firing, None), "{between:?}");
        let again = look(broken, &Finding::Good, KIND.resolve_after()).alarm;
        assert_eq!(again.state, Firing);
        let late = KIND.resolve_after() * 2;
        assert_eq!(look(again, &Finding::Good, late).alarm.state, Resolved);
    }
}

#[test]
fn stale_facts_never_resolve_or_raise_and_are_marked() {
    for state in [Pending, Firing] {
        let mut alarm = in_state(state);
        for hours in 0..50 {
            alarm = look(alarm, &Finding::Unknown, TimeDelta::hours(hours)).alarm;
            assert_eq!((alarm.state, alarm.stale_since), (state, Some(NOW)), "{hours}");
        }
        let told = look(alarm, &bad(), TimeDelta::hours(51)).alarm;
        assert_eq!(told.stale_since, None);
    }
}

#[test]
fn what_is_wrong_is_told_as_it_was_found_last() {
    let firing = in_state(Firing);
    let other = Finding::Bad { reason: "no_key", value: "x".to_owned() };
    let seen = look(firing, &other, secs(0));
    assert_eq!((seen.alarm.reason.as_str(), seen.alarm.value.as_str()), ("no_key", "x"));
    assert_eq!((seen.is_changed, seen.is_event), (true, false));
    let same = look(seen.alarm, &other, secs(1));
    assert!(!same.is_changed);
    let over = look(same.alarm, &Finding::Void, secs(2)).alarm;
    assert_eq!(over.reason, "no_key", "one that is over still tells what it was");
}

#[test]
fn while_muted_it_moves_on_and_afterwards_everybody_is_told_what_is_so_then() {
    let muted =
        |alarm: Alarm, finding: &Finding, after| alarm.observe(finding, true, NOW + secs(after));
    let pending = muted(quiet(KIND), &bad(), 0);
    assert_eq!((pending.alarm.state, pending.alarm.is_muted), (Pending, true));
    let firing = muted(pending.alarm, &bad(), 60);
    assert_eq!((firing.alarm.state, firing.notice), (Firing, None));
    assert!(firing.is_event && !firing.alarm.is_announced);
    // Still firing afterwards: told then, with an event of its own.
    let after = look(firing.alarm.clone(), &bad(), secs(90));
    assert_eq!((after.notice, after.is_event), (Some(Notice::Firing), true));
    assert_eq!((after.alarm.state, after.alarm.since), (Firing, NOW + secs(60)));
    assert!(!after.alarm.is_muted && after.alarm.is_announced);
    // Over before the end of the maintenance: nobody is ever told.
    let over = muted(firing.alarm, &Finding::Void, 90);
    assert_eq!((over.alarm.state, over.notice, over.alarm.is_muted), (Resolved, None, false));
    assert_eq!(look(over.alarm, &Finding::Good, secs(91)).notice, None);
}

#[test]
fn what_was_told_before_the_maintenance_and_ended_in_it_is_told_to_be_over() {
    let over = in_state(Firing).observe(&Finding::Void, true, NOW);
    assert_eq!((over.alarm.state, over.notice, over.alarm.is_muted), (Resolved, None, true));
    let told = look(over.alarm.clone(), &Finding::Good, secs(9));
    assert_eq!((told.notice, told.is_event), (Some(Notice::Resolved), true));
    // And if it fires again before the end, everybody knows already.
    let again = over.alarm.observe(&bad(), true, NOW + secs(1)).alarm;
    let again = again.observe(&bad(), true, NOW + secs(100)).alarm;
    assert_eq!((again.state, again.is_announced), (Firing, true));
    assert_eq!(look(again, &bad(), secs(200)).notice, None);
}

fn findings() -> impl Strategy<Value = Finding> {
    prop_oneof![Just(bad()), Just(Finding::Good), Just(Finding::Unknown), Just(Finding::Void)]
}

proptest! {
    /// Whoever is told hears of a start before every end, and of an end before the next start; and
    /// after the last maintenance, of the state that there is.
    #[test]
    fn what_everybody_is_told_takes_turns(steps in prop::collection::vec((findings(), any::<bool>(), 0_i64..400), 0..60)) {
        let (mut alarm, mut now, mut told) = (quiet(KIND), NOW, false);
        for (finding, is_muted, seconds) in steps {
            now += secs(seconds);
            let (before, seen) = (alarm.clone(), alarm.observe(&finding, is_muted, now));
            prop_assert_eq!(seen.is_changed, seen.alarm.version == before.version + 1);
            prop_assert!(!(is_muted && seen.notice.is_some()));
            prop_assert!(seen.is_changed || !seen.is_event);
            if let Some(notice) = seen.notice {
                prop_assert_eq!(notice == Notice::Firing, !told);
                told = notice == Notice::Firing;
            }
            if finding == Finding::Unknown {
                prop_assert_eq!(seen.alarm.state, before.state);
            }
            alarm = seen.alarm;
            prop_assert_eq!(alarm.is_announced, told);
            // One that is pending may have been told of before a maintenance in which it ended.
            if !is_muted && alarm.state != Pending {
                prop_assert_eq!(told, alarm.state == Firing);
            }
        }
    }
}
