//! Which node dials which task, and when that changed last for the node (dialing contract,
//! section 3.2).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cadastre_domain::id::NodeId;
use cadastre_domain::task::{Delivery, Task, next_update_time};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::super::schema::{deliveries, dial_tasks, nodes};
use super::super::{Repository, Result, parsed};
use super::row::TaskRow;
use crate::{Nodes as _, StorageError};

/// How many deliveries are written in one statement.
const AT_ONCE: usize = 500;

#[derive(Insertable)]
#[diesel(table_name = deliveries, treat_none_as_default_value = false)]
struct DeliveryRow {
    node_id: String,
    task_id: String,
    update_time: i64,
    is_tombstone: bool,
}

/// What a node is told of a task: what is dialled, or a tombstone.
struct Told {
    node: NodeId,
    task: String,
    is_tombstone: bool,
}

impl Repository<'_> {
    /// Delivers tasks anew to the nodes that have them, and tombstones to those that had them. All of
    /// them were changed at the same time; a node hears of them in their order.
    pub(super) fn deliver(&mut self, tasks: &[Task]) -> Result<()> {
        let Some(now) = tasks.iter().map(|task| task.updated_at).max() else { return Ok(()) };
        let told = self.told_of(tasks)?;
        self.tell(told, now)
    }

    /// Gives deliveries new times, each its own at its node, in this order.
    fn tell(&mut self, told: Vec<Told>, now: DateTime<Utc>) -> Result<()> {
        let mut times = self.next_times(told.iter().map(|told| &told.node), now)?;
        let row = |told: Told| {
            let time = times.get_mut(&told.node).ok_or(diesel::result::Error::NotFound)?;
            let update_time = *time;
            *time += 1;
            let Told { node, task, is_tombstone } = told;
            Ok(DeliveryRow { node_id: node.into(), task_id: task, update_time, is_tombstone })
        };
        let rows = told.into_iter().map(row).collect::<Result<Vec<_>>>()?;
        for some in rows.chunks(AT_ONCE) {
            diesel::insert_into(deliveries::table)
                .values(some)
                .on_conflict((deliveries::node_id, deliveries::task_id))
                .do_update()
                .set((
                    deliveries::update_time.eq(excluded(deliveries::update_time)),
                    deliveries::is_tombstone.eq(excluded(deliveries::is_tombstone)),
                ))
                .execute(self.conn()?)?;
        }
        Ok(())
    }

    /// Whom to tell of these tasks. What was told before need not be told again.
    fn told_of(&mut self, tasks: &[Task]) -> Result<Vec<Told>> {
        let mut told = Vec::new();
        for some in tasks.chunks(AT_ONCE) {
            let ids: Vec<_> = some.iter().map(|task| task.id.to_string()).collect();
            let mut before = self.nodes_of(&ids)?;
            for (task, id) in some.iter().zip(ids) {
                let wanted: BTreeSet<&NodeId> = match task.deleted_at {
                    Some(_) => BTreeSet::new(),
                    None => task.nodes.iter().collect(),
                };
                let gone = before.remove(&id).unwrap_or_default();
                let gone = gone.into_iter().filter(|node| !wanted.contains(node));
                told.extend(gone.map(|node| Told { node, task: id.clone(), is_tombstone: true }));
                told.extend(wanted.into_iter().cloned().map(|node| {
                    let task = id.clone();
                    Told { node, task, is_tombstone: false }
                }));
            }
        }
        Ok(told)
    }

    /// For each of these nodes as many times as it stands here, which nothing else in it has or had:
    /// the first of them, behind which the others follow one by one. As most nodes get the same ones
    /// unless a clock was set back, that takes few statements.
    fn next_times<'a>(
        &mut self,
        told: impl Iterator<Item = &'a NodeId>,
        now: DateTime<Utc>,
    ) -> Result<HashMap<NodeId, i64>> {
        let mut counts = HashMap::<&NodeId, i64>::new();
        for node in told {
            *counts.entry(node).or_default() += 1;
        }
        let ids: Vec<NodeId> = counts.keys().copied().cloned().collect();
        let (mut times, mut groups) = (HashMap::new(), BTreeMap::<i64, Vec<String>>::new());
        for (node, last) in self.update_times(&ids)? {
            let first = next_update_time(last, now);
            let count = counts.get(&node).copied().unwrap_or(1);
            groups.entry(first + count - 1).or_default().push(node.to_string());
            times.insert(node, first);
        }
        for (last, group) in groups {
            for some in group.chunks(AT_ONCE) {
                diesel::update(nodes::table.filter(nodes::id.eq_any(some)))
                    .set(nodes::last_update_time.eq(last))
                    .execute(self.conn()?)?;
            }
        }
        Ok(times)
    }

    pub(super) fn deliver_all(&mut self, node: &NodeId, now: DateTime<Utc>) -> Result<()> {
        let told = self.told_to(node)?;
        self.tell(told, now)
    }

    /// Delivers everything once more, but tombstones.
    pub(super) fn deliver_all_alive(&mut self, now: DateTime<Utc>) -> Result<()> {
        let rows: Vec<(String, String)> = deliveries::table
            .filter(deliveries::is_tombstone.eq(false))
            .order(deliveries::update_time)
            .select((deliveries::node_id, deliveries::task_id))
            .load(self.conn()?)?;
        let told = |(node, task): (String, _)| {
            Ok(Told { node: parsed(&node)?, task, is_tombstone: false })
        };
        let told = rows.into_iter().map(told).collect::<Result<Vec<_>>>()?;
        self.tell(told, now)
    }

    pub(super) fn bury_all(&mut self, node: &NodeId, now: DateTime<Utc>) -> Result<()> {
        let alive = self.told_to(node)?.into_iter().filter(|told| !told.is_tombstone);
        let buried = alive.map(|told| Told { is_tombstone: true, ..told }).collect();
        self.tell(buried, now)
    }

    /// What a node was told, in this order.
    fn told_to(&mut self, node: &NodeId) -> Result<Vec<Told>> {
        let rows: Vec<(String, bool)> = deliveries::table
            .filter(deliveries::node_id.eq(node.as_ref()))
            .order(deliveries::update_time)
            .select((deliveries::task_id, deliveries::is_tombstone))
            .load(self.conn()?)?;
        let told = |(task, is_tombstone)| Told { node: node.clone(), task, is_tombstone };
        Ok(rows.into_iter().map(told).collect())
    }

    pub(super) fn deliveries_behind(
        &mut self,
        node: &NodeId,
        since: i64,
        limit: usize,
    ) -> Result<Vec<Delivery>> {
        let (mut found, mut since) = (Vec::new(), since);
        loop {
            let wanted = limit - found.len();
            let rows = self.delivered(node, since, wanted)?;
            let is_last = rows.len() < wanted;
            since = rows.last().map_or(since, |(update_time, ..)| *update_time);
            found.extend(self.readable(node, &rows)?);
            if is_last || found.len() >= limit {
                return Ok(found);
            }
        }
    }

    fn delivered(
        &mut self,
        node: &NodeId,
        since: i64,
        limit: usize,
    ) -> Result<Vec<(i64, bool, TaskRow)>> {
        let rows = deliveries::table
            .inner_join(dial_tasks::table.on(dial_tasks::id.eq(deliveries::task_id)))
            .filter(deliveries::node_id.eq(node.as_ref()))
            .filter(deliveries::update_time.gt(since))
            .order(deliveries::update_time)
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .select((deliveries::update_time, deliveries::is_tombstone, TaskRow::as_select()))
            .load(self.conn()?)?;
        Ok(rows)
    }

    /// Those of these deliveries that can be read.
    fn readable(&self, node: &NodeId, rows: &[(i64, bool, TaskRow)]) -> Result<Vec<Delivery>> {
        let mut found = Vec::with_capacity(rows.len());
        for (update_time, is_tombstone, row) in rows {
            let (update_time, is_tombstone) = (*update_time, *is_tombstone);
            match parsed(&row.id).and_then(|task| Ok((task, row.dial(self.safe)?))) {
                Ok((task, dial)) => found.push(Delivery { task, dial, update_time, is_tombstone }),
                Err(StorageError::Query(reason)) => {
                    log::error!(
                        "{} cannot be read, so the node {node} is not told of it: {reason}",
                        row.id
                    );
                }
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    pub(super) fn drop_tombstones(&mut self, before: DateTime<Utc>, limit: i64) -> Result<usize> {
        let old: Vec<(String, String)> = deliveries::table
            .filter(deliveries::is_tombstone.eq(true))
            .filter(deliveries::update_time.lt(before.timestamp_micros()))
            .order(deliveries::update_time)
            .limit(limit)
            .select((deliveries::node_id, deliveries::task_id))
            .load(self.conn()?)?;
        for (node, task) in &old {
            diesel::delete(deliveries::table.find((node, task))).execute(self.conn()?)?;
        }
        let left = deliveries::table.select(deliveries::task_id);
        let done = dial_tasks::table
            .filter(dial_tasks::deleted_at.lt(before))
            .filter(diesel::dsl::not(dial_tasks::id.eq_any(left)));
        diesel::delete(done).execute(self.conn()?)?;
        Ok(old.len())
    }
}
