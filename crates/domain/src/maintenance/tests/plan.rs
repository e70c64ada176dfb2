//! Overlaps, extending and cancelling.

use proptest::prelude::*;

use super::*;

/// A window from one minute to another beside `others`.
fn beside(others: &[Window], from: i64, to: i64) -> Result<Window, WindowRefusal> {
    let region = region(Status::Enabled).region;
    draft(at(from), at(to)).plan(WindowId::from_bytes([9; 16]), &region, others, at(0))
}

#[test]
fn windows_of_a_region_may_touch_but_not_overlap() {
    let others = [window(1, 60, 120)];
    for (from, to) in [(30, 60), (120, 150), (1, 2)] {
        assert!(beside(&others, from, to).is_ok(), "{from} to {to}");
    }
    for (from, to) in [(30, 61), (119, 150), (70, 80), (60, 120), (1, 600)] {
        let refusal = beside(&others, from, to).unwrap_err();
        let Window { id, starts_at, ends_at, .. } = others[0];
        assert_eq!(refusal, WindowRefusal::Overlap { id, starts_at, ends_at });
        assert_eq!(refusal.edge(), None);
        assert_eq!(
            refusal.to_string(),
            "it overlaps the window 01010101010101010101010101010101 of the same region, \
             from 2031-03-01T13:00:00Z to 2031-03-01T14:00:00Z"
        );
    }
}

#[test]
fn a_start_in_the_last_minute_does_not_overlap_what_ended_in_it() {
    let ended_now = Window { state: WindowState::Running, ..window(1, -60, 0) };
    let region = region(Status::Enabled).region;
    let draft = draft(at(0) - TimeDelta::seconds(30), at(60));
    let window = draft.plan(WindowId::from_bytes([9; 16]), &region, &[ended_now], at(0));
    assert_eq!(window.unwrap().starts_at, at(0));
}

#[test]
fn only_open_windows_of_the_same_region_keep_their_time() {
    for state in WindowState::ALL {
        let refused = beside(&[in_state(state)], 60, 120).is_err();
        assert_eq!(refused, matches!(state, WindowState::Planned | WindowState::Running));
    }
    let elsewhere = Window { region_id: RegionId::from_bytes([8; 16]), ..window(1, 60, 120) };
    assert!(beside(&[elsewhere], 60, 120).is_ok());
}

#[test]
fn open_windows_can_be_extended_and_shortened() {
    for (state, now) in [(WindowState::Planned, at(0)), (WindowState::Running, at(70))] {
        for ends_at in [at(90), at(600), at(60) + LONGEST] {
            let before = in_state(state);
            let after = before.clone().extend(ends_at, std::slice::from_ref(&before), now).unwrap();
            let expected = Window { ends_at, updated_at: now, version: 2, ..before };
            assert_eq!(after, expected);
        }
    }
}

#[test]
fn a_new_end_obeys_the_limits_of_a_new_window() {
    let extend = |ends_at| in_state(WindowState::Running).extend(ends_at, &[], at(90)).unwrap_err();
    let past = WindowRefusal::Past { edge: Edge::End, at: at(90), now: at(90) };
    assert_eq!(extend(at(90)), past);
    let too_long = extend(at(60) + LONGEST + TimeDelta::microseconds(1));
    assert_eq!(too_long, WindowRefusal::TooLong { latest: at(60) + LONGEST });
    let far = extend("9999-12-31T23:59:59Z".parse().unwrap());
    assert!(matches!(far, WindowRefusal::TooFar { edge: Edge::End, .. }), "{far}");
    let before_start = in_state(WindowState::Planned).extend(at(60), &[], at(0)).unwrap_err();
    assert!(matches!(before_start, WindowRefusal::NotAfterStart { .. }), "{before_start}");
    let neighbour = window(2, 120, 180);
    let overlap = in_state(WindowState::Running).extend(at(121), &[neighbour], at(90));
    assert!(matches!(overlap, Err(WindowRefusal::Overlap { .. })));
}

#[test]
fn a_window_that_is_over_neither_changes_nor_is_cancelled() {
    let region = region(Status::Maintenance);
    for state in WindowState::ALL.into_iter().filter(|state| !state.is_open()) {
        let extended = in_state(state).extend(at(600), &[], at(0));
        assert_eq!(extended, Err(WindowRefusal::Closed(state)));
        let cancelled = in_state(state).cancel(&region, at(0));
        assert_eq!(cancelled, Err(WindowRefusal::Closed(state)));
        let text = WindowRefusal::Closed(state).to_string();
        assert_eq!(text, format!("a window that is {state} can neither be changed nor cancelled"));
    }
}

#[test]
fn a_planned_window_is_called_off_without_a_word_to_its_region() {
    for status in Status::ALL {
        let planned = in_state(WindowState::Planned);
        let (window, asked) = planned.clone().cancel(&region(status), at(0)).unwrap();
        let expected =
            Window { state: WindowState::Cancelled, updated_at: at(0), version: 2, ..planned };
        assert_eq!((window, asked), (expected, None));
    }
}

#[test]
fn cancelling_a_running_window_ends_it_now() {
    let running = in_state(WindowState::Running);
    let (window, asked) = running.clone().cancel(&region(Status::Maintenance), at(70)).unwrap();
    assert_eq!((window.state, asked), (WindowState::Ended, Some(Status::Enabled)));
    assert_eq!((window.ends_at, window.updated_at, window.version), (at(70), at(70), 2));
    assert_eq!(window.note, "ended early by cancellation; the region was enabled again");

    let (window, asked) = running.cancel(&broken(Status::Maintenance), at(70)).unwrap();
    assert_eq!((window.state, asked), (WindowState::Stuck, None));
}

#[test]
fn cancelling_keeps_the_end_after_the_start_whatever_the_time() {
    for now in [at(0), at(60), at(120), at(600)] {
        let running = in_state(WindowState::Running);
        let (window, _) = running.cancel(&region(Status::Maintenance), now).unwrap();
        assert_eq!((window.state, window.ends_at), (WindowState::Ended, at(120)));
    }
}

#[test]
fn states_print_back_the_same_and_other_words_are_none() {
    for state in WindowState::ALL {
        assert_eq!(state.to_string().parse(), Ok(state));
    }
    for word in ["", "Planned", "over"] {
        assert_eq!(word.parse::<WindowState>(), Err(WindowStateError));
    }
}

proptest! {
    #[test]
    fn windows_planned_and_extended_in_any_order_never_overlap(
        wishes in prop::collection::vec((1_i64..300, 1_i64..60, 1_i64..120), 1..20),
    ) {
        let region = region(Status::Enabled).region;
        let mut windows: Vec<Window> = Vec::new();
        for (number, (from, length, extension)) in wishes.into_iter().enumerate() {
            let id = WindowId::from_bytes([u8::try_from(number).unwrap(); 16]);
            let draft = draft(at(from), at(from + length));
            let planned = draft.plan(id, &region, &windows, at(0));
            windows.extend(planned);
            let first = windows[0].clone();
            windows[0] = first
                .clone()
                .extend(first.starts_at + TimeDelta::minutes(extension), &windows, at(0))
                .unwrap_or(first);
        }
        windows.sort_by_key(|window| window.starts_at);
        let apart = windows.windows(2).all(|pair| pair[0].ends_at <= pair[1].starts_at);
        prop_assert!(apart, "{windows:?}");
        prop_assert!(windows.iter().all(|window| window.starts_at < window.ends_at));
    }
}
