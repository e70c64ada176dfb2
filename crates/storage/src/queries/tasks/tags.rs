//! Rows and queries of the tags of dial tasks.

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::task::{Tag, TagName, Task};
use diesel::prelude::*;

use super::super::schema::{dial_tags, dial_task_tags};
use super::super::{Repository, Result, invalid, parsed};

pub(super) fn tag(id: &str, name: String) -> Result<Tag> {
    Ok(Tag { id: parsed(id)?, name: TagName::try_from(name).map_err(invalid)? })
}

impl Repository<'_> {
    pub(super) fn replace_tags(&mut self, task: &Task) -> Result<()> {
        let task_id = task.id.to_string();
        diesel::delete(dial_task_tags::table.filter(dial_task_tags::task_id.eq(&task_id)))
            .execute(self.conn()?)?;
        for tag in &task.tags {
            diesel::insert_into(dial_task_tags::table)
                .values((
                    dial_task_tags::task_id.eq(&task_id),
                    dial_task_tags::tag_id.eq(tag.id.to_string()),
                ))
                .execute(self.conn()?)?;
        }
        Ok(())
    }

    pub(super) fn ensure_tag(&mut self, enterprise: EnterpriseId, new: &Tag) -> Result<Tag> {
        let known: Option<String> = dial_tags::table
            .filter(dial_tags::enterprise_id.eq(enterprise.to_string()))
            .filter(dial_tags::name.eq(new.name.as_ref()))
            .select(dial_tags::id)
            .get_result(self.conn()?)
            .optional()?;
        if let Some(id) = known {
            return tag(&id, new.name.as_ref().to_owned());
        }
        diesel::insert_into(dial_tags::table)
            .values((
                dial_tags::id.eq(new.id.to_string()),
                dial_tags::enterprise_id.eq(enterprise.to_string()),
                dial_tags::name.eq(new.name.as_ref()),
            ))
            .execute(self.conn()?)?;
        Ok(new.clone())
    }

    pub(super) fn all_tags(&mut self, enterprise: EnterpriseId) -> Result<Vec<Tag>> {
        let rows: Vec<(String, String)> = dial_tags::table
            .filter(dial_tags::enterprise_id.eq(enterprise.to_string()))
            .order(dial_tags::name)
            .select((dial_tags::id, dial_tags::name))
            .load(self.conn()?)?;
        rows.into_iter().map(|(id, name)| tag(&id, name)).collect()
    }
}
