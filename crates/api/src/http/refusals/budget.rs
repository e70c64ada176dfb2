//! How many refusals are recorded one by one, and what is told of the others.
//!
//! A request can be refused as often as it is sent, so an entry for each would let a stranger, or a
//! caller who may only read, fill the disk. A setting says how many there may be in an hour. Known
//! callers have one half and strangers the other, so that strangers cannot hide what a caller tries. Of
//! the whole, one enterprise has a quarter, and one token or network a tenth, so that none hides the
//! others.
//!
//! The rule is GCRA, as for wrong tokens: of each budget it is kept when its debt is paid off.

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cadastre_domain::audit::{Actor, Entry, FieldChange, Origin, Outcome, Value};
use cadastre_domain::id::{EnterpriseId, TokenId};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use ipnet::IpNet;

/// Within which a budget counts.
const HOUR: TimeDelta = TimeDelta::hours(1);

/// Which part of the whole one enterprise has.
const SHARE_OF_ENTERPRISE: i32 = 4;

/// Which part of the whole one token or network has.
const SHARE: i32 = 10;

/// How many debts are kept without looking whether they are paid off.
const FEW_DEBTS: usize = 1000;

/// How many sources of refusals that are not recorded are counted apart.
const MOST_SOURCES: usize = 1000;

/// How many of them the summary names.
const NAMED_SOURCES: usize = 5;

/// How many refusals are recorded one by one, and counts of those that are not.
#[derive(Debug)]
pub struct RefusalBudget {
    costs: Option<Costs>,
    state: Mutex<State>,
}

/// What one entry costs: an hour divided by the budget.
#[derive(Debug, Clone, Copy)]
struct Costs {
    all: TimeDelta,
    enterprise: TimeDelta,
    one: TimeDelta,
}

#[derive(Debug, Default)]
struct State {
    /// When the debt of each budget is paid off. An entry in it is an entry in the audit, so the
    /// setting bounds how many there are.
    debts: HashMap<Budget, DateTime<Utc>>,
    /// How many debts there may be before those that are paid off are let go.
    most_debts: usize,
    suppressed: Option<RefusalSummary>,
}

/// What has a budget of its own: known callers and strangers apart. Only known callers have an enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Budget {
    All { are_known: bool },
    Enterprise(EnterpriseId),
    Source { are_known: bool, source: Source },
}

/// Where a refused request came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Source {
    Token(TokenId),
    Network(IpNet),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(id) => write!(f, "token {id}"),
            Self::Network(network) => write!(f, "network {network}"),
        }
    }
}

/// Counts of refusals that were not recorded one by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RefusalSummary {
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    refused: u64,
    sign_in_failed: u64,
    sources: HashMap<Source, u64>,
}

impl RefusalBudget {
    /// So many entries an hour; without a number, one for each refusal.
    #[must_use]
    pub fn new(an_hour: Option<NonZeroU32>) -> Self {
        let costs = an_hour.map(|entries| {
            let entries = i32::try_from(entries.get()).unwrap_or(i32::MAX);
            let cost = |share: i32| HOUR / (entries / share).max(1);
            Costs { all: cost(2), enterprise: cost(SHARE_OF_ENTERPRISE), one: cost(SHARE) }
        });
        Self { costs, state: Mutex::default() }
    }

    /// Whether this refusal is recorded by itself. One that is not is counted for the summary.
    pub fn admit(&self, actor: &Actor, outcome: Outcome, now: DateTime<Utc>) -> bool {
        let Some(costs) = self.costs else { return true };
        let mut state = self.lock();
        let admitted = state.spend(costs, actor, outcome, now);
        if !admitted {
            state.count(actor, outcome, now);
        }
        admitted
    }

    /// Counts a refusal for the summary that is not to be recorded by itself.
    pub fn suppress(&self, actor: &Actor, outcome: Outcome, now: DateTime<Utc>) {
        self.lock().count(actor, outcome, now);
    }

    /// What was counted since the last summary, if anything was.
    pub(super) fn take_summary(&self) -> Option<RefusalSummary> {
        self.lock().suppressed.take()
    }

    /// Adds the counts of a summary that could not be written to those that came meanwhile.
    pub(super) fn put_back(&self, summary: RefusalSummary) {
        let mut state = self.lock();
        match &mut state.suppressed {
            None => state.suppressed = Some(summary),
            Some(newer) => newer.merge(summary),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes the entry from every budget that it counts in, or from none.
    fn spend(&mut self, costs: Costs, actor: &Actor, outcome: Outcome, now: DateTime<Utc>) -> bool {
        let are_known = outcome == Outcome::Refused;
        let mut parts = vec![(Budget::All { are_known }, costs.all)];
        let enterprise = actor.enterprise_id.filter(|_| are_known).map(Budget::Enterprise);
        parts.extend(enterprise.map(|budget| (budget, costs.enterprise)));
        let sources = token(actor, outcome).into_iter().chain(network(actor));
        let budget = |source| (Budget::Source { are_known, source }, costs.one);
        parts.extend(sources.map(budget));
        let after = |(budget, cost): &(Budget, TimeDelta)| {
            let paid_off = self.debts.get(budget).copied().unwrap_or(now);
            // Nothing is owed for longer, also when the clock was set back.
            let then = paid_off.clamp(now, now + HOUR) + *cost;
            (then <= now + HOUR).then_some((*budget, then))
        };
        let Some(spent) = parts.iter().map(after).collect::<Option<Vec<_>>>() else { return false };
        if self.debts.len() >= self.most_debts {
            self.debts.retain(|_, paid_off| *paid_off > now);
            self.most_debts = FEW_DEBTS.max(self.debts.len() * 2);
        }
        self.debts.extend(spent);
        true
    }

    fn count(&mut self, actor: &Actor, outcome: Outcome, now: DateTime<Utc>) {
        let summary = self.suppressed.get_or_insert_with(|| RefusalSummary::new(now));
        summary.widen(now, now);
        let count = match outcome {
            Outcome::Refused => &mut summary.refused,
            Outcome::SignInFailed | Outcome::Done => &mut summary.sign_in_failed,
        };
        *count = count.saturating_add(1);
        if let Some(source) = token(actor, outcome).or_else(|| network(actor)) {
            summary.add(source, 1);
        }
    }
}

/// The token that was refused. A stranger can name any token, so his counts for nothing.
fn token(actor: &Actor, outcome: Outcome) -> Option<Source> {
    actor.token_id.filter(|_| outcome == Outcome::Refused).map(Source::Token)
}

/// The network that a request came from: what a single customer is given, or a small site has.
fn network(actor: &Actor) -> Option<Source> {
    let Origin::Request { address: Some(address), .. } = &actor.origin else { return None };
    let address = address.to_canonical();
    let bits = if address.is_ipv4() { 24 } else { 48 };
    IpNet::new(address, bits).ok().map(|network| Source::Network(network.trunc()))
}

impl RefusalSummary {
    fn new(now: DateTime<Utc>) -> Self {
        let sources = HashMap::new();
        Self { since: now, until: now, refused: 0, sign_in_failed: 0, sources }
    }

    fn widen(&mut self, since: DateTime<Utc>, until: DateTime<Utc>) {
        self.since = self.since.min(since);
        self.until = self.until.max(until);
    }

    fn add(&mut self, source: Source, count: u64) {
        if self.sources.len() < MOST_SOURCES || self.sources.contains_key(&source) {
            *self.sources.entry(source).or_default() += count;
        }
    }

    fn merge(&mut self, other: Self) {
        self.widen(other.since, other.until);
        self.refused = self.refused.saturating_add(other.refused);
        self.sign_in_failed = self.sign_in_failed.saturating_add(other.sign_in_failed);
        for (source, count) in other.sources {
            self.add(source, count);
        }
    }

    /// The sources of most of them, the largest first.
    fn largest_sources(&self) -> String {
        let mut sources: Vec<_> =
            self.sources.iter().map(|(source, count)| (*count, source.to_string())).collect();
        sources.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        sources.truncate(NAMED_SOURCES);
        let told: Vec<_> =
            sources.iter().map(|(count, source)| format!("{source}: {count}")).collect();
        told.join(", ")
    }

    /// The entry that tells it. It is about no enterprise, because it names sources of all.
    pub(super) fn entry(&self, actor: &Actor, now: DateTime<Utc>) -> Entry {
        let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let all = self.refused.saturating_add(self.sign_in_failed);
        let reason = format!("{all} more refusals were not recorded one by one");
        let told = |field, text: String| FieldChange {
            field,
            before: None,
            after: Some(Value::Text(text)),
        };
        Entry {
            changes: vec![
                told("refused", self.refused.to_string()),
                told("sign_in_failed", self.sign_in_failed.to_string()),
                told("since", time(self.since)),
                told("until", time(self.until)),
                told("largest_sources", self.largest_sources()),
            ],
            ..Entry::refused(actor, now, Outcome::Refused, reason)
        }
    }
}

#[cfg(test)]
mod tests;
