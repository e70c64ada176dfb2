//! Rows and queries of users.

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::user::{UserId, UserName};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::users;
use super::{Repository, Result};
use crate::{StorageError, Users};

impl Users for Repository<'_> {
    fn ensure_user(
        &mut self,
        enterprise: EnterpriseId,
        name: &UserName,
        now: DateTime<Utc>,
    ) -> Result<UserId> {
        let enterprise = enterprise.to_string();
        let known = users::table
            .filter(users::enterprise_id.eq(&enterprise).and(users::name.eq(name.as_ref())))
            .select(users::id)
            .first(self.conn()?)
            .optional()?;
        if let Some(id) = known {
            return Ok(UserId(id));
        }
        let id = diesel::insert_into(users::table)
            .values((
                users::enterprise_id.eq(enterprise),
                users::name.eq(name.as_ref()),
                users::created_at.eq(now),
            ))
            .returning(users::id)
            .get_result(self.conn()?)?;
        Ok(UserId(id))
    }

    fn find_user_name(&mut self, id: UserId) -> Result<Option<UserName>> {
        let name: Option<String> =
            users::table.find(id.0).select(users::name).first(self.conn()?).optional()?;
        name.map(UserName::try_from)
            .transpose()
            .map_err(|error| StorageError::Query(std::sync::Arc::new(error)))
    }
}
