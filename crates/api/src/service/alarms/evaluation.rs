//! The job that judges what is known and moves alarms on.
//!
//! Every server may do so at any time. What is known is read and judged without a transaction that
//! writes; then only what changes is written, and only if the stored alarm is still the one that was
//! judged. With it, in the same transaction, goes what everybody has to be told, so that nothing is
//! lost if the server dies at any moment.

mod writing;

use std::collections::{HashMap, HashSet};

use cadastre_domain::alarm::{
    Alarm, AlarmKind, AlarmState, AlarmSubject, Finding, NodeFacts, Observed, RegionFacts,
    SubjectKind,
};
use cadastre_domain::id::{AlarmId, EnterpriseId, NodeId};
use cadastre_domain::node::Listening;
use cadastre_storage::{AlarmFilter, Tx};
use chrono::{DateTime, TimeDelta, Utc};

use super::facts::{self, Sight};
use crate::app::App;
use crate::error::Error;
use crate::ids;
use crate::reads::ReadClass;

/// How often versions of agents are looked at, which change seldom and take a look at every series.
const AGENTS_JUDGED: TimeDelta = TimeDelta::minutes(5);

/// How often it is looked at how long regions take, for which many roll-ups are read.
const LATENCY_JUDGED: TimeDelta = TimeDelta::minutes(5);

/// How many things are read and judged at once.
const CHUNK: i64 = 500;

/// What a rule found about a subject.
#[derive(Clone)]
struct Judged {
    enterprise_id: EnterpriseId,
    subject: AlarmSubject,
    kind: AlarmKind,
    finding: Finding,
    is_muted: bool,
}

/// Judges everything once; how many alarms changed. Nodes that may not have been heard are waited for.
///
/// # Errors
/// Failures of the storage. What can be judged all the same is, and the rest the next time.
pub async fn evaluate(app: &App, listening: Listening, now: DateTime<Utc>) -> Result<usize, Error> {
    let nodes = nodes(app, listening, now).await;
    let regions = regions(app, now).await;
    Ok(nodes? + regions?)
}

async fn nodes(app: &App, listening: Listening, now: DateTime<Utc>) -> Result<usize, Error> {
    let (mut after, mut count, oldest) = (None::<NodeId>, 0, app.oldest_agent);
    let with_agents = app.agents_judged.is_due(now, AGENTS_JUDGED);
    let sight = Sight { now, listening, with_agents };
    loop {
        let (place, shared, sight) = (after.take(), app.clone(), sight.clone());
        let read = move |tx: &mut dyn Tx| {
            let nodes = tx.list_all_nodes(place.as_ref(), CHUNK)?;
            let facts = facts::of_nodes(&shared, tx, &nodes, &sight)?;
            let mut judged: Vec<_> =
                facts.iter().flat_map(|facts| node(facts, facts.findings(oldest, now))).collect();
            judged.retain(|judged| with_agents || judged.kind != AlarmKind::AgentOutdated);
            let changes = observe(tx, judged, now)?;
            Ok((nodes.last().map(|node| node.id.clone()), changes))
        };
        let (last, changes) = app.read_as(ReadClass::BACKGROUND, read).await?;
        count += writing::write(app, changes, now).await?;
        if last.is_none() {
            return Ok(count);
        }
        after = last;
    }
}

fn node(facts: &NodeFacts, found: [(AlarmKind, Finding); 3]) -> [Judged; 3] {
    found.map(|(kind, finding)| Judged {
        enterprise_id: facts.enterprise_id,
        subject: AlarmSubject::Node(facts.node_id.clone()),
        kind,
        finding,
        is_muted: false,
    })
}

async fn regions(app: &App, now: DateTime<Utc>) -> Result<usize, Error> {
    let (mut after, mut count, mut all) = (None, 0, Vec::new());
    let with_latency = app.latency_judged.is_due(now, LATENCY_JUDGED);
    loop {
        let shared = app.clone();
        let read = move |tx: &mut dyn Tx| {
            let (facts, last) = facts::of_regions(&shared, tx, after, with_latency, now)?;
            let mut judged: Vec<_> =
                facts.iter().flat_map(|facts| region(facts, facts.findings(now))).collect();
            judged.retain(|judged| with_latency || judged.kind != AlarmKind::RegionSlow);
            let changes = observe(tx, judged.clone(), now)?;
            Ok((last, judged, changes))
        };
        let (last, judged, changes) = app.read_as(ReadClass::BACKGROUND, read).await?;
        count += writing::write(app, changes, now).await?;
        all.extend(judged);
        if last.is_none() {
            break;
        }
        after = last;
    }
    let read = move |tx: &mut dyn Tx| {
        let gone = gone(tx, &all)?;
        observe(tx, gone, now)
    };
    let changes = app.read_as(ReadClass::BACKGROUND, read).await?;
    Ok(count + writing::write(app, changes, now).await?)
}

fn region(facts: &RegionFacts, found: [(AlarmKind, Finding); 3]) -> [Judged; 3] {
    found.map(|(kind, finding)| Judged {
        enterprise_id: facts.enterprise_id,
        subject: AlarmSubject::Region(facts.region_id),
        kind,
        finding,
        is_muted: facts.in_maintenance,
    })
}

/// That the rules do not apply to regions that have open alarms but were not judged: they are not
/// watched any more, or gone. So it is with alarms that are over but of which nobody was told that
/// yet, as it was while they were muted. Nodes are always judged, since those that were deleted are
/// kept.
fn gone(tx: &mut dyn Tx, judged: &[Judged]) -> Result<Vec<Judged>, Error> {
    let known: HashSet<_> = judged.iter().map(|judged| &judged.subject).collect();
    let mut gone = Vec::new();
    for state in AlarmState::ALL {
        let is_announced = state == AlarmState::Resolved;
        let mut filter = AlarmFilter { state: Some(state), is_announced, ..AlarmFilter::default() };
        loop {
            let alarms = tx.list_alarms(&filter, CHUNK)?.items;
            filter.after = alarms.last().map(|alarm| alarm.id);
            let of_region = |alarm: &Alarm| alarm.subject.kind() == SubjectKind::Region;
            let lost = alarms.into_iter().filter(|a| of_region(a) && !known.contains(&a.subject));
            gone.extend(lost.map(|alarm| Judged {
                enterprise_id: alarm.enterprise_id,
                subject: alarm.subject,
                kind: alarm.kind,
                finding: Finding::Void,
                is_muted: false,
            }));
            if filter.after.is_none() {
                break;
            }
        }
    }
    Ok(gone)
}

/// The alarms that change by what was found.
fn observe(
    tx: &mut dyn Tx,
    judged: Vec<Judged>,
    now: DateTime<Utc>,
) -> Result<Vec<Observed>, Error> {
    let subjects: HashSet<_> = judged.iter().map(|judged| judged.subject.clone()).collect();
    let subjects: Vec<_> = subjects.into_iter().collect();
    let stored = tx.alarms_about(&subjects)?;
    let mut stored: HashMap<(AlarmSubject, AlarmKind), Alarm> =
        stored.into_iter().map(|alarm| ((alarm.subject.clone(), alarm.kind), alarm)).collect();
    let mut changes = Vec::new();
    for Judged { enterprise_id, subject, kind, finding, is_muted } in judged {
        let is_bad = matches!(finding, Finding::Bad { .. });
        let before = match stored.remove(&(subject.clone(), kind)) {
            Some(alarm) => alarm,
            None if is_bad => Alarm::quiet(new_id(), enterprise_id, kind, subject, now),
            // Nothing was ever wrong, and nothing is.
            None => continue,
        };
        let observed = before.observe(&finding, is_muted, now);
        if observed.is_changed {
            changes.push(observed);
        }
    }
    Ok(changes)
}

fn new_id() -> AlarmId {
    ids::hex_id()
}
