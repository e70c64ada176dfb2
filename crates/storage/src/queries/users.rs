//! Rows and queries of users.

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::user::{User, UserId, UserName};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::users;
use super::{Repository, Result};
use crate::{StorageError, Users};

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct UserRow {
    id: i64,
    #[diesel(deserialize_as = String)]
    enterprise_id: EnterpriseId,
    #[diesel(deserialize_as = String)]
    name: UserName,
    created_at: DateTime<Utc>,
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        let UserRow { id, enterprise_id, name, created_at } = row;
        Self { id: UserId(id), enterprise_id, name, created_at }
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
            .first(self.conn()?)
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
            ))
            .returning(users::id)
            .get_result(self.conn()?)?;
        Ok(UserId(id))
    }

    fn find_user(&mut self, id: UserId) -> Result<Option<User>> {
        let row =
            users::table.find(id.0).select(UserRow::as_select()).first(self.conn()?).optional()?;
        Ok(row.map(User::from))
    }

    fn list_users(
        &mut self,
        enterprise: Option<EnterpriseId>,
        after: Option<UserId>,
        limit: i64,
    ) -> Result<Vec<User>> {
        let mut query = users::table.select(UserRow::as_select()).into_boxed();
        if let Some(enterprise) = enterprise {
            query = query.filter(users::enterprise_id.eq(enterprise.to_string()));
        }
        if let Some(after) = after {
            query = query.filter(users::id.gt(after.0));
        }
        let rows = query.order(users::id).limit(limit).load(self.conn()?)?;
        Ok(rows.into_iter().map(User::from).collect())
    }

    fn find_user_name(&mut self, id: UserId) -> Result<Option<UserName>> {
        let name: Option<String> =
            users::table.find(id.0).select(users::name).first(self.conn()?).optional()?;
        name.map(UserName::try_from)
            .transpose()
            .map_err(|error| StorageError::Query(std::sync::Arc::new(error)))
    }
}
