//! When nodes could be heard, and whether one that is silent was listened to for long enough.

use chrono::{DateTime, TimeDelta, Utc};

use super::Pulls;

/// How far two signs of a listener may be apart for him to have listened all the time. Servers give
/// one every 15 seconds.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(1);

/// A time in which at least one server of the register ran and reached the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first sign of it.
    pub since: DateTime<Utc>,
    /// The last sign of it.
    pub until: DateTime<Utc>,
}

/// The times in which nodes could be heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listening(Vec<Span>);

impl Span {
    /// The span of a listener who gives a sign at `now`: the last one, if there was no longer pause,
    /// else a new one.
    #[must_use]
    pub fn at(last: Option<Self>, now: DateTime<Utc>) -> Self {
        match last {
            Some(last) if now - last.until <= LONGEST_PAUSE => {
                Self { until: last.until.max(now), ..last }
            }
            _ => Self { since: now, until: now },
        }
    }
}

impl Listening {
    /// In these spans, which do not overlap.
    #[must_use]
    pub const fn new(spans: Vec<Span>) -> Self {
        Self(spans)
    }

    /// Without a pause.
    #[must_use]
    pub fn always() -> Self {
        Self(vec![Span { since: DateTime::<Utc>::MIN_UTC, until: DateTime::<Utc>::MAX_UTC }])
    }

    /// For how long somebody listened from then to `now`.
    #[must_use]
    pub fn time_since(&self, then: DateTime<Utc>, now: DateTime<Utc>) -> TimeDelta {
        let within = |span: &Span| span.until.min(now) - span.since.max(then);
        self.0.iter().map(within).filter(|time| *time > TimeDelta::zero()).sum()
    }
}

impl Pulls {
    /// Whether the node may have pulled as always, and nobody heard it: since its last pull nobody has
    /// listened for longer than it may be silent.
    #[must_use]
    pub fn may_be_unheard(&self, listening: &Listening, now: DateTime<Utc>) -> bool {
        self.accepted_at.is_some_and(|seen| listening.time_since(seen, now) <= self.patience())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: TimeDelta = TimeDelta::microseconds(1);

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn span(since: i64, until: i64) -> Span {
        Span { since: at(since), until: at(until) }
    }

    fn pulls(seen: DateTime<Utc>, interval: Option<i64>) -> Pulls {
        Pulls { accepted_at: Some(seen), interval: interval.map(TimeDelta::minutes), refused: None }
    }

    #[test]
    fn a_sign_prolongs_a_span_unless_there_was_a_pause() {
        let last = span(0, 10);
        for (now, expected) in [
            (at(10), last),
            (at(11), span(0, 11)),
            (at(11) + MOMENT, Span { since: at(11) + MOMENT, until: at(11) + MOMENT }),
            (at(500), span(500, 500)),
            // Another server is ahead, or the clock was set back.
            (at(9), last),
            (at(-500), last),
        ] {
            assert_eq!(Span::at(Some(last), now), expected, "{now}");
        }
        assert_eq!(Span::at(None, at(3)), span(3, 3));
    }

    #[test]
    fn time_is_counted_while_somebody_listened() {
        let listening = Listening::new(vec![span(0, 10), span(70, 80), span(80, 90)]);
        for (then, now, minutes) in [
            (0, 10, 10),
            (5, 75, 10),
            (10, 70, 0),
            (20, 60, 0),
            (-100, 100, 30),
            (75, 85, 10),
            (85, 75, 0),
            (90, 200, 0),
        ] {
            let time = listening.time_since(at(then), at(now));
            assert_eq!(time, TimeDelta::minutes(minutes), "from {then} to {now}");
        }
        let always = Listening::always().time_since(at(-100), at(200));
        assert_eq!(always, TimeDelta::minutes(300));
        assert_eq!(Listening::new(Vec::new()).time_since(at(0), at(9)), TimeDelta::zero());
    }

    #[test]
    fn a_node_has_as_long_as_always_without_the_times_in_which_nobody_listened() {
        let listening = Listening::new(vec![span(0, 10), span(70, 1000)]);
        for (seen, interval, end) in [
            // Five minutes: one before the outage, four after it.
            (9, None, 74),
            (10, Some(1), 75),
            (40, None, 75),
            (70, None, 75),
            (71, None, 76),
            // Three intervals of half an hour.
            (0, Some(30), 150),
        ] {
            let pulls = pulls(at(seen), interval);
            assert!(pulls.may_be_unheard(&listening, at(end)), "{seen} {interval:?}");
            let later = at(end) + MOMENT;
            assert!(!pulls.may_be_unheard(&listening, later), "{seen} {interval:?}");
        }
        assert!(!Pulls::default().may_be_unheard(&listening, at(71)), "it was never heard");
    }

    #[test]
    fn short_failures_again_and_again_excuse_nobody() {
        // Every ten minutes a sign is missing, so that there is a pause of over a minute.
        let spans = (0..20).map(|n| Span { until: at(10 * n + 9) - MOMENT, ..span(10 * n, 0) });
        let listening = Listening::new(spans.collect());
        let pulls = pulls(at(5), None);
        assert!(pulls.may_be_unheard(&listening, at(11)));
        assert!(!pulls.may_be_unheard(&listening, at(12)));
    }
}
