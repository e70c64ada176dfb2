//! Rows and queries of enterprises.

use cadastre_domain::enterprise::{Enterprise, EnterpriseName};
use cadastre_domain::id::{EnterpriseId, ParentKeyId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::enterprises;
use super::{Repository, Result, contains};
use crate::{EnterpriseFilter, Enterprises};

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
    updated_at: DateTime<Utc>,
    version: i64,
}

impl From<EnterpriseRow> for Enterprise {
    fn from(row: EnterpriseRow) -> Self {
        let EnterpriseRow { id, name, parent_key_id, created_at, updated_at, version } = row;
        Self { id, name, parent_key_id, created_at, updated_at, version }
    }
}

impl From<&Enterprise> for EnterpriseRow {
    fn from(enterprise: &Enterprise) -> Self {
        let Enterprise { id, name, parent_key_id, created_at, updated_at, version } =
            enterprise.clone();
        Self { id, name, parent_key_id, created_at, updated_at, version }
    }
}

/// A list of enterprises that is being narrowed down.
macro_rules! narrowed {
    ($filter:ident, $select:expr) => {{
        let mut query = enterprises::table.select($select).into_boxed();
        if let Some(only) = $filter.only {
            query = query.filter(enterprises::id.eq(only.to_string()));
        }
        if let Some(text) = &$filter.contains {
            query = query.filter(folded_like!(enterprises::name, contains(text)));
        }
        if let Some(after) = $filter.after {
            query = query.filter(enterprises::id.gt(after.to_string()));
        }
        query
    }};
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
            .get_result(self.conn()?)
            .optional()?;
        Ok(row.map(Enterprise::from))
    }

    fn find_enterprise_named(&mut self, name: &EnterpriseName) -> Result<Option<Enterprise>> {
        let row = enterprises::table
            .filter(enterprises::name.eq(name.as_ref()))
            .select(EnterpriseRow::as_select())
            .get_result(self.conn()?)
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

    fn list_some_enterprises(
        &mut self,
        filter: &EnterpriseFilter,
        limit: i64,
    ) -> Result<Vec<Enterprise>> {
        let rows: Vec<EnterpriseRow> = narrowed!(filter, EnterpriseRow::as_select())
            .order(enterprises::id)
            .limit(limit)
            .load(self.conn()?)?;
        Ok(rows.into_iter().map(Enterprise::from).collect())
    }

    fn count_enterprises(&mut self, filter: &EnterpriseFilter) -> Result<i64> {
        Ok(narrowed!(filter, diesel::dsl::count_star()).get_result(self.conn()?)?)
    }

    fn save_enterprise(&mut self, enterprise: &Enterprise) -> Result<bool> {
        let changed = diesel::update(enterprises::table.find(enterprise.id.to_string()))
            .filter(enterprises::version.eq(enterprise.version - 1))
            .set((
                enterprises::name.eq(enterprise.name.as_ref()),
                enterprises::updated_at.eq(enterprise.updated_at),
                enterprises::version.eq(enterprise.version),
            ))
            .execute(self.conn()?)?;
        Ok(changed == 1)
    }
}
