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
use crate::Nodes as _;

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

impl Repository<'_> {
    /// Delivers a task anew to the nodes that have it, and a tombstone to those that had it.
    pub(super) fn deliver(&mut self, task: &Task) -> Result<()> {
        let wanted: BTreeSet<&NodeId> =
            if task.deleted_at.is_some() { BTreeSet::new() } else { task.nodes.iter().collect() };
        let before: Vec<(String, bool)> = deliveries::table
            .filter(deliveries::task_id.eq(task.id.to_string()))
            .order(deliveries::node_id)
            .select((deliveries::node_id, deliveries::is_tombstone))
            .load(self.conn()?)?;
        let mut told = Vec::new();
        for (node, is_tombstone) in &before {
            let node: NodeId = parsed(node)?;
            // What was told before need not be told again.
            if !is_tombstone && !wanted.contains(&node) {
                told.push((node, true));
            }
        }
        told.extend(wanted.into_iter().map(|node| (node.clone(), false)));
        for some in told.chunks(AT_ONCE) {
            self.deliver_to(some, task)?;
        }
        Ok(())
    }

    /// Delivers a task to each of these nodes, or a tombstone of it.
    fn deliver_to(&mut self, nodes: &[(NodeId, bool)], task: &Task) -> Result<()> {
        let ids: Vec<NodeId> = nodes.iter().map(|(node, _)| node.clone()).collect();
        let times = self.next_times(&ids, task.updated_at)?;
        let task_id = task.id.to_string();
        let row = |(node, is_tombstone): &(NodeId, bool)| {
            let update_time = times.get(node).copied().ok_or(diesel::result::Error::NotFound)?;
            let (node_id, task_id) = (node.to_string(), task_id.clone());
            Ok(DeliveryRow { node_id, task_id, update_time, is_tombstone: *is_tombstone })
        };
        let rows = nodes.iter().map(row).collect::<Result<Vec<_>>>()?;
        self.write_deliveries(&rows)
    }

    fn write_deliveries(&mut self, rows: &[DeliveryRow]) -> Result<()> {
        diesel::insert_into(deliveries::table)
            .values(rows)
            .on_conflict((deliveries::node_id, deliveries::task_id))
            .do_update()
            .set((
                deliveries::update_time.eq(excluded(deliveries::update_time)),
                deliveries::is_tombstone.eq(excluded(deliveries::is_tombstone)),
            ))
            .execute(self.conn()?)?;
        Ok(())
    }

    /// For each of these nodes a time for its next change, which nothing else in it has or had. As
    /// all of them get the same one unless a clock was set back, that takes two statements.
    fn next_times(&mut self, ids: &[NodeId], now: DateTime<Utc>) -> Result<HashMap<NodeId, i64>> {
        let (mut times, mut groups) = (HashMap::new(), BTreeMap::<i64, Vec<String>>::new());
        for (node, last) in self.update_times(ids)? {
            let next = next_update_time(last, now);
            groups.entry(next).or_default().push(node.to_string());
            times.insert(node, next);
        }
        for (next, group) in groups {
            diesel::update(nodes::table.filter(nodes::id.eq_any(group)))
                .set(nodes::last_update_time.eq(next))
                .execute(self.conn()?)?;
        }
        Ok(times)
    }

    pub(super) fn deliver_all(&mut self, node: &NodeId, now: DateTime<Utc>) -> Result<()> {
        let told = self.told(node)?;
        self.tell_again(node, told, now)
    }

    pub(super) fn bury_all(&mut self, node: &NodeId, now: DateTime<Utc>) -> Result<()> {
        let alive = self.told(node)?.into_iter().filter(|(_, is_tombstone)| !is_tombstone);
        let buried = alive.map(|(task, _)| (task, true)).collect();
        self.tell_again(node, buried, now)
    }

    /// What a node was told, in this order: tasks, and whether they are tombstones.
    fn told(&mut self, node: &NodeId) -> Result<Vec<(String, bool)>> {
        Ok(deliveries::table
            .filter(deliveries::node_id.eq(node.as_ref()))
            .order(deliveries::update_time)
            .select((deliveries::task_id, deliveries::is_tombstone))
            .load(self.conn()?)?)
    }

    /// Gives deliveries of a node new times, each its own, in this order.
    fn tell_again(
        &mut self,
        node: &NodeId,
        told: Vec<(String, bool)>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let last = self.update_times(std::slice::from_ref(node))?.pop();
        let first = next_update_time(last.map_or(0, |(_, last)| last), now);
        let row = |(update_time, (task_id, is_tombstone))| {
            let node_id = node.to_string();
            DeliveryRow { node_id, task_id, update_time, is_tombstone }
        };
        let rows: Vec<_> = (first..).zip(told).map(row).collect();
        let Some(newest) = rows.last() else { return Ok(()) };
        diesel::update(nodes::table.find(node.as_ref()))
            .set(nodes::last_update_time.eq(newest.update_time))
            .execute(self.conn()?)?;
        for some in rows.chunks(AT_ONCE) {
            self.write_deliveries(some)?;
        }
        Ok(())
    }

    pub(super) fn deliveries_behind(
        &mut self,
        node: &NodeId,
        since: i64,
        limit: i64,
    ) -> Result<Vec<Delivery>> {
        let rows: Vec<(i64, bool, TaskRow)> = deliveries::table
            .inner_join(dial_tasks::table.on(dial_tasks::id.eq(deliveries::task_id)))
            .filter(deliveries::node_id.eq(node.as_ref()))
            .filter(deliveries::update_time.gt(since))
            .order(deliveries::update_time)
            .limit(limit)
            .select((deliveries::update_time, deliveries::is_tombstone, TaskRow::as_select()))
            .load(self.conn()?)?;
        let (mut found, mut times) = (Vec::new(), HashMap::new());
        for (update_time, is_tombstone, row) in rows {
            times.insert(row.id.clone(), (update_time, is_tombstone));
            found.push(row);
        }
        let told = self.completed(found)?.into_iter().filter_map(|task| {
            let (update_time, is_tombstone) = times.get(&task.id.to_string()).copied()?;
            Some(Delivery { task, update_time, is_tombstone })
        });
        Ok(told.collect())
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
