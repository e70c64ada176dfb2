//! How a series of points stands now.

use super::Outcome;

/// A point, as far as it says how things stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenPoint {
    /// When the dial began, in nanoseconds since 1970, as the node told it.
    pub at_ns: i64,
    /// When it was received, in microseconds since 1970.
    pub received_us: i64,
    /// Whether the dial succeeded.
    pub outcome: Outcome,
    /// How long it took, in microseconds.
    pub response_us: Option<i64>,
    /// When the certificate of the target expires, in seconds since 1970.
    pub certificate_expires: Option<i64>,
    /// The version of the agent.
    pub agent_version: Option<String>,
}

/// How a series stands: its last point, and since when its dials come out as that one did.
///
/// The last point is that of the latest time; a time that lies ahead of when the point was received
/// counts as that moment, so that a node whose clock was years ahead once is not taken at its word
/// for years. Points that come late change nothing but when something was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastSeen {
    /// When the last dial began, in nanoseconds since 1970; never ahead of when it was received.
    pub at_ns: i64,
    /// When the last point was received, in microseconds since 1970.
    pub received_us: i64,
    /// Whether the last dial succeeded.
    pub outcome: Outcome,
    /// How long the last dial took, in microseconds.
    pub response_us: Option<i64>,
    /// Since when dials fail, or do not, as the last one, in nanoseconds since 1970.
    pub since_ns: i64,
    /// When the certificate of the target expires, by the last point that tells it.
    pub certificate_expires: Option<i64>,
    /// The version of the agent, by the last point that tells it.
    pub agent_version: Option<String>,
}

impl LastSeen {
    /// How a series stands whose first point this is.
    #[must_use]
    pub fn first(point: &SeenPoint) -> Self {
        let at_ns = effective(point);
        Self {
            at_ns,
            received_us: point.received_us,
            outcome: point.outcome,
            response_us: point.response_us,
            since_ns: at_ns,
            certificate_expires: point.certificate_expires,
            agent_version: point.agent_version.clone(),
        }
    }

    /// How it stands after one more point.
    pub fn see(&mut self, point: &SeenPoint) {
        self.received_us = self.received_us.max(point.received_us);
        let at_ns = effective(point);
        if at_ns < self.at_ns {
            return;
        }
        if self.outcome.is_failure() != point.outcome.is_failure() {
            self.since_ns = at_ns;
        }
        self.at_ns = at_ns;
        self.outcome = point.outcome;
        self.response_us = point.response_us;
        self.certificate_expires = point.certificate_expires.or(self.certificate_expires);
        if point.agent_version.is_some() {
            self.agent_version.clone_from(&point.agent_version);
        }
    }

    /// How a series stands, of which `before` was known, after these points in the order in which
    /// they were received.
    #[must_use]
    pub fn after<'p>(
        before: Option<Self>,
        points: impl IntoIterator<Item = &'p SeenPoint>,
    ) -> Option<Self> {
        points.into_iter().fold(before, |seen, point| match seen {
            None => Some(Self::first(point)),
            Some(mut seen) => {
                seen.see(point);
                Some(seen)
            }
        })
    }
}

fn effective(point: &SeenPoint) -> i64 {
    point.at_ns.min(point.received_us.saturating_mul(1000))
}

#[cfg(test)]
mod tests;
