//! When nodes could not be heard, because no server of the register was there to hear them.

use chrono::{DateTime, TimeDelta, Utc};

use super::Pulls;

/// A time in which no pull could be accepted: no server ran, or none reached the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// When it began, or the last sign of life before that.
    pub since: DateTime<Utc>,
    /// When it was over.
    pub until: DateTime<Utc>,
}

/// How far apart two outages are at least for the nodes to have been heard in between.
const HEARD_BETWEEN: TimeDelta = TimeDelta::minutes(10);

impl Outage {
    /// How long it lasted.
    #[must_use]
    pub fn length(&self) -> TimeDelta {
        (self.until - self.since).max(TimeDelta::zero())
    }

    /// This one as it counts after one before it: when there was little time between the two, both
    /// are one.
    #[must_use]
    pub fn after(self, before: Option<Self>) -> Self {
        let near = before.filter(|before| self.since - before.until < HEARD_BETWEEN);
        Self { since: near.map_or(self.since, |before| before.since.min(self.since)), ..self }
    }
}

impl Pulls {
    /// Whether the node may have pulled as always and was not heard: without the time of the outage,
    /// it would not be silent yet. One that was heard afterwards is not waited for any longer than
    /// others are.
    #[must_use]
    pub fn may_be_unheard(&self, outage: &Outage, now: DateTime<Utc>) -> bool {
        self.accepted_at.is_some_and(|seen| {
            seen < outage.until && now - seen - outage.length() <= self.patience()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::SHORTEST_PATIENCE;

    const START: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn at(minutes: i64) -> DateTime<Utc> {
        START + TimeDelta::minutes(minutes)
    }

    #[test]
    fn a_node_gets_back_the_time_in_which_nobody_listened() {
        let outage = Outage { since: at(10), until: at(70) };
        let last = at(70) - TimeDelta::microseconds(1);
        for (seen, interval, patience) in
            [(at(9), None, 5), (at(10), Some(1), 5), (at(10), Some(30), 90), (last, None, 5)]
        {
            let interval = interval.map(TimeDelta::minutes);
            let pulls = Pulls { accepted_at: Some(seen), interval, refused: None };
            assert_eq!(pulls.patience(), TimeDelta::minutes(patience));
            let end = seen + TimeDelta::minutes(60 + patience);
            assert!(pulls.may_be_unheard(&outage, end), "{seen} {interval:?}");
            let later = end + TimeDelta::microseconds(1);
            assert!(!pulls.may_be_unheard(&outage, later), "{seen} {interval:?}");
        }
    }

    #[test]
    fn nobody_else_is_waited_for() {
        let outage = Outage { since: at(10), until: at(70) };
        let heard = Pulls { accepted_at: Some(at(70)), ..Pulls::default() };
        assert!(!heard.may_be_unheard(&outage, at(71)), "heard after it");
        assert!(!Pulls::default().may_be_unheard(&outage, at(71)), "never heard");
        // A clock that was set back makes no outage of less than no time.
        let odd = Outage { since: at(70), until: at(10) };
        let pulls = Pulls { accepted_at: Some(at(9)), ..Pulls::default() };
        let end = at(9) + SHORTEST_PATIENCE;
        assert!(pulls.may_be_unheard(&odd, end));
        assert!(!pulls.may_be_unheard(&odd, end + TimeDelta::microseconds(1)));
    }

    #[test]
    fn two_outages_with_little_time_between_them_are_one() {
        let first = Outage { since: at(0), until: at(60) };
        for (since, expected) in [(60, 0), (69, 0), (70, 70), (200, 200)] {
            let second = Outage { since: at(since), until: at(300) };
            let joined = second.after(Some(first));
            assert_eq!(joined, Outage { since: at(expected), until: at(300) });
            assert_eq!(second.after(None), second);
        }
    }
}
