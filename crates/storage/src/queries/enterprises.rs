//! Rows and queries of enterprises.

use cadastre_domain::enterprise::{Enterprise, EnterpriseName};
use cadastre_domain::id::{EnterpriseId, ParentKeyId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::scan::{self, Fits, Looked, found_rows, look};
use super::schema::enterprises;
use super::{Conn, Repository, Result, contains, parsed};
use crate::{EnterpriseFilter, Enterprises, Found, MOST_SCANNED, Total};

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
type Narrowed = enterprises::BoxedQuery<'static, <Conn as Connection>::Backend>;

/// The enterprises among which those that fit are, wherever a list of them goes on.
fn driven(filter: &EnterpriseFilter) -> Narrowed {
    let query = enterprises::table.into_boxed();
    match filter.only {
        Some(only) => query.filter(enterprises::id.eq(only.to_string())),
        None => query,
    }
}

/// What the filter asks for besides.
fn conditions(filter: &EnterpriseFilter) -> Vec<Fits<'static, enterprises::table>> {
    let named = |text: &String| {
        Box::new(folded_like!(enterprises::name, contains(text)).nullable()) as Fits<'_, _>
    };
    filter.contains.as_ref().map(named).into_iter().collect()
}

impl Repository<'_> {
    fn look_at_enterprises(
        &mut self,
        filter: &EnterpriseFilter,
        after: Option<&String>,
        chunk: i64,
    ) -> Result<Vec<Looked<String, String>>> {
        look!(self, driven(filter), enterprises::id, conditions(filter), after, chunk)
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
    ) -> Result<Found<Enterprise, EnterpriseId>> {
        let after = filter.after.map(String::from);
        if conditions(filter).is_empty() {
            let mut query = driven(filter).select(EnterpriseRow::as_select());
            if let Some(after) = after {
                query = query.filter(enterprises::id.gt(after));
            }
            let rows: Vec<EnterpriseRow> =
                query.order(enterprises::id).limit(limit).load(self.conn()?)?;
            return Ok(Found::whole(rows.into_iter().map(Enterprise::from).collect()));
        }
        let look = |after: Option<&String>, chunk| self.look_at_enterprises(filter, after, chunk);
        let found = scan::scan(after, scan::size(limit), MOST_SCANNED, look)?;
        let id = enterprises::id;
        let rows = found_rows!(self, enterprises::table, id, found.items, EnterpriseRow);
        let items = rows.into_iter().map(Enterprise::from).collect();
        Ok(Found { items, rest: found.rest.map(|id| parsed(&id)).transpose()? })
    }

    fn count_enterprises(&mut self, filter: &EnterpriseFilter) -> Result<Total> {
        scan::count(|after, chunk| self.look_at_enterprises(filter, after, chunk))
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
