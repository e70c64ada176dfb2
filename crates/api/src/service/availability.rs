//! How a watched region stands, as its nodes see it: now, and over time.

mod groups;
mod known;

use cadastre_domain::availability::State;
use cadastre_domain::id::{NodeId, TaskId};
use cadastre_domain::node::Node;
use cadastre_domain::region::Region;
use cadastre_domain::result::{LastSeen, Rollup, Step};
use cadastre_domain::task::DialTask;
use cadastre_domain::token::Caller;
use cadastre_domain::watch::{Watch, WatchPart, plan};
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use super::nodes::contacts::contacts;
use super::regions::change::{Named, find};
use crate::app::App;
use crate::error::{Error, Thing};
pub use groups::{Figures, Group, Place};
pub(super) use known::{Known, Looking, Seen};

/// A time over which something is summed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its name on the wire.
    pub name: &'static str,
    /// Of what it is summed up.
    pub step: Step,
    /// How many of them, the present one included.
    pub length: i64,
}

/// The last day by the hour; the last week and the last 30 days by the day.
pub const SPANS: [Span; 3] = [
    Span { name: "24h", step: Step::Hour, length: 24 },
    Span { name: "7d", step: Step::Day, length: 7 },
    Span { name: "30d", step: Step::Day, length: 30 },
];

/// One part of a region, as one node sees it.
#[derive(Debug, Clone)]
pub struct Member {
    /// The node.
    pub node: NodeId,
    /// The part.
    pub part: WatchPart,
    /// The task that dials it now.
    pub task: TaskId,
    /// How it stands.
    pub state: State,
    /// What the node found last of what is dialled now.
    pub last: Option<LastSeen>,
    /// What it came to over each of [`SPANS`].
    pub spans: [Rollup; SPANS.len()],
}

/// How a watched region stands.
#[derive(Debug, Clone)]
pub struct Availability {
    /// The region.
    pub region: Region,
    /// The watch.
    pub watch: Watch,
    /// When that was asked.
    pub now: DateTime<Utc>,
    /// The nodes that watch it, without those that are deleted.
    pub nodes: Vec<Node>,
    /// Each part as each node sees it.
    pub members: Vec<Member>,
}

impl Span {
    /// The numbers of the hours or days that it is made of, the earliest first.
    #[must_use]
    pub fn numbers(self, now: DateTime<Utc>) -> std::ops::RangeInclusive<i64> {
        let present = now.timestamp().div_euclid(self.step.seconds());
        present - self.length + 1..=present
    }

    /// When it begins.
    #[must_use]
    pub fn start(self, now: DateTime<Utc>) -> DateTime<Utc> {
        let seconds = self.numbers(now).start() * self.step.seconds();
        DateTime::from_timestamp(seconds, 0).unwrap_or(now)
    }
}

/// How a watched region stands.
///
/// # Errors
/// No such region for the caller, or one that is not watched; failures of the storage.
pub fn show(
    app: &App,
    tx: &mut dyn Tx,
    caller: &Caller,
    named: &Named,
) -> Result<Availability, Error> {
    let region = find(tx, caller, named, Thing::Region)?.region;
    let watch = tx.find_watch(region.id)?.ok_or(Error::NotFound(Thing::Watch))?;
    of_watch(app, tx, region, watch)
}

/// The parts of a region that are dialled, what is dialled there, and by which task. What cannot be
/// dialled is nobody's to see.
pub(super) fn dialled(region: &Region, watch: &Watch) -> Vec<(WatchPart, DialTask, TaskId)> {
    let planned = plan(region, watch).into_iter();
    planned
        .filter_map(|planned| {
            let dial = planned.dial.ok()?;
            let task = watch.task_id(planned.part, dial.class())?;
            Some((planned.part, dial, task))
        })
        .collect()
}

/// How the region of a watch stands.
///
/// # Errors
/// Failures of the storage.
pub fn of_watch(
    app: &App,
    tx: &mut dyn Tx,
    region: Region,
    watch: Watch,
) -> Result<Availability, Error> {
    let now = app.clock.now();
    let mut nodes = tx.find_nodes(&watch.nodes)?;
    nodes.retain(|node| node.deleted_at.is_none());
    // The longest of each step has all the others in it.
    let numbers = [SPANS[0], SPANS[2]].map(|span| (span.step, span.numbers(now)));
    let contacts = contacts(app, tx, &watch.nodes)?;
    let looking = Looking { seen: Seen::Latest, contacts: &contacts, numbers: &numbers };
    let known = Known::read(tx, std::slice::from_ref(&watch), &looking)?;
    let mut members = Vec::new();
    for (part, _, task) in dialled(&region, &watch) {
        for node in &nodes {
            members.push(known.member(&watch, node, (part, task), now));
        }
    }
    Ok(Availability { region, watch, now, nodes, members })
}
