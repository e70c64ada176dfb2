//! Rows and queries of first answers to requests that may be sent again. What was answered is
//! sealed, since it may hold secrets.

use cadastre_domain::id::TokenId;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::idempotent_answers;
use super::{Repository, Result, twice};
use crate::vault::{KeyId, Place};
use crate::{Answer, Answers, StorageError};

/// What identifies the row of an answer.
pub(super) fn row_of(token: &str, key: &str) -> String {
    format!("{token}/{key}")
}

/// Where an answer stands.
pub(super) const fn place(row: &str) -> Place<'_> {
    Place { table: "idempotent_answers", row, column: "sealed" }
}

impl Answers for Repository<'_> {
    fn find_answer(&mut self, token: TokenId, key: &str) -> Result<Option<Answer>> {
        let (token, safe) = (token.to_string(), self.safe);
        twice(|| {
            let row: Option<(Vec<u8>, i32, Vec<u8>, String)> = idempotent_answers::table
                .find((&token, key))
                .select((
                    idempotent_answers::digest,
                    idempotent_answers::status,
                    idempotent_answers::sealed,
                    idempotent_answers::key_id,
                ))
                .get_result(self.conn()?)
                .optional()?;
            let Some((digest, status, sealed, key_id)) = row else { return Ok(None) };
            let row = row_of(&token, key);
            let content = safe.vault.open(&KeyId::try_from(key_id)?, place(&row), &sealed)?;
            let digest = digest.try_into().map_err(|_| wrong_digest())?;
            Ok(Some(Answer { digest, status, content }))
        })
    }

    fn insert_answer(
        &mut self,
        token: TokenId,
        key: &str,
        answer: &Answer,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let (token, key_id) = (token.to_string(), self.sealing_key()?);
        let row = row_of(&token, key);
        let sealed = self.safe.vault.seal(&key_id, place(&row), &answer.content)?;
        diesel::insert_into(idempotent_answers::table)
            .values((
                idempotent_answers::token_id.eq(token),
                idempotent_answers::key.eq(key),
                idempotent_answers::digest.eq(answer.digest.to_vec()),
                idempotent_answers::status.eq(answer.status),
                idempotent_answers::sealed.eq(sealed),
                idempotent_answers::key_id.eq(key_id.to_string()),
                idempotent_answers::created_at.eq(now),
            ))
            .execute(self.conn()?)?;
        Ok(())
    }

    fn forget_answers(&mut self, before: DateTime<Utc>) -> Result<usize> {
        let old = idempotent_answers::table.filter(idempotent_answers::created_at.lt(before));
        Ok(diesel::delete(old).execute(self.conn()?)?)
    }
}

fn wrong_digest() -> StorageError {
    StorageError::Unusable("a digest in the table of answers has another length".to_owned())
}
