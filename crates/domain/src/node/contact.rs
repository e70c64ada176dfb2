//! What is known of the pulls of a node and of the agents that make them.

use chrono::{DateTime, NaiveDateTime, SubsecRound as _, TimeDelta, Utc};

use super::{AccessKeyId, Pulls, RefusedPull};
use crate::id::NodeId;

/// How long a pull may have been on its way, which looks like a clock that is behind.
pub const PULL_TAKES: TimeDelta = TimeDelta::seconds(30);

/// By what the zones of the world differ.
const ZONE_SECONDS: i64 = 15 * 60;

/// What is known of the pulls of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeContact {
    /// The node.
    pub node_id: NodeId,
    /// Its pulls.
    pub pulls: Pulls,
    /// What the last of them said in `Date`, cut to 64 characters: the wall time of the machine,
    /// which tells of a clock that is wrong (dialing contract, section 3.1).
    pub date: Option<String>,
}

/// One of the agents that run with the keys of a node.
///
/// Nothing in a pull names its agent (dialing contract, section 3.2), so it is told by the address
/// from which it comes and the key that it uses: two behind one address count as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeAgent {
    /// The node.
    pub node_id: NodeId,
    /// The address from which it pulls; empty when that is not known.
    pub address: String,
    /// The key that it uses.
    pub key: AccessKeyId,
    /// When it pulled first.
    pub first_seen_at: DateTime<Utc>,
    /// When it pulled last.
    pub last_seen_at: DateTime<Utc>,
    /// How far its last two pulls were apart, if there were two.
    pub interval: Option<TimeDelta>,
    /// The cursor that it sent last: the largest `update_time` of a task that it has read, in
    /// microseconds since 1970; 0 after it started.
    pub cursor: Option<i64>,
}

impl NodeContact {
    /// How far the clock of the machine was ahead of the register's at its last pull, as far as its
    /// date can be read; negative when it was behind. As agents write their local time, whole hours
    /// are no fault (dialing contract, section 3.1).
    #[must_use]
    pub fn clock_offset(&self) -> Option<TimeDelta> {
        let date = self.date.as_deref()?;
        let date = NaiveDateTime::parse_from_str(date, "%a, %d %b %Y %H:%M:%S GMT").ok()?;
        // The date has whole seconds, and no zone is to look like a second less.
        Some(date.and_utc() - self.pulls.accepted_at?.trunc_subsecs(0))
    }

    /// Whether the node may have been told of a change that was made at this time: it has pulled since,
    /// or it is not known when it did.
    #[must_use]
    pub fn may_know_of(&self, change: DateTime<Utc>) -> bool {
        self.pulls.accepted_at.is_none_or(|at| at >= change)
    }

    /// How far the clock of the machine was behind at its last pull, as far as that can be told from
    /// the zone in which it writes its local time: zones are whole quarters of an hour. Nothing when
    /// it is ahead, or behind by no more than [`PULL_TAKES`].
    #[must_use]
    pub fn clock_behind(&self) -> Option<TimeDelta> {
        let behind = (-self.clock_offset()?.num_seconds()).rem_euclid(ZONE_SECONDS);
        let is_behind = behind <= ZONE_SECONDS / 2;
        Some(TimeDelta::seconds(behind)).filter(|behind| is_behind && *behind > PULL_TAKES)
    }

    /// This together with what another server knows of the same node: of the accepted pull and of
    /// the refused one, the later each. Whoever saw one pull only does not know the interval that
    /// whoever saw two before does.
    #[must_use]
    pub fn merged(self, other: Option<Self>) -> Self {
        let Some(other) = other else { return self };
        let refused = later(self.pulls.refused, other.pulls.refused);
        let (new, old) = if other.pulls.accepted_at > self.pulls.accepted_at {
            (other, self)
        } else {
            (self, other)
        };
        let interval = new.pulls.interval.or(old.pulls.interval);
        let pulls = Pulls { accepted_at: new.pulls.accepted_at, interval, refused };
        Self { pulls, ..new }
    }
}

fn later(one: Option<RefusedPull>, other: Option<RefusedPull>) -> Option<RefusedPull> {
    one.into_iter().chain(other).max_by_key(|refused| refused.at)
}

impl NodeAgent {
    /// This together with what another server knows of the same agent: the later one, but since when
    /// it has been pulling.
    #[must_use]
    pub fn merged(self, other: Option<Self>) -> Self {
        let Some(other) = other else { return self };
        let first_seen_at = self.first_seen_at.min(other.first_seen_at);
        let (new, old) =
            if other.last_seen_at > self.last_seen_at { (other, self) } else { (self, other) };
        let interval = new.interval.or(old.interval);
        Self { first_seen_at, interval, ..new }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::PullRefusal;
    use crate::sample::{NOW, text};

    fn after(seconds: i64) -> DateTime<Utc> {
        NOW + TimeDelta::seconds(seconds)
    }

    fn contact(accepted: Option<i64>, interval: Option<i64>, refused: Option<i64>) -> NodeContact {
        let reason = PullRefusal::Signature;
        let refused = refused.map(|at| RefusedPull { at: after(at), reason });
        let interval = interval.map(TimeDelta::seconds);
        let pulls = Pulls { accepted_at: accepted.map(after), interval, refused };
        let date = accepted.map(|at| format!("date of {at}"));
        NodeContact { node_id: text("reg_cg2britepb7e977fpm8g"), pulls, date }
    }

    #[test]
    fn the_later_pull_counts_whoever_saw_it() {
        let (old, new) = (contact(Some(1), Some(60), Some(9)), contact(Some(5), None, Some(2)));
        let expected = contact(Some(5), Some(60), Some(9));
        assert_eq!(old.clone().merged(Some(new.clone())), expected);
        assert_eq!(new.clone().merged(Some(old)), expected);
        let newer = contact(Some(7), Some(30), None);
        assert_eq!(new.merged(Some(newer)), contact(Some(7), Some(30), Some(2)));
    }

    #[test]
    fn a_date_tells_how_far_the_clock_is_off() {
        let told = |date: &str| {
            let contact = contact(Some(90), None, None);
            NodeContact { date: Some(date.to_owned()), ..contact }.clock_offset()
        };
        assert_eq!(told("Thu, 01 Jan 1970 00:01:30 GMT"), Some(TimeDelta::zero()));
        assert_eq!(told("Thu, 01 Jan 1970 08:01:31 GMT"), Some(TimeDelta::seconds(28_801)));
        assert_eq!(told("Thu, 01 Jan 1970 00:00:00 GMT"), Some(TimeDelta::seconds(-90)));
        for date in ["", "now", "Fri, 01 Jan 1970 00:01:30 GMT", "Thu, 01 Jan 1970 00:01:30 CET"] {
            assert_eq!(told(date), None, "{date}");
        }
        assert_eq!(contact(None, None, None).clock_offset(), None);
    }

    #[test]
    fn a_node_is_told_of_a_change_when_it_pulls() {
        for (accepted, knows) in [(Some(1), false), (Some(2), true), (Some(3), true), (None, true)]
        {
            assert_eq!(contact(accepted, None, Some(9)).may_know_of(after(2)), knows);
        }
    }

    #[test]
    fn a_clock_that_is_behind_is_told_from_a_zone() {
        for (offset, behind) in [
            (0, None),
            (-30, None),
            (-31, Some(31)),
            (-300, Some(300)),
            (-450, Some(450)),
            // It may as well be ahead.
            (-451, None),
            (300, None),
            (-900, None),
            // In a zone.
            (8 * 3600, None),
            (8 * 3600 - 300, Some(300)),
            (-5 * 3600 - 300, Some(300)),
            (5 * 3600 + 45 * 60 - 90, Some(90)),
        ] {
            let told = NOW + TimeDelta::days(1) + TimeDelta::seconds(offset);
            let date = told.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
            let contact = NodeContact { date: Some(date), ..contact(Some(86_400), None, None) };
            assert_eq!(contact.clock_behind(), behind.map(TimeDelta::seconds), "{offset}");
        }
        assert_eq!(contact(Some(1), None, None).clock_behind(), None);
    }

    #[test]
    fn what_one_has_never_seen_the_other_tells() {
        let (accepted, refused) = (contact(Some(1), None, None), contact(None, None, Some(2)));
        let both = contact(Some(1), None, Some(2));
        assert_eq!(accepted.clone().merged(Some(refused.clone())), both);
        assert_eq!(refused.clone().merged(Some(accepted)), both);
        assert_eq!(refused.clone().merged(None), refused);
    }

    #[test]
    fn an_agent_has_been_there_since_it_was_seen_first() {
        let agent = |first, last, interval, cursor| NodeAgent {
            node_id: text("reg_cg2britepb7e977fpm8g"),
            address: "192.0.2.1".to_owned(),
            key: text(&"a".repeat(20)),
            first_seen_at: after(first),
            last_seen_at: after(last),
            interval,
            cursor,
        };
        let minute = Some(TimeDelta::seconds(60));
        let (old, new) = (agent(1, 5, minute, Some(1)), agent(6, 6, None, Some(2)));
        let expected = agent(1, 6, minute, Some(2));
        assert_eq!(old.clone().merged(Some(new.clone())), expected);
        assert_eq!(new.merged(Some(old.clone())), expected);
        assert_eq!(old.clone().merged(None), old);
    }
}
