//! Rows and queries of dial tasks.

mod delivery;
pub(super) mod row;
mod tags;
mod tokens;

use std::collections::HashMap;

use cadastre_domain::id::{EnterpriseId, NodeId, RegionId, TaskId};
use cadastre_domain::secret::Secret;
use cadastre_domain::task::{Delivery, Tag, Task};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::{deliveries, dial_tags, dial_task_tags, dial_tasks};
use super::{Conn, Repository, Result, contains, parsed, twice};
use crate::{DialTasks, TaskFilter};
use row::TaskRow;

/// How many tasks are asked for in one statement.
const LOOK_UP: usize = 500;

/// A list of tasks that is being narrowed down.
type Narrowed = dial_tasks::BoxedQuery<'static, <Conn as Connection>::Backend>;

fn fitting(filter: &TaskFilter) -> Narrowed {
    let own = dial_tasks::table
        .filter(dial_tasks::enterprise_id.eq(filter.enterprise.to_string()))
        .filter(dial_tasks::deleted_at.is_null())
        .into_boxed();
    let mut query = while_in_time!(own);
    if let Some(region) = filter.region {
        query = query.filter(dial_tasks::region_id.eq(region.to_string()));
    }
    if !filter.classes.is_empty() {
        let classes: Vec<_> = filter.classes.iter().map(|class| class.as_str()).collect();
        query = query.filter(dial_tasks::class.eq_any(classes));
    }
    if !filter.statuses.is_empty() {
        let statuses: Vec<_> = filter.statuses.iter().map(|status| status.as_str()).collect();
        query = query.filter(dial_tasks::status.eq_any(statuses));
    }
    if !filter.schedules.is_empty() {
        query = query.filter(dial_tasks::schedule.eq_any(filter.schedules.clone()));
    }
    if !filter.tags.is_empty() {
        let tagged = dial_task_tags::table
            .filter(dial_task_tags::tag_id.eq_any(filter.tags.clone()))
            .select(dial_task_tags::task_id);
        query = query.filter(dial_tasks::id.eq_any(tagged));
    }
    if let Some(text) = &filter.contains {
        query = query.filter(folded_like!(dial_tasks::name, contains(text)));
    }
    query
}

impl Repository<'_> {
    /// The tasks of these rows, with their nodes and tags.
    fn completed(&mut self, rows: Vec<TaskRow>) -> Result<Vec<Task>> {
        let mut tasks = Vec::with_capacity(rows.len());
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let some: Vec<TaskRow> = rows.by_ref().take(LOOK_UP).collect();
            let ids: Vec<String> = some.iter().map(|row| row.id.clone()).collect();
            let (mut nodes, mut tags) = (self.nodes_of(&ids)?, self.tags_of(&ids)?);
            for row in some {
                let nodes = nodes.remove(&row.id).unwrap_or_default();
                let tags = tags.remove(&row.id).unwrap_or_default();
                tasks.push(row.task(self.safe, nodes, tags)?);
            }
        }
        Ok(tasks)
    }

    /// Updates the row of a task; `false` when the stored version is not the one before.
    fn update_task(&mut self, task: &Task) -> Result<bool> {
        let row = self.sealed_task(task)?;
        let changed = diesel::update(dial_tasks::table)
            .filter(dial_tasks::id.eq(&row.id))
            .filter(dial_tasks::version.eq(task.version - 1))
            .set(&row)
            .execute(self.conn()?)?;
        Ok(changed == 1)
    }

    /// The nodes that dial these tasks now.
    fn nodes_of(&mut self, tasks: &[String]) -> Result<HashMap<String, Vec<NodeId>>> {
        let rows: Vec<(String, String)> = deliveries::table
            .filter(deliveries::task_id.eq_any(tasks))
            .filter(deliveries::is_tombstone.eq(false))
            .select((deliveries::task_id, deliveries::node_id))
            .load(self.conn()?)?;
        let mut nodes: HashMap<_, Vec<NodeId>> = HashMap::new();
        for (task, node) in rows {
            nodes.entry(task).or_default().push(parsed(&node)?);
        }
        for nodes in nodes.values_mut() {
            nodes.sort();
        }
        Ok(nodes)
    }

    fn tags_of(&mut self, tasks: &[String]) -> Result<HashMap<String, Vec<Tag>>> {
        let rows: Vec<(String, String, String)> = dial_task_tags::table
            .inner_join(dial_tags::table)
            .filter(dial_task_tags::task_id.eq_any(tasks))
            .order((dial_tags::name, dial_tags::id))
            .select((dial_task_tags::task_id, dial_tags::id, dial_tags::name))
            .load(self.conn()?)?;
        let mut tags: HashMap<_, Vec<_>> = HashMap::new();
        for (task, id, name) in rows {
            tags.entry(task).or_default().push(tags::tag(&id, name)?);
        }
        Ok(tags)
    }
}

impl DialTasks for Repository<'_> {
    fn insert_task(&mut self, task: &Task) -> Result<i64> {
        let row = self.sealed_task(task)?;
        let number = diesel::insert_into(dial_tasks::table)
            .values(&row)
            .returning(dial_tasks::number)
            .get_result(self.conn()?)?;
        self.replace_tags(task)?;
        self.deliver(std::slice::from_ref(task))?;
        Ok(number)
    }

    fn find_task(&mut self, id: TaskId) -> Result<Option<Task>> {
        Ok(self.find_tasks(&[id])?.pop())
    }

    fn find_tasks(&mut self, ids: &[TaskId]) -> Result<Vec<Task>> {
        twice(|| {
            let mut rows = Vec::new();
            for some in ids.chunks(LOOK_UP) {
                let some: Vec<_> = some.iter().map(ToString::to_string).collect();
                let found: Vec<TaskRow> = dial_tasks::table
                    .filter(dial_tasks::id.eq_any(some))
                    .filter(dial_tasks::deleted_at.is_null())
                    .select(TaskRow::as_select())
                    .load(self.conn()?)?;
                rows.extend(found);
            }
            self.completed(rows)
        })
    }

    fn list_tasks(&mut self, filter: &TaskFilter, offset: i64, limit: i64) -> Result<Vec<Task>> {
        twice(|| {
            let rows = fitting(filter)
                .order(dial_tasks::number.desc())
                .offset(offset)
                .limit(limit)
                .select(TaskRow::as_select())
                .load(self.conn()?)?;
            self.completed(rows)
        })
    }

    fn count_tasks(&mut self, filter: &TaskFilter) -> Result<i64> {
        Ok(fitting(filter).count().get_result(self.conn()?)?)
    }

    fn tasks_of_region(&mut self, region: RegionId) -> Result<Vec<Task>> {
        twice(|| {
            let rows = dial_tasks::table
                .filter(dial_tasks::region_id.eq(region.to_string()))
                .filter(dial_tasks::deleted_at.is_null())
                .select(TaskRow::as_select())
                .load(self.conn()?)?;
            let mut tasks = self.completed(rows)?;
            tasks.sort_by_key(|task| task.number);
            Ok(tasks)
        })
    }

    fn targets_since(&mut self, ids: &[TaskId]) -> Result<Vec<(TaskId, DateTime<Utc>)>> {
        let mut found = Vec::with_capacity(ids.len());
        for some in ids.chunks(LOOK_UP) {
            let some: Vec<_> = some.iter().map(ToString::to_string).collect();
            let rows: Vec<(String, DateTime<Utc>)> = dial_tasks::table
                .filter(dial_tasks::id.eq_any(some))
                .filter(dial_tasks::deleted_at.is_null())
                .select((dial_tasks::id, dial_tasks::target_since))
                .load(self.conn()?)?;
            for (id, since) in rows {
                found.push((parsed(&id)?, since));
            }
        }
        Ok(found)
    }

    fn save_task(&mut self, task: &Task) -> Result<bool> {
        if !self.update_task(task)? {
            return Ok(false);
        }
        self.replace_tags(task)?;
        self.deliver(std::slice::from_ref(task))?;
        Ok(true)
    }

    fn save_tasks(&mut self, tasks: &[Task]) -> Result<bool> {
        for task in tasks {
            if !self.update_task(task)? {
                return Ok(false);
            }
        }
        self.deliver(tasks)?;
        Ok(true)
    }

    fn ensure_tags(&mut self, enterprise: EnterpriseId, tags: &[Tag]) -> Result<Vec<Tag>> {
        tags.iter().map(|tag| self.ensure_tag(enterprise, tag)).collect()
    }

    fn list_tags(&mut self, enterprise: EnterpriseId) -> Result<Vec<Tag>> {
        self.all_tags(enterprise)
    }

    fn redeliver(&mut self, node: &NodeId, now: DateTime<Utc>) -> Result<()> {
        self.deliver_all(node, now)
    }

    fn withdraw_deliveries(&mut self, node: &NodeId, now: DateTime<Utc>) -> Result<()> {
        self.bury_all(node, now)
    }

    fn deliveries(&mut self, node: &NodeId, since: i64, limit: i64) -> Result<Vec<Delivery>> {
        let limit = usize::try_from(limit).unwrap_or_default();
        twice(|| self.deliveries_behind(node, since, limit))
    }

    fn nodes_of_task(&mut self, task: TaskId) -> Result<Vec<NodeId>> {
        let rows: Vec<String> = deliveries::table
            .filter(deliveries::task_id.eq(task.to_string()))
            .order(deliveries::node_id)
            .select(deliveries::node_id)
            .load(self.conn()?)?;
        rows.iter().map(|id| parsed(id)).collect()
    }

    fn is_delivered(&mut self, node: &NodeId, task: TaskId) -> Result<bool> {
        let delivery = deliveries::table.find((node.as_ref(), task.to_string()));
        let found = delivery.select(deliveries::is_tombstone).get_result::<bool>(self.conn()?);
        Ok(found.optional()?.is_some())
    }

    fn delivered(&mut self, node: &NodeId, tasks: &[TaskId]) -> Result<Vec<TaskId>> {
        let mut found = Vec::new();
        for some in tasks.chunks(LOOK_UP) {
            let some: Vec<_> = some.iter().map(ToString::to_string).collect();
            let rows: Vec<String> = deliveries::table
                .filter(deliveries::node_id.eq(node.as_ref()))
                .filter(deliveries::task_id.eq_any(some))
                .select(deliveries::task_id)
                .load(self.conn()?)?;
            for task in rows {
                found.push(parsed(&task)?);
            }
        }
        Ok(found)
    }

    fn forget_tombstones(&mut self, before: DateTime<Utc>, limit: i64) -> Result<usize> {
        self.drop_tombstones(before, limit)
    }

    fn find_shared_result_token(&mut self, text: &Secret) -> Result<Option<EnterpriseId>> {
        self.owner_of_shared_token(text)
    }

    fn tokens_signed_since(&mut self) -> Result<Option<DateTime<Utc>>> {
        self.when_tokens_were_signed_first()
    }

    fn sign_tokens_from(&mut self, now: DateTime<Utc>) -> Result<()> {
        self.begin_to_sign_tokens(now)
    }

    fn access_ended_at(&mut self) -> Result<i64> {
        self.when_access_ended()
    }
}
