//! Rows and queries of variables of dial tasks. Their values are sealed.

use cadastre_domain::id::{EnterpriseId, VariableId};
use cadastre_domain::variable::{
    DialVariable, VariableContent, VariableName, VariableSource, VariableWord, next_variable_time,
};
use chrono::{DateTime, Utc};
use diesel::dsl::{exists, max};
use diesel::prelude::*;

use super::scan::{self, Fits, Looked, found_rows, look};
use super::schema::{dial_variables, enterprises};
use super::{Conn, Repository, Result, contains, invalid, parsed, twice};
use crate::vault::{KeyId, Place};
use crate::{
    DialVariables, Found, MOST_SCANNED, StorageError, Total, VariableFilter, VariableState,
};

/// Where the value of a variable stands.
pub(super) const fn place(row: &str) -> Place<'_> {
    Place { table: "dial_variables", row, column: "value" }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = dial_variables, treat_none_as_default_value = false, treat_none_as_null = true)]
struct VariableRow {
    id: String,
    enterprise_id: String,
    name: String,
    value: Vec<u8>,
    key_id: String,
    is_secure: bool,
    task_id: Option<String>,
    task_var_name: String,
    post_script: String,
    update_time: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    deleted_at: Option<DateTime<Utc>>,
    version: i64,
}

/// How many variables are asked for in one statement.
const LOOK_UP: usize = 500;

/// A list of variables that is being narrowed down.
type Narrowed = dial_variables::BoxedQuery<'static, <Conn as Connection>::Backend>;

/// The variables among which those that fit are, wherever a list of them goes on.
fn driven(filter: &VariableFilter) -> Narrowed {
    let query = dial_variables::table.filter(dial_variables::deleted_at.is_null()).into_boxed();
    match filter.enterprise {
        Some(enterprise) => query.filter(dial_variables::enterprise_id.eq(enterprise.to_string())),
        None => query,
    }
}

/// What the filter asks for besides.
fn conditions(filter: &VariableFilter) -> Vec<Fits<'static, dial_variables::table>> {
    let named = |text: &String| {
        Box::new(folded_like!(dial_variables::name, contains(text)).nullable()) as Fits<'_, _>
    };
    filter.contains.as_ref().map(named).into_iter().collect()
}

impl Repository<'_> {
    fn look_at_variables(
        &mut self,
        filter: &VariableFilter,
        after: Option<&String>,
        chunk: i64,
    ) -> Result<Vec<Looked<String, String>>> {
        look!(self, driven(filter), dial_variables::id, conditions(filter), after, chunk)
    }

    /// The variables after one that an index leaves, of which a list shows all.
    fn first_variables(&mut self, filter: &VariableFilter, limit: i64) -> Result<Vec<VariableRow>> {
        let mut query = driven(filter).select(VariableRow::as_select());
        if let Some(after) = filter.after {
            query = query.filter(dial_variables::id.gt(after.to_string()));
        }
        Ok(query.order(dial_variables::id).limit(limit).load(self.conn()?)?)
    }

    fn opened_variable(&self, row: VariableRow) -> Result<DialVariable> {
        let value =
            self.safe.open_text(&KeyId::try_from(row.key_id)?, place(&row.id), &row.value)?;
        let (word, post_script) = (row.task_var_name, row.post_script);
        let source = |task: String| {
            let task_var_name = VariableWord::try_from(word).map_err(invalid)?;
            Ok::<_, StorageError>(VariableSource {
                task_id: parsed(&task)?,
                task_var_name,
                post_script,
            })
        };
        let content = VariableContent {
            name: VariableName::try_from(row.name).map_err(invalid)?,
            value,
            is_secure: row.is_secure,
            source: row.task_id.map(source).transpose()?,
        };
        Ok(DialVariable {
            id: parsed(&row.id)?,
            enterprise_id: parsed(&row.enterprise_id)?,
            content,
            update_time: row.update_time,
            created_at: row.created_at,
            updated_at: row.updated_at,
            deleted_at: row.deleted_at,
            version: row.version,
        })
    }

    /// The row of a variable that is changed now.
    fn sealed_variable(&mut self, variable: &DialVariable) -> Result<VariableRow> {
        let (key, id) = (self.sealing_key()?, variable.id.to_string());
        let enterprise_id = variable.enterprise_id.to_string();
        let update_time = self.next_variable_time(&enterprise_id, variable.updated_at)?;
        let content = &variable.content;
        let value = content.value.reveal().as_bytes();
        let source = content.source.as_ref();
        Ok(VariableRow {
            value: self.safe.vault.seal(&key, place(&id), value)?,
            id,
            enterprise_id,
            name: content.name.as_ref().to_owned(),
            key_id: key.to_string(),
            is_secure: content.is_secure,
            task_id: source.map(|source| source.task_id.to_string()),
            task_var_name: source
                .map(|source| source.task_var_name.as_ref().to_owned())
                .unwrap_or_default(),
            post_script: source.map(|source| source.post_script.clone()).unwrap_or_default(),
            update_time,
            created_at: variable.created_at,
            updated_at: variable.updated_at,
            deleted_at: variable.deleted_at,
            version: variable.version,
        })
    }

    /// A time for the next change of a variable of this enterprise, which none of them has or had.
    fn next_variable_time(&mut self, enterprise: &str, now: DateTime<Utc>) -> Result<i64> {
        let last = enterprises::table
            .find(enterprise)
            .select(enterprises::last_variable_time)
            .get_result(self.conn()?)?;
        let next = next_variable_time(last, now);
        diesel::update(enterprises::table.find(enterprise))
            .set(enterprises::last_variable_time.eq(next))
            .execute(self.conn()?)?;
        Ok(next)
    }

    fn opened_variables(&self, rows: Vec<VariableRow>) -> Result<Vec<DialVariable>> {
        rows.into_iter().map(|row| self.opened_variable(row)).collect()
    }
}

impl DialVariables for Repository<'_> {
    fn insert_variable(&mut self, variable: &DialVariable) -> Result<()> {
        let row = self.sealed_variable(variable)?;
        diesel::insert_into(dial_variables::table).values(row).execute(self.conn()?)?;
        Ok(())
    }

    fn find_variable(&mut self, id: VariableId) -> Result<Option<DialVariable>> {
        twice(|| {
            let row = dial_variables::table
                .find(id.to_string())
                .filter(dial_variables::deleted_at.is_null())
                .select(VariableRow::as_select())
                .get_result(self.conn()?)
                .optional()?;
            row.map(|row| self.opened_variable(row)).transpose()
        })
    }

    fn find_variables(
        &mut self,
        enterprise: EnterpriseId,
        ids: &[VariableId],
    ) -> Result<Vec<DialVariable>> {
        twice(|| {
            let mut found = Vec::new();
            for some in ids.chunks(LOOK_UP) {
                let some: Vec<_> = some.iter().map(ToString::to_string).collect();
                let rows = dial_variables::table
                    .filter(dial_variables::enterprise_id.eq(enterprise.to_string()))
                    .filter(dial_variables::id.eq_any(some))
                    .filter(dial_variables::deleted_at.is_null())
                    .select(VariableRow::as_select())
                    .load(self.conn()?)?;
                found.extend(self.opened_variables(rows)?);
            }
            Ok(found)
        })
    }

    fn list_variables(
        &mut self,
        filter: &VariableFilter,
        limit: i64,
    ) -> Result<Found<DialVariable, VariableId>> {
        twice(|| {
            if conditions(filter).is_empty() {
                let rows = self.first_variables(filter, limit)?;
                return Ok(Found::whole(self.opened_variables(rows)?));
            }
            let after = filter.after.map(|after| after.to_string());
            let look = |after: Option<&String>, chunk| self.look_at_variables(filter, after, chunk);
            let found = scan::scan(after, scan::size(limit), MOST_SCANNED, look)?;
            let id = dial_variables::id;
            let rows = found_rows!(self, dial_variables::table, id, found.items, VariableRow);
            let rest = found.rest.map(|id| parsed(&id)).transpose()?;
            Ok(Found { items: self.opened_variables(rows)?, rest })
        })
    }

    fn count_variables(&mut self, filter: &VariableFilter) -> Result<Total> {
        scan::count(|after, chunk| self.look_at_variables(filter, after, chunk))
    }

    fn save_variable(&mut self, variable: &DialVariable) -> Result<bool> {
        let row = self.sealed_variable(variable)?;
        let changed = diesel::update(dial_variables::table.find(variable.id.to_string()))
            .filter(dial_variables::version.eq(variable.version - 1))
            .set(row)
            .execute(self.conn()?)?;
        Ok(changed == 1)
    }

    fn variables_behind(
        &mut self,
        enterprise: EnterpriseId,
        since: i64,
        limit: i64,
    ) -> Result<Vec<DialVariable>> {
        twice(|| {
            let rows = dial_variables::table
                .filter(dial_variables::enterprise_id.eq(enterprise.to_string()))
                .filter(dial_variables::update_time.gt(since))
                .order(dial_variables::update_time)
                .limit(limit)
                .select(VariableRow::as_select())
                .load(self.conn()?)?;
            self.opened_variables(rows)
        })
    }

    fn variable_states(&mut self) -> Result<Vec<(EnterpriseId, VariableState)>> {
        let times: Vec<(String, Option<i64>)> = dial_variables::table
            .group_by(dial_variables::enterprise_id)
            .select((dial_variables::enterprise_id, max(dial_variables::update_time)))
            .load(self.conn()?)?;
        let mut states = Vec::new();
        for (id, time) in times {
            let computed = dial_variables::table
                .filter(dial_variables::enterprise_id.eq(&id))
                .filter(dial_variables::task_id.is_not_null())
                .filter(dial_variables::deleted_at.is_null());
            let is_computed = diesel::select(exists(computed)).get_result(self.conn()?)?;
            let update_time = time.unwrap_or_default();
            states.push((parsed(&id)?, VariableState { update_time, is_computed }));
        }
        Ok(states)
    }

    fn forget_variables(&mut self, before: DateTime<Utc>) -> Result<usize> {
        let gone = dial_variables::table.filter(dial_variables::deleted_at.lt(before));
        Ok(diesel::delete(gone).execute(self.conn()?)?)
    }
}
