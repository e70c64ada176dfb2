//! Rows and queries of users.

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::user::{User, UserId, UserName};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::users;
use super::{Repository, Result, contains};
use crate::{StorageError, UserFilter, Users};

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct UserRow {
    id: i64,
    #[diesel(deserialize_as = String)]
    enterprise_id: EnterpriseId,
    #[diesel(deserialize_as = String)]
    name: UserName,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i64,
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        let UserRow { id, enterprise_id, name, created_at, updated_at, version } = row;
        Self { id: UserId(id), enterprise_id, name, created_at, updated_at, version }
    }
}

/// A list of users that is being narrowed down.
macro_rules! narrowed {
    ($filter:ident, $select:expr) => {{
        let mut query = users::table.select($select).into_boxed();
        if let Some(enterprise) = $filter.enterprise {
            query = query.filter(users::enterprise_id.eq(enterprise.to_string()));
        }
        if let Some(text) = &$filter.contains {
            query = query.filter(folded_like!(users::name, contains(text)));
        }
        if let Some(after) = $filter.after {
            query = query.filter(users::id.gt(after.0));
        }
        query
    }};
}

impl Users for Repository<'_> {
    fn ensure_user(
        &mut self,
        enterprise: EnterpriseId,
        name: &UserName,
        now: DateTime<Utc>,
    ) -> Result<UserId> {
        let known = users::table
            .filter(
                users::enterprise_id.eq(enterprise.to_string()).and(users::name.eq(name.as_ref())),
            )
            .select(users::id)
            .get_result(self.conn()?)
            .optional()?;
        match known {
            Some(id) => Ok(UserId(id)),
            None => self.insert_user(enterprise, name, now),
        }
    }

    fn insert_user(
        &mut self,
        enterprise: EnterpriseId,
        name: &UserName,
        now: DateTime<Utc>,
    ) -> Result<UserId> {
        let id = diesel::insert_into(users::table)
            .values((
                users::enterprise_id.eq(enterprise.to_string()),
                users::name.eq(name.as_ref()),
                users::created_at.eq(now),
                users::updated_at.eq(now),
            ))
            .returning(users::id)
            .get_result(self.conn()?)?;
        Ok(UserId(id))
    }

    fn find_user(&mut self, id: UserId) -> Result<Option<User>> {
        let row = users::table
            .find(id.0)
            .select(UserRow::as_select())
            .get_result(self.conn()?)
            .optional()?;
        Ok(row.map(User::from))
    }

    fn list_users(&mut self, filter: &UserFilter, limit: i64) -> Result<Vec<User>> {
        let rows: Vec<UserRow> = narrowed!(filter, UserRow::as_select())
            .order(users::id)
            .limit(limit)
            .load(self.conn()?)?;
        Ok(rows.into_iter().map(User::from).collect())
    }

    fn count_users(&mut self, filter: &UserFilter) -> Result<i64> {
        Ok(narrowed!(filter, diesel::dsl::count_star()).get_result(self.conn()?)?)
    }

    fn save_user(&mut self, user: &User) -> Result<bool> {
        let changed = diesel::update(users::table.find(user.id.0))
            .filter(users::version.eq(user.version - 1))
            .set((
                users::name.eq(user.name.as_ref()),
                users::updated_at.eq(user.updated_at),
                users::version.eq(user.version),
            ))
            .execute(self.conn()?)?;
        Ok(changed == 1)
    }

    fn find_user_name(&mut self, id: UserId) -> Result<Option<UserName>> {
        let name: Option<String> =
            users::table.find(id.0).select(users::name).get_result(self.conn()?).optional()?;
        name.map(UserName::try_from)
            .transpose()
            .map_err(|error| StorageError::Query(std::sync::Arc::new(error)))
    }
}
