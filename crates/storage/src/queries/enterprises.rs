//! Rows and queries of enterprises.

use cadastre_domain::enterprise::{Enterprise, EnterpriseName};
use cadastre_domain::id::{EnterpriseId, ParentKeyId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::enterprises;
use super::{Repository, Result};
use crate::Enterprises;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = enterprises, treat_none_as_default_value = false)]
struct EnterpriseRow {
    #[diesel(serialize_as = String, deserialize_as = String)]
    id: EnterpriseId,
    #[diesel(serialize_as = String, deserialize_as = String)]
    name: EnterpriseName,
    #[diesel(serialize_as = String, deserialize_as = String)]
    parent_key_id: ParentKeyId,
    created_at: DateTime<Utc>,
}

impl From<EnterpriseRow> for Enterprise {
    fn from(row: EnterpriseRow) -> Self {
        let EnterpriseRow { id, name, parent_key_id, created_at } = row;
        Self { id, name, parent_key_id, created_at }
    }
}

impl From<&Enterprise> for EnterpriseRow {
    fn from(enterprise: &Enterprise) -> Self {
        let Enterprise { id, name, parent_key_id, created_at } = enterprise.clone();
        Self { id, name, parent_key_id, created_at }
    }
}

impl Enterprises for Repository<'_> {
    fn insert_enterprise(&mut self, enterprise: &Enterprise) -> Result<()> {
        diesel::insert_into(enterprises::table)
            .values(EnterpriseRow::from(enterprise))
            .execute(self.conn()?)?;
        Ok(())
    }

    fn find_enterprise(&mut self, id: EnterpriseId) -> Result<Option<Enterprise>> {
        let row = enterprises::table
            .find(id.to_string())
            .select(EnterpriseRow::as_select())
            .first(self.conn()?)
            .optional()?;
        Ok(row.map(Enterprise::from))
    }

    fn find_enterprise_named(&mut self, name: &EnterpriseName) -> Result<Option<Enterprise>> {
        let row = enterprises::table
            .filter(enterprises::name.eq(name.as_ref()))
            .select(EnterpriseRow::as_select())
            .first(self.conn()?)
            .optional()?;
        Ok(row.map(Enterprise::from))
    }

    fn list_enterprises(&mut self) -> Result<Vec<Enterprise>> {
        let rows = enterprises::table
            .order(enterprises::id)
            .select(EnterpriseRow::as_select())
            .load(self.conn()?)?;
        Ok(rows.into_iter().map(Enterprise::from).collect())
    }
}
