//! What is known of a watched region, and what its rules make of that.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::{AlarmKind, Finding};
use crate::availability::freshness;
use crate::id::{EnterpriseId, NodeId, RegionId};

/// How many times its usual latency a region has to take to be slow: three halves.
pub const SLOWER_BY: (i64, i64) = (3, 2);

/// How much slower it has to be at least: what is below, nobody feels.
const SLOWER_AT_LEAST: TimeDelta = TimeDelta::milliseconds(100);

/// How many results of the last hour are needed to judge by.
pub const RECENT_SAMPLES: u64 = 30;

/// How many results of the last week are needed to judge by: a tenth of what one node has that dials
/// every minute.
pub const USUAL_SAMPLES: u64 = 1000;

/// How long before it expires a certificate is told of.
pub const CERTIFICATE_NOTICE: TimeDelta = TimeDelta::days(14);

/// For how long it counts what an endpoint showed.
pub const CERTIFICATE_FRESHNESS: TimeDelta = TimeDelta::hours(24);

/// The last result of a node that watches a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeCheck {
    /// The node.
    pub node_id: NodeId,
    /// When it looked last; none if it never did, or did not say what it found.
    pub at: Option<DateTime<Utc>>,
    /// Whether every endpoint answered it.
    pub is_up: bool,
    /// How often it looks.
    pub interval: TimeDelta,
}

/// How long a region took over some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latency {
    /// What 95 of 100 results did not exceed.
    pub p95: TimeDelta,
    /// How many results there were.
    pub samples: u64,
}

/// The certificates of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointCertificate {
    /// The endpoint, as `https://api.example.com:8443`.
    pub endpoint: String,
    /// For each node that has seen one: when the last that it was shown expires, and when that was
    /// shown. A node that does not dial any more may have seen one that was replaced since.
    pub shown: Vec<(DateTime<Utc>, DateTime<Utc>)>,
}

/// What is known of a watched region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionFacts {
    /// The region.
    pub region_id: RegionId,
    /// Its enterprise.
    pub enterprise_id: EnterpriseId,
    /// Whether it is dialled at all: it is watched, and enabled or in maintenance.
    pub is_dialled: bool,
    /// Whether it is in maintenance: then nobody is told of its alarms.
    pub in_maintenance: bool,
    /// From how many nodes it has to be down; from all if fewer watch it.
    pub down_from: usize,
    /// The last result of each node that watches it.
    pub checks: Vec<NodeCheck>,
    /// How long it took in the last hour.
    pub recent: Option<Latency>,
    /// How long it took in the last week.
    pub usual: Option<Latency>,
    /// The certificates of its endpoints with TLS.
    pub certificates: Vec<EndpointCertificate>,
}

impl RegionFacts {
    /// What each rule for regions finds.
    #[must_use]
    pub fn findings(&self, now: DateTime<Utc>) -> [(AlarmKind, Finding); 3] {
        let dialled = |found: fn(&Self, DateTime<Utc>) -> Finding| {
            if self.is_dialled { found(self, now) } else { Finding::Void }
        };
        [
            (AlarmKind::RegionDown, dialled(Self::down)),
            (AlarmKind::RegionSlow, dialled(Self::slow)),
            (AlarmKind::CertificateExpiring, dialled(Self::expiring)),
        ]
    }

    /// Down from some of the nodes whose results are fresh. It is up only if it would be so even if
    /// it were down from all nodes of which nothing is known.
    fn down(&self, now: DateTime<Utc>) -> Finding {
        let of = self.checks.len();
        let fresh: Vec<_> = self.checks.iter().filter(|check| check.is_fresh(now)).collect();
        let down = fresh.iter().filter(|check| !check.is_up).count();
        let enough = self.down_from.min(of);
        if of > 0 && down >= enough {
            let value = format!("down from {down} of {of} nodes");
            return Finding::Bad { reason: "down", value };
        }
        let at_worst = down + of - fresh.len();
        if of > 0 && at_worst < enough { Finding::Good } else { Finding::Unknown }
    }

    /// Slow against its own last week, as far as both have results enough.
    fn slow(&self, _now: DateTime<Utc>) -> Finding {
        let enough = |latency: &Latency, least| latency.samples >= least;
        let recent = self.recent.filter(|latency| enough(latency, RECENT_SAMPLES));
        let usual = self.usual.filter(|latency| enough(latency, USUAL_SAMPLES));
        let (Some(recent), Some(usual)) = (recent, usual) else { return Finding::Unknown };
        let (times, part) = SLOWER_BY;
        let micros = |time: TimeDelta| time.num_microseconds().unwrap_or(i64::MAX).max(0);
        let (now, before) = (micros(recent.p95), micros(usual.p95));
        let is_slower = now.saturating_mul(part) >= before.saturating_mul(times)
            && now.saturating_sub(before) >= micros(SLOWER_AT_LEAST);
        if is_slower {
            Finding::Bad { reason: "slow", value: times_as_slow(now, before) }
        } else {
            Finding::Good
        }
    }

    /// The certificate that expires first counts, of those that were shown lately: what was shown too
    /// long ago may have been replaced.
    fn expiring(&self, now: DateTime<Utc>) -> Finding {
        if self.certificates.is_empty() {
            return Finding::Void;
        }
        let all = self.certificates.iter();
        let known: Vec<_> =
            all.filter_map(|shown| Some((shown.first(now)?, &shown.endpoint))).collect();
        let first = known.iter().min();
        match first.filter(|(end, _)| *end - now < CERTIFICATE_NOTICE) {
            Some((end, endpoint)) => {
                let reason = if *end <= now { "expired" } else { "expiring" };
                let end = end.to_rfc3339_opts(SecondsFormat::Secs, true);
                Finding::Bad { reason, value: format!("{endpoint} until {end}") }
            }
            None if known.len() == self.certificates.len() => Finding::Good,
            None => Finding::Unknown,
        }
    }
}

impl EndpointCertificate {
    /// When the first of those ends that were shown lately.
    fn first(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let lately = self.shown.iter().filter(|(_, at)| now - *at <= CERTIFICATE_FRESHNESS);
        lately.map(|(end, _)| *end).min()
    }
}

impl NodeCheck {
    /// Whether the result still counts.
    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        self.at.is_some_and(|at| now - at <= freshness(self.interval))
    }
}

/// In tenths, so that the text does not change with every result.
fn times_as_slow(now: i64, before: i64) -> String {
    let tenths = now.saturating_mul(10) / before.max(1);
    format!("{}.{} times its latency of the last week", tenths / 10, tenths % 10)
}
