//! Rows and queries of users.

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::user::{User, UserId, UserName};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::scan::{self, Fits, Looked, found_rows, look};
use super::schema::users;
use super::{Conn, Repository, Result, contains};
use crate::{Found, MOST_SCANNED, StorageError, Total, UserFilter, Users};

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
type Narrowed = users::BoxedQuery<'static, <Conn as Connection>::Backend>;

/// The users among whom those that fit are, wherever a list of them goes on.
fn driven(filter: &UserFilter) -> Narrowed {
    let query = users::table.into_boxed();
    match filter.enterprise {
        Some(enterprise) => query.filter(users::enterprise_id.eq(enterprise.to_string())),
        None => query,
    }
}

/// What the filter asks for besides.
fn conditions(filter: &UserFilter) -> Vec<Fits<'static, users::table>> {
    let named = |text: &String| {
        Box::new(folded_like!(users::name, contains(text)).nullable()) as Fits<'_, _>
    };
    filter.contains.as_ref().map(named).into_iter().collect()
}

impl Repository<'_> {
    fn look_at_users(
        &mut self,
        filter: &UserFilter,
        after: Option<&i64>,
        chunk: i64,
    ) -> Result<Vec<Looked<i64, i64>>> {
        look!(self, driven(filter), users::id, conditions(filter), after, chunk)
    }
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

    fn list_users(&mut self, filter: &UserFilter, limit: i64) -> Result<Found<User, UserId>> {
        let after = filter.after.map(|after| after.0);
        if conditions(filter).is_empty() {
            let mut query = driven(filter).select(UserRow::as_select());
            if let Some(after) = after {
                query = query.filter(users::id.gt(after));
            }
            let rows: Vec<UserRow> = query.order(users::id).limit(limit).load(self.conn()?)?;
            return Ok(Found::whole(rows.into_iter().map(User::from).collect()));
        }
        let look = |after: Option<&i64>, chunk| self.look_at_users(filter, after, chunk);
        let found = scan::scan(after, scan::size(limit), MOST_SCANNED, look)?;
        let rows = found_rows!(self, users::table, users::id, found.items, UserRow);
        let items = rows.into_iter().map(User::from).collect();
        Ok(Found { items, rest: found.rest.map(UserId) })
    }

    fn count_users(&mut self, filter: &UserFilter) -> Result<Total> {
        scan::count(|after, chunk| self.look_at_users(filter, after, chunk))
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
