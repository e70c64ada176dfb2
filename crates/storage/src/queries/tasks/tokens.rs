//! Rows and queries of the credential of results: one of each enterprise. Nodes are told it in clear,
//! so it is sealed, and found by a digest: it has 128 bits of chance.

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::secret::Secret;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use sha2::{Digest as _, Sha256};

use super::super::schema::result_tokens;
use super::super::{Repository, Result, parsed};
use crate::vault::{KeyId, Place};

/// Where the token of an enterprise stands.
pub(in super::super) const fn place(row: &str) -> Place<'_> {
    Place { table: "result_tokens", row, column: "sealed" }
}

fn digest(text: &Secret) -> Vec<u8> {
    Sha256::digest(text.reveal().as_bytes()).to_vec()
}

impl Repository<'_> {
    pub(super) fn open_result_token(&mut self, enterprise: EnterpriseId) -> Result<Option<Secret>> {
        let row = enterprise.to_string();
        let found: Option<(Vec<u8>, String)> = result_tokens::table
            .find(&row)
            .select((result_tokens::sealed, result_tokens::key_id))
            .get_result(self.conn()?)
            .optional()?;
        let Some((sealed, key)) = found else { return Ok(None) };
        self.safe.open_text(&KeyId::try_from(key)?, place(&row), &sealed).map(Some)
    }

    pub(super) fn add_result_token(
        &mut self,
        enterprise: EnterpriseId,
        new: &Secret,
        now: DateTime<Utc>,
    ) -> Result<Secret> {
        let (key, row) = (self.sealing_key()?, enterprise.to_string());
        let sealed = self.safe.vault.seal(&key, place(&row), new.reveal().as_bytes())?;
        diesel::insert_into(result_tokens::table)
            .values((
                result_tokens::enterprise_id.eq(&row),
                result_tokens::digest.eq(digest(new)),
                result_tokens::sealed.eq(sealed),
                result_tokens::key_id.eq(key.to_string()),
                result_tokens::created_at.eq(now),
            ))
            .execute(self.conn()?)?;
        Ok(new.clone())
    }

    pub(super) fn owner_of_result_token(&mut self, text: &Secret) -> Result<Option<EnterpriseId>> {
        let found: Option<String> = result_tokens::table
            .filter(result_tokens::digest.eq(digest(text)))
            .select(result_tokens::enterprise_id)
            .get_result(self.conn()?)
            .optional()?;
        found.as_deref().map(parsed).transpose()
    }
}
