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

/// A certificate that a target showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShownCertificate {
    /// When it expires, in seconds since 1970.
    pub expires: i64,
    /// When the dial began that was shown it, in nanoseconds since 1970; never ahead of when the point
    /// was received.
    pub at_ns: i64,
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
    /// Since when dials succeed, or fail, or do not say, as the last one, in nanoseconds since 1970.
    pub since_ns: i64,
    /// The certificate of the target, by the last point that tells when it expires.
    pub certificate: Option<ShownCertificate>,
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
            certificate: shown(point),
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
        if self.outcome.verdict() != point.outcome.verdict() {
            self.since_ns = at_ns;
        }
        self.at_ns = at_ns;
        self.outcome = point.outcome;
        self.response_us = point.response_us;
        self.certificate = shown(point).or(self.certificate);
        if point.agent_version.is_some() {
            self.agent_version.clone_from(&point.agent_version);
        }
    }

    /// How it stands, as far as that tells of a target that is dialled since this time, in nanoseconds
    /// since 1970: dials that began before were of another.
    #[must_use]
    pub fn of_target(self, since_ns: i64) -> Option<Self> {
        (self.at_ns >= since_ns).then(|| Self {
            since_ns: self.since_ns.max(since_ns),
            certificate: self.certificate.filter(|shown| shown.at_ns >= since_ns),
            ..self
        })
    }

    /// How it stands if the clock of the node was so many nanoseconds behind: everything was so much
    /// later than it told, but not later than it was received.
    #[must_use]
    pub fn later_by(self, behind_ns: i64) -> Self {
        let received_ns = self.received_us.saturating_mul(1000);
        let later = |at_ns: i64| at_ns.saturating_add(behind_ns.max(0)).min(received_ns);
        let certificate =
            self.certificate.map(|shown| ShownCertificate { at_ns: later(shown.at_ns), ..shown });
        Self { at_ns: later(self.at_ns), since_ns: later(self.since_ns), certificate, ..self }
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

fn shown(point: &SeenPoint) -> Option<ShownCertificate> {
    let at_ns = effective(point);
    point.certificate_expires.map(|expires| ShownCertificate { expires, at_ns })
}

fn effective(point: &SeenPoint) -> i64 {
    point.at_ns.min(point.received_us.saturating_mul(1000))
}

#[cfg(test)]
mod tests;
