//! What clients saw of one region, and whether it could have been so.
//!
//! The model is a single region whose versions follow each other. Whoever writes makes the next
//! version; whoever reads is told the one that is current at some moment between his question and
//! the answer. Since every acknowledged write says which version it made, the order of all writes is
//! known, and a history is linearizable when no call contradicts that order in real time.

use std::collections::BTreeMap;

/// What a call did or was told. Times are counted from the start of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When the request was sent.
    pub from: u128,
    /// When the answer was there.
    pub to: u128,
    /// What it came to.
    pub what: What,
}

/// What a call came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It made this version, out of the one that was expected.
    Wrote { expected: i64, version: i64, state: State },
    /// It was told that this version, not the one it expected, is current.
    Stale { expected: i64, current: i64 },
    /// It was shown the region in this version.
    Saw { version: i64, state: State },
    /// It was shown this state, without a version.
    Glimpsed { state: State },
    /// The status could not change as asked, out of the version that was expected.
    Refused { expected: i64, to: String },
    /// The region was opened for a team, which takes an enabled one; or was not.
    Opened(bool),
}

/// What is shown of a region. The aliases of a run all differ.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct State {
    pub alias: String,
    pub status: String,
}

/// A history, and the state that the region began with in version 1.
pub struct History {
    pub start: State,
    pub events: Vec<Event>,
}

/// The writes of a history, by the versions that they made.
struct Writes<'a> {
    states: BTreeMap<i64, &'a State>,
    /// When each was asked for, and when it was acknowledged.
    times: BTreeMap<i64, (u128, u128)>,
}

impl History {
    /// Why the history is not linearizable, if it is not.
    pub fn check(&self) -> Result<(), String> {
        let writes = self.writes()?;
        for event in &self.events {
            let (least, most) = self.range(event, &writes);
            let told =
                |why: &str| Err(format!("{why}; possible were {least} to {most}: {event:?}"));
            let possible = |version: i64| (least..=most).contains(&version);
            match &event.what {
                // A write is ordered by the version before it.
                What::Wrote { version, .. } => {
                    if *version <= least || *version > most {
                        return told("a write is not in its order");
                    }
                }
                What::Stale { expected, current } => {
                    if expected == current || !possible(*current) {
                        return told("it was not stale, or not in this version");
                    }
                }
                What::Saw { version, state } => {
                    if !possible(*version) || writes.states.get(version) != Some(&state) {
                        return told("a state was seen that was not there");
                    }
                }
                What::Glimpsed { state } => {
                    if !(least..=most).any(|version| writes.states.get(&version) == Some(&state)) {
                        return told("a state was glimpsed that was not there");
                    }
                }
                What::Refused { expected, to } => {
                    let from = writes.states.get(expected).map(|state| state.status.as_str());
                    if !possible(*expected) || from.is_none_or(|from| allowed(from, to)) {
                        return told("a status was refused that was allowed");
                    }
                }
                What::Opened(opened) => {
                    let fits = |version: i64| {
                        let status = writes.states.get(&version).map(|state| state.status.as_str());
                        (status == Some("enabled")) == *opened
                    };
                    if !(least..=most).any(fits) {
                        return told("it was opened or not against its status");
                    }
                }
            }
        }
        Ok(())
    }

    /// The writes, of which each made the version behind the one it expected, without a gap.
    fn writes(&self) -> Result<Writes<'_>, String> {
        let mut writes = Writes {
            states: BTreeMap::from([(1, &self.start)]),
            times: BTreeMap::from([(1, (0, 0))]),
        };
        for event in &self.events {
            let What::Wrote { expected, version, state } = &event.what else { continue };
            if *version != expected + 1 {
                return Err(format!("not the next version: {event:?}"));
            }
            if writes.states.insert(*version, state).is_some() {
                return Err(format!("an update was lost, two made version {version}: {event:?}"));
            }
            writes.times.insert(*version, (event.from, event.to));
        }
        let last = writes.states.keys().next_back().copied().unwrap_or(1);
        if usize::try_from(last) != Ok(writes.states.len()) {
            return Err(format!("versions are missing: {:?}", writes.states.keys()));
        }
        Ok(writes)
    }

    /// The versions that can have been current while a call was under way: none older than what
    /// somebody knew before it began, none newer than what somebody had asked for before it ended.
    fn range(&self, event: &Event, writes: &Writes<'_>) -> (i64, i64) {
        let before = self.events.iter().filter(|other| other.to < event.from);
        let known = before.filter_map(|other| match other.what {
            What::Wrote { version, .. } | What::Saw { version, .. } => Some(version),
            What::Stale { current, .. } => Some(current),
            What::Refused { expected, .. } => Some(expected),
            What::Glimpsed { .. } | What::Opened(_) => None,
        });
        let least = known.max().unwrap_or(1);
        let begun = writes.times.iter().filter(|(_, (from, _))| *from < event.to);
        (least, begun.map(|(version, _)| *version).max().unwrap_or(1))
    }
}

/// Whether a region may go from one status to another, the same included; it is always ready.
pub fn allowed(from: &str, to: &str) -> bool {
    from == to
        || matches!(
            (from, to),
            ("editing" | "disabled" | "maintenance", "enabled")
                | ("editing" | "enabled" | "maintenance", "disabled")
                | ("enabled", "maintenance")
                | ("disabled", "editing")
        )
}

mod tests {
    use super::*;

    fn state(alias: &str) -> State {
        State { alias: alias.to_owned(), status: "enabled".to_owned() }
    }

    fn history(events: &[(u128, u128, What)]) -> History {
        let event = |(from, to, what): &(u128, u128, What)| {
            let (from, to, what) = (*from, *to, what.clone());
            Event { from, to, what }
        };
        History { start: state("start"), events: events.iter().map(event).collect() }
    }

    fn wrote(version: i64, alias: &str) -> What {
        What::Wrote { expected: version - 1, version, state: state(alias) }
    }

    fn saw(version: i64, alias: &str) -> What {
        What::Saw { version, state: state(alias) }
    }

    #[test]
    fn histories_that_can_have_been_are_accepted() {
        for events in [
            vec![],
            vec![(1, 2, saw(1, "start")), (3, 4, wrote(2, "a")), (5, 6, saw(2, "a"))],
            // While it is being written, both may be seen, each by somebody.
            vec![(1, 9, wrote(2, "a")), (2, 3, saw(1, "start")), (4, 5, saw(2, "a"))],
            vec![(1, 9, wrote(2, "a")), (2, 3, What::Stale { expected: 1, current: 2 })],
            vec![(1, 9, wrote(2, "a")), (2, 3, What::Glimpsed { state: state("start") })],
            vec![(1, 2, What::Opened(true))],
            vec![(1, 2, What::Refused { expected: 1, to: "editing".to_owned() })],
        ] {
            assert_eq!(history(&events).check(), Ok(()), "{events:?}");
        }
    }

    #[test]
    fn histories_that_cannot_have_been_are_found() {
        for events in [
            // A lost update.
            vec![(1, 2, wrote(2, "a")), (3, 4, wrote(2, "b"))],
            // A version that nobody made.
            vec![(1, 2, wrote(3, "a"))],
            // A read that began after a write was acknowledged, and does not see it.
            vec![(1, 2, wrote(2, "a")), (3, 4, saw(1, "start"))],
            vec![(1, 2, wrote(2, "a")), (3, 4, What::Glimpsed { state: state("start") })],
            // Time goes back between two reads.
            vec![(1, 9, wrote(2, "a")), (2, 3, saw(2, "a")), (4, 5, saw(1, "start"))],
            // What was not written yet.
            vec![(1, 2, saw(2, "a")), (3, 4, wrote(2, "a"))],
            // What was never written.
            vec![(1, 2, saw(1, "a"))],
            // Somebody was told that his version is stale, which it was not.
            vec![(1, 2, What::Stale { expected: 1, current: 1 })],
            vec![(1, 2, wrote(2, "a")), (3, 4, What::Stale { expected: 2, current: 1 })],
            // Writes that end before others begin, in the wrong order.
            vec![(1, 2, wrote(3, "b")), (3, 4, wrote(2, "a"))],
            vec![(1, 2, What::Opened(false))],
            vec![(1, 2, What::Refused { expected: 1, to: "disabled".to_owned() })],
        ] {
            assert!(history(&events).check().is_err(), "{events:?}");
        }
    }
}
