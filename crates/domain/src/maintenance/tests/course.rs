//! What is due when, what it does, and that nothing is done twice.

use proptest::prelude::*;

use super::*;
use crate::audit::{Actor, Entry, Object, Origin, Subject, Value};

#[test]
fn what_is_due_depends_on_the_state_and_the_time_alone() {
    use WindowState::{Cancelled, Ended, Planned, Running, Skipped, Stuck};
    let tick = TimeDelta::microseconds(1);
    let times = [at(-600), at(60) - tick, at(60), at(120) - tick, at(120), at(600_000)];
    let (begin, finish, skip) = (Some(Step::Begin), Some(Step::Finish), Some(Step::Skip));
    for (state, steps) in [
        (Planned, [None, None, begin, begin, skip, skip]),
        (Running, [None, None, None, None, finish, finish]),
        (Ended, [None; 6]),
        (Cancelled, [None; 6]),
        (Skipped, [None; 6]),
        (Stuck, [None; 6]),
    ] {
        assert_eq!(times.map(|now| in_state(state).due(now)), steps, "{state}");
    }
}

#[test]
fn a_window_begins_only_on_an_enabled_region_or_one_in_maintenance() {
    for (status, state, asked, note) in [
        (Status::Enabled, WindowState::Running, Some(Status::Maintenance), ""),
        (
            Status::Maintenance,
            WindowState::Running,
            None,
            "the region was in maintenance already at the start",
        ),
        (
            Status::Disabled,
            WindowState::Skipped,
            None,
            "the region was disabled at the start, not enabled",
        ),
        (
            Status::Editing,
            WindowState::Skipped,
            None,
            "the region was editing at the start, not enabled",
        ),
    ] {
        let planned = in_state(WindowState::Planned);
        let expected =
            Window { state, note: note.to_owned(), updated_at: at(61), version: 2, ..planned };
        for region in [region(status), broken(status)] {
            let begun = in_state(WindowState::Planned).begin(&region, at(61));
            assert_eq!(begun, (expected.clone(), asked), "{status}");
        }
    }
}

#[test]
fn at_its_end_a_ready_region_comes_back_and_any_other_is_left_alone() {
    for (status, asked, note) in [
        (Status::Maintenance, Some(Status::Enabled), "the region was enabled again"),
        (Status::Enabled, None, "the region had left maintenance before and was enabled"),
        (Status::Disabled, None, "the region had left maintenance before and was disabled"),
        (Status::Editing, None, "the region had left maintenance before and was editing"),
    ] {
        let (window, change) = in_state(WindowState::Running).finish(&region(status), at(125));
        assert_eq!((window.state, change), (WindowState::Ended, asked), "{status}");
        assert_eq!((window.note.as_str(), window.updated_at), (note, at(125)));
        assert_eq!((window.ends_at, window.version), (at(120), 2));
    }
}

#[test]
fn a_region_that_is_not_ready_stays_in_maintenance_and_the_note_says_why() {
    let running = in_state(WindowState::Running);
    let (window, asked) = running.finish(&broken(Status::Maintenance), at(120));
    assert_eq!((window.state, asked), (WindowState::Stuck, None));
    assert_eq!(
        window.note,
        "the region is not ready and was left in maintenance: \
         the client certificate cannot be read: there is no such PEM block in it; \
         the client certificate comes without its private key"
    );
    let (same, asked) = window.clone().advance(&region(Status::Maintenance), at(130));
    assert_eq!((same, asked), (window, None));
}

#[test]
fn a_window_whose_time_passed_while_no_server_ran_is_skipped() {
    for status in Status::ALL {
        let (window, asked) = in_state(WindowState::Planned).advance(&region(status), at(120));
        assert_eq!((window.state, asked), (WindowState::Skipped, None));
        assert_eq!(window.note, "its time passed before a server could begin it");
    }
}

#[test]
fn a_step_that_is_not_due_changes_nothing() {
    let region = region(Status::Enabled);
    for (state, now) in WindowState::ALL.into_iter().flat_map(|s| [0, 60, 120].map(|m| (s, at(m))))
    {
        let window = in_state(state);
        let due = window.due(now);
        let untouched = (window.clone(), None);
        let begun = window.clone().begin(&region, now);
        assert_eq!(begun == untouched, due != Some(Step::Begin), "{state}");
        let finished = window.clone().finish(&region, now);
        assert_eq!(finished == untouched, due != Some(Step::Finish), "{state}");
        assert_eq!(window.clone().skip(now) == window, due != Some(Step::Skip), "{state}");
    }
}

#[test]
fn a_window_hands_the_region_over_to_the_one_that_starts_where_it_ends() {
    // The second one stands first, as a database without an order may well answer.
    let mut windows = [window(1, 120, 180), window(2, 60, 120), window(3, 300, 400)];
    let mut detail = region(Status::Enabled);
    let mut seen = Vec::new();
    for now in [at(60), at(120), at(180)] {
        let steps: Vec<_> = agenda(&windows, now).iter().map(|(w, step)| (w.id, *step)).collect();
        for (id, step) in steps {
            let place = windows.iter().position(|window| window.id == id).unwrap();
            let (after, asked) = windows[place].clone().advance(&detail, now);
            windows[place] = after;
            detail.region.status = asked.unwrap_or(detail.region.status);
            seen.push((id.to_string()[..2].to_owned(), step, detail.region.status));
        }
    }
    let expected = [
        ("02", Step::Begin, Status::Maintenance),
        ("02", Step::Finish, Status::Enabled),
        ("01", Step::Begin, Status::Maintenance),
        ("01", Step::Finish, Status::Enabled),
    ]
    .map(|(id, step, status)| (id.to_owned(), step, status));
    assert_eq!(seen, expected);
}

fn told(value: Option<&Value>) -> &str {
    let Some(Value::Text(text)) = value else { panic!("{value:?}") };
    text
}

#[test]
fn the_audit_tells_everything_about_a_window() {
    let window = in_state(WindowState::Running);
    let fields = window.fields();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, told(value.as_ref()))).collect();
    let expected = [
        ("region_id", "01010101010101010101010101010101"),
        ("starts_at", "2031-03-01T13:00:00Z"),
        ("ends_at", "2031-03-01T14:00:00Z"),
        ("owner", "ops"),
        ("reason", "new switches"),
        ("state", "running"),
        ("note", ""),
    ];
    assert_eq!(fields, expected);
}

#[test]
fn the_audit_tells_what_became_of_a_window() {
    let actor = Actor {
        origin: Origin::Server,
        operation: "finish_window",
        token_id: None,
        user_id: None,
        enterprise_id: None,
    };
    let before = in_state(WindowState::Running);
    let (after, _) = before.clone().finish(&region(Status::Maintenance), at(120));
    let entry = Entry::done(&actor, at(120), Some(&before), Some(&after));
    assert_eq!(entry.enterprise_id, Some(before.enterprise_id));
    let object = Object { kind: "maintenance_window".into(), id: before.id.to_string() };
    assert_eq!(entry.object, Some(object));
    let changes: Vec<_> = entry
        .changes
        .iter()
        .map(|c| (c.field, told(c.before.as_ref()), told(c.after.as_ref())))
        .collect();
    let expected = [("state", "running", "ended"), ("note", "", "the region was enabled again")];
    assert_eq!(changes, expected);
}

/// A time of somebody's clock, between an hour before the window and an hour after it; clocks may
/// go back.
fn any_time() -> impl Strategy<Value = DateTime<Utc>> {
    (0_i64..180).prop_map(at)
}

/// How far a state is on the way, which has no way back.
const fn progress(state: WindowState) -> u8 {
    match state {
        WindowState::Planned => 0,
        WindowState::Running => 1,
        _ => 2,
    }
}

proptest! {
    #[test]
    fn no_order_of_times_begins_or_finishes_twice_or_early(
        calls in prop::collection::vec((any_time(), 0_usize..4, 0_usize..12), 1..40),
    ) {
        let mut window = window(1, 60, 120);
        let mut detail = region(Status::Enabled);
        let mut asked_for = Vec::new();
        for (now, call, meddling) in calls {
            // Now and then somebody changes the region by hand.
            if let Some(status) = Status::ALL.get(meddling) {
                detail.region.status = *status;
            }
            let before = window.clone();
            let (after, asked) = match call {
                0 => before.clone().begin(&detail, now),
                1 => before.clone().finish(&detail, now),
                2 => (before.clone().skip(now), None),
                _ => before.clone().advance(&detail, now),
            };
            prop_assert!(progress(before.state) <= progress(after.state));
            prop_assert_eq!(before == after, before.version == after.version);
            if let Some(status) = asked {
                prop_assert!(detail.region.status.passage(status).is_ok());
                let earliest = if status == Status::Enabled { at(120) } else { at(60) };
                prop_assert!(now >= earliest);
                detail.region.status = status;
                asked_for.push(status);
            }
            window = after;
        }
        let order = [Status::Maintenance, Status::Enabled];
        let once = order == *asked_for || order[..1] == *asked_for || order[1..] == *asked_for;
        prop_assert!(once || asked_for.is_empty(), "{asked_for:?}");
    }

    #[test]
    fn what_was_done_is_done_at_any_earlier_time_too(
        state in prop::sample::select(&WindowState::ALL[..]),
        status in prop::sample::select(&Status::ALL[..]),
        later in prop::sample::select(&Status::ALL[..]),
        (one, other) in (any_time(), any_time()),
    ) {
        let (now, earlier) = (one.max(other), one.min(other));
        let (done, _) = in_state(state).advance(&region(status), now);
        prop_assert_eq!(done.due(now), None);
        prop_assert_eq!(done.clone().advance(&region(later), now), (done.clone(), None));
        prop_assert_eq!(done.clone().advance(&region(later), earlier), (done, None));
    }
}
