//! Whether a region answers, as its nodes see it: now, and over time.
//!
//! What is not known is never taken for good: a result that is too old makes its figure stale, and a
//! group with anything stale in it is not up.

use chrono::{DateTime, TimeDelta, Utc};

use crate::task::Frequency;

/// How many dials may be missing until a result is stale.
const MISSED: i32 = 3;

/// For how long a result counts at least: the agent starts many tasks one after the other, so the
/// first dial of one may take minutes (dialing contract, section 3.2).
pub const SHORTEST_FRESHNESS: TimeDelta = TimeDelta::seconds(300);

/// What one node found when it dialled last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    /// When it dialled, by its own clock, but never later than when the register was told.
    pub at: DateTime<Utc>,
    /// Whether it was answered; none if the result does not say so.
    pub is_up: Option<bool>,
}

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Everybody who dials it is answered, and lately.
    Up,
    /// Some are answered and some are not.
    Partial,
    /// Nobody who dialled it lately is answered.
    Down,
    /// Nobody is known to be refused, but the news of some are too old, or there have been none.
    Stale,
    /// It has never been dialled, or the last result does not say whether it was answered.
    Unknown,
}

/// For how long a result says how something stands that is dialled so often: until three dials are
/// missing, but at least [`SHORTEST_FRESHNESS`].
#[must_use]
pub fn freshness(interval: TimeDelta) -> TimeDelta {
    SHORTEST_FRESHNESS.max(interval * MISSED)
}

/// Until when an observation says how things stand, for something that is dialled so often.
#[must_use]
pub fn fresh_until(observation: Observation, frequency: Frequency) -> DateTime<Utc> {
    let interval = TimeDelta::seconds(i64::from(frequency.seconds()));
    observation.at.checked_add_signed(freshness(interval)).unwrap_or(observation.at)
}

/// How something stands that one node dials so often. A result that does not say whether it was
/// answered is news of nothing, however young or old it is.
#[must_use]
pub fn state(last: Option<Observation>, frequency: Frequency, now: DateTime<Utc>) -> State {
    match last {
        None | Some(Observation { is_up: None, .. }) => State::Unknown,
        Some(seen) if now > fresh_until(seen, frequency) => State::Stale,
        Some(Observation { is_up: Some(true), .. }) => State::Up,
        Some(Observation { is_up: Some(false), .. }) => State::Down,
    }
}

/// How a group stands, given its members.
///
/// Up only when every member is. Down when at least one is down and none is up or partly up. Partial
/// when some are up and some are down. Else stale; unknown when all are, or when there is none.
#[must_use]
pub fn combined(members: impl IntoIterator<Item = State>) -> State {
    let (mut up, mut down, mut old, mut unknown) = (false, false, false, false);
    for member in members {
        match member {
            State::Up => up = true,
            State::Partial => (up, down) = (true, true),
            State::Down => down = true,
            State::Stale => old = true,
            State::Unknown => unknown = true,
        }
    }
    match (up, down) {
        (true, true) => State::Partial,
        (false, true) => State::Down,
        (true, false) if !old && !unknown => State::Up,
        (false, false) if !old => State::Unknown,
        _ => State::Stale,
    }
}

impl State {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Up, Self::Partial, Self::Down, Self::Stale, Self::Unknown];

    /// The state in one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Partial => "partial",
            Self::Down => "down",
            Self::Stale => "stale",
            Self::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::NOW;

    #[test]
    fn a_result_is_good_for_three_dials_and_for_five_minutes_at_least() {
        for (frequency, seconds) in
            [(Frequency::M1, 300), (Frequency::M5, 900), (Frequency::H24, 259_200)]
        {
            for (is_up, fresh) in [(true, State::Up), (false, State::Down)] {
                let seen = Some(Observation { at: NOW, is_up: Some(is_up) });
                let after = |seconds| NOW + TimeDelta::seconds(seconds);
                assert_eq!(state(seen, frequency, after(seconds)), fresh);
                assert_eq!(
                    state(seen, frequency, after(seconds) + TimeDelta::nanoseconds(1)),
                    State::Stale
                );
            }
            assert_eq!(state(None, frequency, NOW), State::Unknown);
        }
    }

    #[test]
    fn a_result_that_does_not_say_whether_it_was_answered_is_no_news() {
        let seen = Some(Observation { at: NOW, is_up: None });
        for after in [TimeDelta::zero(), SHORTEST_FRESHNESS * 2] {
            assert_eq!(state(seen, Frequency::M1, NOW + after), State::Unknown);
        }
    }

    #[test]
    fn every_group_of_two_is_as_designed() {
        use State::{Down, Partial, Stale, Unknown, Up};
        let table = [
            (Up, [Up, Partial, Partial, Stale, Stale]),
            (Partial, [Partial, Partial, Partial, Partial, Partial]),
            (Down, [Partial, Partial, Down, Down, Down]),
            (Stale, [Stale, Partial, Down, Stale, Stale]),
            (Unknown, [Stale, Partial, Down, Stale, Unknown]),
        ];
        for (one, row) in table {
            for (other, expected) in State::ALL.into_iter().zip(row) {
                assert_eq!(combined([one, other]), expected, "{one:?} and {other:?}");
                assert_eq!(combined([other, one]), expected, "{other:?} and {one:?}");
            }
            assert_eq!(combined([one]), one);
        }
        assert_eq!(combined([]), Unknown);
    }

    #[test]
    fn nothing_is_up_that_has_a_member_which_is_not() {
        for a in State::ALL {
            for b in State::ALL {
                for c in State::ALL {
                    let all = [a, b, c].iter().all(|member| *member == State::Up);
                    assert_eq!(combined([a, b, c]) == State::Up, all);
                }
            }
        }
    }
}
