//! What this face shows of the life of nodes: alive or not, and why not.

use cadastre_domain::node::{DownReason, Liveness, PullRefusal, RefusedPull};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::nodes::survey::Surveyed;

/// Whether a node is alive, and if not, why not.
#[derive(Serialize, ToSchema)]
#[schema(as = NodeLiveness)]
pub(super) struct LivenessView {
    /// Whether it is.
    alive: bool,
    /// When it pulled last; null when it never did.
    #[schema(required)]
    seen_at: Option<DateTime<Utc>>,
    /// Until when it counts as alive without another pull; null when it is not alive.
    #[schema(required)]
    until: Option<DateTime<Utc>>,
    /// How far its pulls are apart; null while only one was seen.
    #[schema(required)]
    interval_seconds: Option<i64>,
    /// Why it is not alive, in one word: `disabled`, `no_key`, `never_seen`, `wrong_signature`,
    /// `key_revoked`, `foreign_key` or `silent`; null when it is alive.
    #[schema(required)]
    why_not: Option<&'static str>,
    /// The same for people.
    #[schema(required)]
    explanation: Option<String>,
    /// Its last pull that was refused; null when none was. One agent of several may be refused while
    /// the node is alive.
    #[schema(required)]
    refused: Option<RefusedView>,
    /// The clock of the machine at its last pull; null when it said nothing.
    #[schema(required)]
    clock: Option<ClockView>,
    /// When this was reckoned.
    reckoned_at: DateTime<Utc>,
}

/// A pull that was refused.
#[derive(Serialize, ToSchema)]
#[schema(as = RefusedPull)]
struct RefusedView {
    at: DateTime<Utc>,
    /// Why: `wrong_signature`, `key_revoked` or `foreign_key`.
    reason: &'static str,
}

/// The clock of a machine.
#[derive(Serialize, ToSchema)]
#[schema(as = NodeClock)]
struct ClockView {
    /// What the pull said in `Date`, cut to 64 characters. Agents write their local time there, with
    /// GMT behind it.
    text: String,
    /// How many seconds it was ahead of the register's clock; null when the text is no date. Whole
    /// hours are the machine's time zone.
    #[schema(required)]
    offset_seconds: Option<i64>,
}

impl LivenessView {
    pub(super) fn new(node: &Surveyed, now: DateTime<Utc>) -> Self {
        let pulls = node.contact.as_ref().map(|contact| contact.pulls).unwrap_or_default();
        let (until, down) = match node.liveness {
            Liveness::Alive { until, .. } => (Some(until), None),
            Liveness::Down(reason) => (None, Some(reason)),
        };
        let clock = node.contact.as_ref().and_then(|contact| {
            let text = contact.date.clone().filter(|date| !date.is_empty())?;
            let offset = contact.clock_offset();
            Some(ClockView { text, offset_seconds: offset.map(|offset| offset.num_seconds()) })
        });
        Self {
            alive: node.liveness.is_alive(),
            seen_at: pulls.accepted_at,
            until,
            interval_seconds: pulls.interval.map(|interval| interval.num_seconds()),
            why_not: down.map(DownReason::as_str),
            explanation: down.map(explanation),
            refused: pulls.refused.map(RefusedView::from),
            clock,
            reckoned_at: now,
        }
    }
}

impl From<RefusedPull> for RefusedView {
    fn from(refused: RefusedPull) -> Self {
        Self { at: refused.at, reason: refused.reason.as_str() }
    }
}

fn explanation(reason: DownReason) -> String {
    match reason {
        DownReason::Disabled => "the node is disabled; enable it, and it gets its tasks again".into(),
        DownReason::NoKey => "the node has no valid key left; make a new one".into(),
        DownReason::NeverSeen => {
            "the node has never pulled: its agent was not started, does not reach the register, or has another region_id".into()
        }
        DownReason::Refused { at, reason, last_seen } => {
            let before = last_seen.map_or_else(
                || "none was ever accepted".to_owned(),
                |last| format!("the last one was accepted at {last:?}"),
            );
            format!("its pull at {at:?} was refused, as {}; {before}", why(reason))
        }
        DownReason::Silent { since } => format!("nothing was heard of the node since {since:?}"),
    }
}

const fn why(reason: PullRefusal) -> &'static str {
    match reason {
        PullRefusal::Signature => "it was not rightly signed: look at ak and sk",
        PullRefusal::RevokedKey => "its key was revoked or has ended",
        PullRefusal::ForeignKey => "its key is that of another node: look at region_id and ak",
    }
}
