//! The row of a dial task. What is dialled may hold passwords and keys, so it is sealed.

use cadastre_domain::id::NodeId;
use cadastre_domain::task::{DialTask, Schedule, Tag, Task, TaskClass};
use cadastre_domain::user::UserId;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::{Map, Value};

use super::super::schema::dial_tasks;
use super::super::{Repository, Result, invalid, parsed};
use crate::safe::Safe;
use crate::vault::{KeyId, Place};

/// Where what a task dials stands.
pub(in super::super) const fn place(row: &str) -> Place<'_> {
    Place { table: "dial_tasks", row, column: "content" }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = dial_tasks)]
pub(super) struct TaskRow {
    number: i64,
    pub(super) id: String,
    enterprise_id: String,
    class: String,
    content: Vec<u8>,
    key_id: String,
    region_id: Option<String>,
    created_by: Option<i64>,
    updated_by: Option<i64>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    deleted_at: Option<DateTime<Utc>>,
    version: i64,
    target_since: DateTime<Utc>,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = dial_tasks, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(super) struct SealedTask {
    pub(super) id: String,
    enterprise_id: String,
    class: &'static str,
    name: String,
    schedule: String,
    status: &'static str,
    content: Vec<u8>,
    key_id: String,
    region_id: Option<String>,
    created_by: Option<i64>,
    updated_by: Option<i64>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    deleted_at: Option<DateTime<Utc>>,
    version: i64,
    target_since: DateTime<Utc>,
}

impl TaskRow {
    pub(super) fn task(self, safe: &Safe, nodes: Vec<NodeId>, tags: Vec<Tag>) -> Result<Task> {
        Ok(Task {
            id: parsed(&self.id)?,
            number: Some(self.number),
            enterprise_id: parsed(&self.enterprise_id)?,
            dial: self.dial(safe)?,
            nodes,
            tags,
            region_id: self.region_id.as_deref().map(parsed).transpose()?,
            created_by: self.created_by.map(UserId),
            updated_by: self.updated_by.map(UserId),
            created_at: self.created_at,
            updated_at: self.updated_at,
            deleted_at: self.deleted_at,
            version: self.version,
            target_since: self.target_since,
        })
    }

    /// What is dialled.
    pub(super) fn dial(&self, safe: &Safe) -> Result<DialTask> {
        let key = KeyId::try_from(self.key_id.clone())?;
        let content = safe.vault.open(&key, place(&self.id), &self.content)?;
        let content: Map<String, Value> = serde_json::from_slice(&content).map_err(invalid)?;
        let class: TaskClass = parsed(&self.class)?;
        DialTask::stored(class, content).map_err(invalid)
    }
}

impl Repository<'_> {
    pub(super) fn sealed_task(&mut self, task: &Task) -> Result<SealedTask> {
        let (key_id, id) = (self.sealing_key()?, task.id.to_string());
        let content = serde_json::to_vec(task.dial.content()).map_err(invalid)?;
        let content = zeroize::Zeroizing::new(content);
        let content = self.safe.vault.seal(&key_id, place(&id), &content)?;
        Ok(SealedTask {
            id,
            enterprise_id: task.enterprise_id.to_string(),
            class: task.dial.class().as_str(),
            name: task.dial.name().as_ref().to_owned(),
            schedule: match task.dial.schedule() {
                Schedule::Every(frequency) => frequency.to_string(),
                Schedule::Crontab(_) => "crontab".to_owned(),
            },
            status: task.dial.status().as_str(),
            content,
            key_id: key_id.to_string(),
            region_id: task.region_id.map(|region| region.to_string()),
            created_by: task.created_by.map(|user| user.0),
            updated_by: task.updated_by.map(|user| user.0),
            created_at: task.created_at,
            updated_at: task.updated_at,
            deleted_at: task.deleted_at,
            version: task.version,
            target_since: task.target_since,
        })
    }
}
