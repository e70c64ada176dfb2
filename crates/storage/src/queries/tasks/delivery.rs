//! Which node dials which task, and when that changed last for the node (dialing contract,
//! section 3.2).

use std::collections::{BTreeSet, HashMap};

use cadastre_domain::id::NodeId;
use cadastre_domain::task::{Delivery, Task, next_update_time};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::super::schema::{deliveries, dial_tasks, nodes};
use super::super::{Repository, Result, parsed};
use super::row::TaskRow;

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
        for (node, is_tombstone) in &before {
            let node: NodeId = parsed(node)?;
            // What was told before need not be told again.
            if !is_tombstone && !wanted.contains(&node) {
                self.deliver_to(&node, task, true)?;
            }
        }
        for node in wanted {
            self.deliver_to(node, task, false)?;
        }
        Ok(())
    }

    fn deliver_to(&mut self, node: &NodeId, task: &Task, is_tombstone: bool) -> Result<()> {
        let update_time = self.next_time(node, task.updated_at)?;
        diesel::insert_into(deliveries::table)
            .values((
                deliveries::node_id.eq(node.as_ref()),
                deliveries::task_id.eq(task.id.to_string()),
                deliveries::update_time.eq(update_time),
                deliveries::is_tombstone.eq(is_tombstone),
            ))
            .on_conflict((deliveries::node_id, deliveries::task_id))
            .do_update()
            .set((
                deliveries::update_time.eq(update_time),
                deliveries::is_tombstone.eq(is_tombstone),
            ))
            .execute(self.conn()?)?;
        Ok(())
    }

    /// A time for the next change in this node, which nothing else in it has or had. The row of the
    /// node is locked with it, so whoever comes later gets a later one.
    fn next_time(&mut self, node: &NodeId, now: DateTime<Utc>) -> Result<i64> {
        let last: i64 = nodes::table
            .find(node.as_ref())
            .select(nodes::last_update_time)
            .get_result(self.conn()?)?;
        let next = next_update_time(last, now);
        diesel::update(nodes::table.find(node.as_ref()))
            .set(nodes::last_update_time.eq(next))
            .execute(self.conn()?)?;
        Ok(next)
    }

    pub(super) fn deliver_all(&mut self, node: &NodeId, now: DateTime<Utc>) -> Result<()> {
        let tasks: Vec<String> = deliveries::table
            .filter(deliveries::node_id.eq(node.as_ref()))
            .order(deliveries::update_time)
            .select(deliveries::task_id)
            .load(self.conn()?)?;
        for task in tasks {
            let update_time = self.next_time(node, now)?;
            diesel::update(deliveries::table.find((node.as_ref(), task)))
                .set(deliveries::update_time.eq(update_time))
                .execute(self.conn()?)?;
        }
        Ok(())
    }

    pub(super) fn bury_all(&mut self, node: &NodeId) -> Result<()> {
        diesel::update(deliveries::table)
            .filter(deliveries::node_id.eq(node.as_ref()))
            .set(deliveries::is_tombstone.eq(true))
            .execute(self.conn()?)?;
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
